"""Whatever a program or a text says: its code stays, its lines stay, its terms go, and hiding twice changes nothing."""

import ast
import io
import re
import tokenize
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from learning_platform.snapshots.masking.languages import LEXERS
from learning_platform.snapshots.masking.mask import MARK, mask_of
from learning_platform.snapshots.masking.patterns import ALWAYS, LINKS, Pattern, folded
from learning_platform.snapshots.masking.terms import Terms
from learning_platform.snapshots.paths import ensure_no_twins
from learning_platform.snapshots.rules import FreezeFailed

# Two of the terms are words of the programs below: a surname, and a friend's login.
TERMS = Terms(
    logins=("ivan-petrov99",),
    emails=("ivan.petrov@mail.example",),
    names=("Пётр Щукин", "Tester"),
    added=("Кот Борис", "21-3"),
    whole=("data",),
)
MASK = mask_of(TERMS)
SPELLINGS = (
    *("Щукин", "щукину", "Shchukin", "SCHUKIN", "Šukin", "ｓｈｃｈｕｋｉｎ", "petrShchukin", "shchukin_petr", "Tester"),
    *("ivan-petrov99", "Ivan_Petrov99", "ivan.petrov@mail.example", "кот борис", "kot_boris", "21-3", "data"),
    *("someone@elsewhere.example", "/home/vanya/lab", r"C:\Users\Vanya\lab", "© 2026 Vanya", "@author Vanya"),
    *("https://github.com/vanya/lab", MARK),
)
WORDS = ("import", "tester", "x", "value", "the", "и", "для", "1", "copyright", "author:", "a@b", "(c)", "`", "*")
PLAIN = st.sampled_from(WORDS)
PHRASE = st.lists(st.sampled_from(SPELLINGS) | PLAIN, max_size=6).map(" ".join)
QUOTABLE = PHRASE.map(lambda text: text.replace("\\", "/").replace('"', "").replace("`", ""))
NAMES = st.sampled_from(["tester", "data", "self", "x", "щукин", "petr", "author", "copyright"])
PYTHON_LINES = st.one_of(
    NAMES.map(lambda name: f"import {name}"),
    st.tuples(NAMES, NAMES).map(lambda pair: f"{pair[0]} = {pair[1]} @ {pair[0]}.{pair[1]}"),
    st.tuples(NAMES, QUOTABLE).map(lambda pair: f'{pair[0]} = "{pair[1]}"'),
    st.tuples(NAMES, QUOTABLE).map(lambda pair: f'{pair[0]} = f"{pair[1]} {{{pair[0]}}}"'),
    st.tuples(NAMES, PHRASE).map(lambda pair: f"{pair[0]}()  # {pair[1]}"),
    QUOTABLE.map(lambda text: f'def tester(data):\n    """{text}"""'),
)
SCRIPT_LINES = st.one_of(
    NAMES.map(lambda name: f"import {name} from '{MARK}';"),
    st.tuples(NAMES, QUOTABLE).map(lambda pair: f'const {pair[0]} = "{pair[1]}" + {pair[0]};'),
    st.tuples(NAMES, QUOTABLE).map(lambda pair: f"let {pair[0]} = `{pair[1]} ${{{pair[0]}}}`;"),
    st.tuples(NAMES, PHRASE).map(lambda pair: f"{pair[0]}(); // {pair[1].replace('*/', '')}"),
    QUOTABLE.map(lambda text: f"/* {text.replace('*', '')} */"),
)
ENDS = st.sampled_from(["\n", "\r\n"])


