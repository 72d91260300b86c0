"""The smallest parts of which terms consist: words and numbers."""

import re
from collections.abc import Iterator

# Accents, soft hyphens and characters without width stand behind a character of a word, an apostrophe between two.
MARKS = "\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff"
ALPHABETIC = r"[^\W\d_]"
RUN = re.compile(rf"{ALPHABETIC}(?:{ALPHABETIC}|[{MARKS}]|['’ʼ`](?!s\b)(?={ALPHABETIC}))*|\d+")
# "ivanPetrov" are two words.
HUMP = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")


def atoms(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of words and numbers."""
    for run in RUN.finditer(text):
        yield from atoms_of_run(run.start(), run[0])


def atoms_of_run(start: int, run: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the words in a word that begins at `start`."""
    began = 0
    for hump in HUMP.finditer(run):
        yield start + began, start + hump.start()
        began = hump.start()
    yield start + began, start + len(run)
