"""Which parts of a file are code, and which are prose: comments, texts, and everything of other files.

Lexers are given any text, so they run in worker processes with a limit on their time (masking/tasks.py).
"""

import re
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import TypeAlias

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String

from learning_platform.snapshots.masking.languages import Views

TokenType: TypeAlias = tuple[str, ...]
CODE: tuple[TokenType, ...] = (
    *(Keyword, Name, Number, Operator, Punctuation),
    *(String.Affix, String.Interpol, String.Symbol),
)
# Words of the language itself, as login names sometimes are ("self", "print").
OF_THE_LANGUAGE: tuple[TokenType, ...] = (Keyword, Name.Builtin, Number, Operator, Punctuation, String.Affix)
# In the order of how much is hidden in them: of two opinions the first counts.
COMMENT, TEXT, NAME, FIXED = range(4)
# A lexer may take code for a comment, as C's `#define NAME "Petrov"`: only the texts in it are prose.
PREPROCESSOR: TokenType = Comment.Preproc
QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?")
BLANK = "\0"
SAME_KIND = re.compile(rb"(?s)(.)\1*")


def views_of(text: str, languages: Sequence[str]) -> Views:
    """Return the parts of a program that may be written in one of these languages."""
    # Lexers know one end of a line only.
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    kinds = bytes(map(min, zip(*(_kinds(lines, language) for language in languages), strict=True)))
    return Views(_only(text, kinds, {TEXT, COMMENT}), _only(text, kinds, {COMMENT}), _only(text, kinds, {NAME}))


def _only(text: str, kinds: bytes, shown: Container[int]) -> str:
    parts = [
        text[run.start() : run.end()] if kinds[run.start()] in shown else BLANK * len(run[0])
        for run in SAME_KIND.finditer(kinds)
    ]
    return "".join(parts)


def _kinds(text: str, language: str) -> bytearray:
    """Return the kind of each character; what the lexer leaves out counts as a comment, in which most is hidden."""
    kinds = bytearray(len(text))
    for start, token, value in _lexer(language).get_tokens_unprocessed(text):
        kind = _kind(token)
        kinds[start : start + len(value)] = bytes([kind]) * len(value)
        if kind == NAME and _is(token, (PREPROCESSOR,)):
            for quoted in QUOTED.finditer(value):
                kinds[start + quoted.start() : start + quoted.end()] = bytes([TEXT]) * len(quoted[0])
    return kinds


@lru_cache(maxsize=1000)
def _kind(token: TokenType) -> int:
    if _is(token, CODE) or (_is(token, (PREPROCESSOR,))):
        return FIXED if _is(token, OF_THE_LANGUAGE) else NAME
    return TEXT if _is(token, (String,)) and not _is(token, (String.Doc,)) else COMMENT


def _is(token: TokenType, types: Sequence[TokenType]) -> bool:
    return any(token[: len(kind)] == kind for kind in types)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language)
