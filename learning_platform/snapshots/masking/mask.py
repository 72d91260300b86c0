"""Hides in files and paths what would reveal an author.

In code only whole logins and known addresses are hidden, because a name may also be a word (`import tester`); in
comments, texts, other files and paths all terms, and what names people in any case (patterns.py, fields.py).
"""

import re
from collections.abc import Iterable
from contextlib import nullcontext
from functools import lru_cache

from learning_platform.core.cpu_limit import CpuBudget, OutOfTime
from learning_platform.snapshots.masking.fields import spans_of_fields
from learning_platform.snapshots.masking.languages import Views, languages_of
from learning_platform.snapshots.masking.notebooks import masked_notebook
from learning_platform.snapshots.masking.paths import masked_paths
from learning_platform.snapshots.masking.patterns import spans_of_links, spans_of_patterns
from learning_platform.snapshots.masking.prose import Prose, Span, merged
from learning_platform.snapshots.masking.terms import Terms, keys_of

# The same for whatever is hidden, and a name in most languages, so that programs still run.
MARK = "_hidden_"
# Files that are built with: a link in them is an address that has to work.
DEPENDENCIES = re.compile(r"(?i)(?:^|/)(?:go\.(?:mod|sum)|requirements[^/]*\.txt|[^/]*[-.]lock(\.json|\.yaml|file)?)$")
# Larger files are not highlighted either: they are data, or were written by a program.
MAX_LEXED_CHARACTERS = 300_000
SPLITS = re.compile(r"[-_.]")


class Mask:
    """What is hidden for one author, in trees whose paths are given."""

    def __init__(self, terms: Terms, paths: Iterable[str] = ()) -> None:
        self.terms = terms
        self._prose = Prose(keys_of(terms))
        self._logins = [_login(login) for login in terms.logins]
        self._emails = [_email(email) for email in terms.emails]
        self._paths = masked_paths(paths, self._masked_name)

    def text(self, content: str, path: str, budget: CpuBudget | None = None) -> str:
        """Return a file's text for reviewers, with as many lines as before.

        Where the budget does not suffice to separate code from prose, or the file is too large for it, all is taken
        for prose, which hides more.
        """
        return self.text_and_places(content, path, budget)[0]

    def text_and_places(self, content: str, path: str, budget: CpuBudget | None = None) -> tuple[str, int]:
        """Return a file's text for reviewers, and in how many places something is hidden."""
        if path.lower().endswith(".ipynb"):
            found = masked_notebook(content, lambda text, name: self.text_and_places(text, name, budget))
            if found is not None:
                return found
        spans = self.spans(content, path, budget)
        return replaced(content, spans), len(spans)

    def spans(self, content: str, path: str, budget: CpuBudget | None = None) -> list[Span]:
        """Return the places in a file's text that are hidden, in order. Places that were hidden before are none."""
        # What was hidden once is no word, and no term is found across it.
        text = content.replace(MARK, "\ufffc" * len(MARK))
        views = _views(text, path, budget)
        spans = [
            *self._prose.spans(views.prose),
            *spans_of_patterns(views.prose),
            *(() if DEPENDENCIES.search(path) else spans_of_links(views.comments)),
            *(match.span() for pattern in self._logins for match in pattern.finditer(views.names)),
            *(match.span() for pattern in self._emails for match in pattern.finditer(text)),
            *spans_of_fields(text, path),
        ]
        return [(start, end) for start, end in merged(spans, text) if content[start:end] != MARK]

    def path(self, path: str) -> str:
        """Return what is shown of a path; of those that were given, two are never shown as one."""
        known = self._paths.get(path)
        return known if known is not None else "/".join(map(self._masked_name, path.split("/")))

    def _masked_name(self, name: str) -> str:
        text = name.replace(MARK, "\ufffc" * len(MARK))
        return replaced(name, merged([*self._prose.spans(text), *spans_of_patterns(text)], text))


def mask_of(terms: Terms, paths: Iterable[str] = ()) -> Mask:
    """Return what hides these terms, in trees with these paths."""
    return Mask(terms, paths)


def replaced(content: str, spans: Iterable[Span]) -> str:
    """Return a text with its spans hidden."""
    parts, last = [], 0
    for start, end in spans:
        parts += [content[last:start], MARK]
        last = end
    return "".join([*parts, content[last:]])


def _views(text: str, path: str, budget: CpuBudget | None) -> Views:
    languages = languages_of(path)
    if not languages or len(text) > MAX_LEXED_CHARACTERS:
        return Views(text, text, "")
    # Not even loaded in a web process, which masks nothing but paths.
    from learning_platform.snapshots.masking.segments import views_of

    try:
        with nullcontext() if budget is None else budget.spent():
            return views_of(text, languages)
    except (OutOfTime, RecursionError):
        return Views(text, text, "")


@lru_cache(maxsize=1000)
def _login(login: str) -> re.Pattern[str]:
    """Return what finds a login among names of a program; a login that is no plain word also as a part of one."""
    spelled = r"[-_.]".join(re.escape(part) for part in SPLITS.split(login))
    around = r"\w" if login.isalpha() else r"[^\W_]"
    return re.compile(rf"(?i)(?<!{around}){spelled}(?!{around})")


@lru_cache(maxsize=1000)
def _email(email: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![\w.+-]){re.escape(email)}(?![\w-])")