def program(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    written = st.tuples(st.lists(lines, max_size=8).map("\n".join), ENDS)
    return written.map(lambda pair: pair[0].replace("\n", pair[1]))


def ensure_masked(text: str, path: str) -> str:
    masked = MASK.text(text, path)
    assert [line[len(line.rstrip("\r")) :] for line in masked.split("\n")] == [
        line[len(line.rstrip("\r")) :] for line in text.split("\n")
    ]
    assert MASK.text(masked, path) == masked
    return masked


@settings(max_examples=400)
@given(program(PYTHON_LINES))
def test_code_of_python_stays_as_it_is(text: str) -> None:
    masked = ensure_masked(text, "main.py")
    assert _python_tokens(masked) == _python_tokens(text)
    if _is_python(text):
        assert _is_python(masked)


@settings(max_examples=400)
@given(program(SCRIPT_LINES))
def test_code_of_javascript_stays_as_it_is(text: str) -> None:
    masked = ensure_masked(text, "main.js")
    assert _script_tokens(masked) == _script_tokens(text)


@settings(max_examples=600)
@given(st.lists(PHRASE, max_size=5), st.sampled_from(["README.md", "notes.txt", "conf.yaml", "LICENSE", "a.csv"]))
def test_no_term_is_left_in_prose(lines: list[str], path: str) -> None:
    masked = ensure_masked("\n".join(lines), path)
    assert _left(masked) == []


@settings(max_examples=300)
@given(st.text(max_size=200), st.sampled_from(sorted(LEXERS)))
def test_any_text_keeps_its_lines_in_any_language(text: str, suffix: str) -> None:
    ensure_masked(text, f"file{suffix}")


PARTS = st.sampled_from(["ivan.py", "Щукин", "tester", MARK, "21-3.md", "src", "Shchukin"])
PATHS = st.lists(st.lists(PARTS, min_size=1))


@settings(max_examples=200)
@given(PATHS.map(lambda paths: sorted({"/".join(path) for path in paths})))
def test_paths_stay_apart_and_lose_their_terms(paths: list[str]) -> None:
    mask = mask_of(TERMS, paths)
    shown = [mask.path(path) for path in paths]
    assert len({path.casefold() for path in shown}) == len(paths)
    assert [path.count("/") for path in shown] == [path.count("/") for path in paths]
    assert _left("\n".join(shown).replace("/", "\n")) == []


# Names that differ in case or composition only, as one iteration may have one and the next the other.
TWINS = st.sampled_from(
    ["a_tester", "a_Щукин", f"a{MARK}", f"A{MARK}", "Src", "lab", "\u00e9", "e\u0301", f"a{MARK}2", "src"]
)
TREES = st.lists(
    st.lists(st.lists(TWINS, min_size=1, max_size=3), max_size=12).map(lambda paths: _tree(paths)), max_size=3
)


@settings(max_examples=400)
@given(TREES)
def test_a_masked_tree_can_be_unpacked_wherever_the_tree_can(trees: list[list[str]]) -> None:
    mask = mask_of(TERMS, [path for tree in trees for path in tree])
    for tree in trees:
        shown = [mask.path(path) for path in tree]
        ensure_no_twins(shown)
        assert [path for path in tree if _is_kept(path)] == [
            path for path, original in zip(shown, tree, strict=True) if _is_kept(original)
        ]


def _tree(paths: list[list[str]]) -> list[str]:
    """Return those of these paths that a tree may have together."""
    tree: list[str] = []
    for path in map("/".join, paths):
        with suppress(FreezeFailed):
            ensure_no_twins([*tree, path])
            tree.append(path)
    return tree


def _is_kept(path: str) -> bool:
    """Say whether nothing in a path is hidden."""
    return not any(term in path for term in ("tester", "Щукин"))


@pytest.mark.parametrize("suffix", sorted(LEXERS))
def test_every_language_has_a_lexer(suffix: str) -> None:
    assert all(get_lexer_by_name(language) for language in LEXERS[suffix])


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _python_tokens(text: str) -> list[tuple[int, str]]:
    """Return all tokens of Python but the content of texts and comments, as Python itself reads them."""
    kept: list[tuple[int, str]] = []
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kept += [(token.type, "" if token.type == tokenize.STRING else token.string)]
    return [(kind, string) for kind, string in kept if kind != tokenize.COMMENT]


def _script_tokens(text: str) -> list[str]:
    """Return a script without its texts and comments."""
    hideable = r"\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`|//[^\n]*|/\*.*?\*/"
    return re.sub(hideable, lambda match: " ".join(re.findall(r"\$\{\w+\}", match[0])), text).split()


# Not by the code under test: some of the ways in which people look for a name.
LATIN = dict(zip("абвгдезийклмнопрстуфхцыэ", "abvgdeziiklmnoprstufhcye", strict=True)) | {"щ": "shch", "ё": "e"}
SOUGHT = ("щукин", "shchukin", "schukin", "ivan-petrov99", "ivan_petrov99", "ivan.petrov", "kot boris", "kot_boris")


def _left(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text.replace(MARK, " ")).casefold()
    latin = "".join(LATIN.get(character, character) for character in plain)
    words = re.findall(r"[\w-]+", plain)
    found = [term for term in SOUGHT if term in plain or term in latin]
    return found + [word for word in ("tester", "21-3", "vanya", "data") if word in words]


@pytest.mark.parametrize("pattern", [*ALWAYS, *LINKS], ids=lambda pattern: pattern.words[0])
@given(data=st.data())
def test_nothing_is_found_without_one_of_the_words_of_a_pattern(pattern: Pattern, data: st.DataObject) -> None:
    found = data.draw(st.from_regex(pattern.expression))
    assert any(word in folded(found) for word in pattern.words)
