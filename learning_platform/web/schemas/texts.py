"""What kinds of text people send, and what is done to each before anything else looks at it.

Telephones add blanks, copied links bring line breaks, marks that nobody sees and the `<…>` of a letter along. A field
says by its type what it holds, and a test reads from every schema and route that each has said it.
"""

import re
from collections.abc import Callable

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

# What takes no room or shows nothing: blanks, marks of width and direction, fillers. Control characters are refused.
INVISIBLE = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
)
AROUND = re.compile(f"^[{INVISIBLE}]+|[{INVISIBLE}]+$")
# Parts of pictures elsewhere, and nothing when they stand alone.
NOTHING_BUT_INVISIBLE = re.compile(rf"^[{INVISIBLE}\ufe00-\ufe0f\U000e0000-\U000e01ef]*$")
LINE_BREAKS = re.compile(r"[ \t]*[\r\n\x0b\x0c\x85\u2028\u2029]+[ \t]*")
# Overrides, embeddings and isolates: what they begin may end in the text of somebody else.
DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def trimmed(text: str) -> str:
    """Return a text without what nobody sees at its ends."""
    return AROUND.sub("", text)


def pasted(text: str) -> str:
    """Return what was typed or pasted as a name, an address or a code, without what came along with it."""
    text = trimmed(text)
    while text.startswith("<") and text.endswith(">"):
        text = trimmed(text[1:-1])
    return text


def one_line(text: str) -> str:
    """Return a title or a name as it is shown: in one line, with its direction left alone."""
    if DIRECTIONS.search(trimmed(text)):
        raise PydanticCustomError("text_direction", "characters that change the direction of text")
    return "" if is_blank(text) else LINE_BREAKS.sub(" ", trimmed(text))


def prose(text: str) -> str:
    """Return a text of any length as it is, or nothing if there is nothing to read in it."""
    return "" if is_blank(text) else text


def is_blank(text: str) -> bool:
    """Say whether there is nothing to be seen in a text."""
    return NOTHING_BUT_INVISIBLE.match(text) is not None


def _of_texts(change: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: change(value) if isinstance(value, str) else value)


class Untouched:
    """Says of a text that it is taken as it comes."""


IDENTIFIER, ONE_LINE, PROSE, SEARCH = (_of_texts(change) for change in (pasted, one_line, prose, trimmed))
# Blanks and marks may be part of a password.
PASSWORD = Untouched()
# Written by programs, not by people: a choice of a form, a path of this site, a token in a link.
MACHINE = Untouched()
KINDS = (IDENTIFIER, ONE_LINE, PROSE, SEARCH, PASSWORD, MACHINE)
