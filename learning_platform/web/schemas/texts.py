"""The kinds of text that people send, and how each is cleaned before it is validated.

Phone keyboards add blanks; copied links bring line breaks, invisible characters and the `<…>` of an email along. The
type of a field names its kind, and a test checks that every field of every schema and route has one.
"""

import re
from collections.abc import Callable

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

# Characters that are blank or invisible: blanks, marks of width and direction, fillers. Control characters are refused.
INVISIBLE = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
)
AROUND = re.compile(f"^[{INVISIBLE}]+|[{INVISIBLE}]+$")
# Variation selectors and tags are parts of emoji, and invisible when they stand alone.
NOTHING_BUT_INVISIBLE = re.compile(rf"^[{INVISIBLE}\ufe00-\ufe0f\U000e0000-\U000e01ef]*$")
LINE_BREAKS = re.compile(r"[ \t]*[\r\n\x0b\x0c\x85\u2028\u2029]+[ \t]*")
# Overrides, embeddings and isolates may change the direction of the text that follows, of another author.
DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def trimmed(text: str) -> str:
    """Return a text without blank and invisible characters at its ends."""
    return AROUND.sub("", text)


def pasted(text: str) -> str:
    """Return a name, an address or a code without the blanks and `<…>` that were pasted with it."""
    text = trimmed(text)
    while text.startswith("<") and text.endswith(">"):
        text = trimmed(text[1:-1])
    return text


def one_line(text: str) -> str:
    """Return a title or a name in one line. Raises for characters that change the direction of text."""
    if DIRECTIONS.search(trimmed(text)):
        raise PydanticCustomError("text_direction", "characters that change the direction of text")
    return "" if is_blank(text) else LINE_BREAKS.sub(" ", trimmed(text))


def prose(text: str) -> str:
    """Return a text unchanged, or an empty one if it has no visible characters."""
    return "" if is_blank(text) else text


def is_blank(text: str) -> bool:
    """Say whether a text has no visible characters."""
    return NOTHING_BUT_INVISIBLE.match(text) is not None


def _of_texts(change: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: change(value) if isinstance(value, str) else value)


class Untouched:
    """Marks a text that is not cleaned."""


IDENTIFIER, ONE_LINE, PROSE, SEARCH = (_of_texts(change) for change in (pasted, one_line, prose, trimmed))
# Blanks and invisible characters may be part of a password.
PASSWORD = Untouched()
# Text written by programs: an option of a form, a path of this site, a token in a link.
MACHINE = Untouched()
KINDS = (IDENTIFIER, ONE_LINE, PROSE, SEARCH, PASSWORD, MACHINE)
