"""Code as HTML with its tokens marked, by Pygments. It runs in worker processes only: lexers are given any text."""

from collections.abc import Sequence
from functools import lru_cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from learning_platform.core.cpu_limit import CpuBudget, OutOfTime

# Short names of token types, as Pygments gives them; style.css colours them.
HIGHLIGHTER = HtmlFormatter(nowrap=True)
MAX_LANGUAGE_LENGTH = 50
# 40,000 characters of the slowest languages take less.
FILE_SECONDS = 0.4


def highlighted(code: str, language: str, budget: CpuBudget) -> str | None:
    """Return code as HTML, or None where its language is unknown or the time does not suffice."""
    try:
        with budget.spent():
            lexer = _lexer(language)
            return None if lexer is None else highlight(code, lexer, HIGHLIGHTER)
    except (OutOfTime, RecursionError):
        return None


def highlighted_files(files: Sequence[tuple[str, str]]) -> list[str | None]:
    """Return files, given as code and language, as `highlighted` does; one that takes long costs the others nothing."""
    return [highlighted(code, language, CpuBudget(FILE_SECONDS)) for code, language in files]


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    """Return the lexer of a language. The cache matters: of unknown names Pygments asks every installed package."""
    if not language or len(language) > MAX_LANGUAGE_LENGTH:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
