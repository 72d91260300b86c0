"""Where terms stand in prose: in any case, with or without accents, transliterated, declined, in names of any style."""

import re
from collections.abc import Iterator, Sequence

from learning_platform.snapshots.masking.atoms import RUN, atoms_of_run
from learning_platform.snapshots.masking.terms import MIN_WORD, Keys
from learning_platform.snapshots.masking.transliteration import skeletons

Span = tuple[int, int]
# What may stand between two words of a term.
SEPARATOR = re.compile(r"[-._ \u00a0]{0,2}")
MAX_TERM_ATOMS = 12
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
# Endings of Russian names and words, and of patronymics, as skeletons have them.
ENDING = re.compile(r"[aeiou]{1,3}(?:m|h|mi|go|mu|n|na|vich|vna)?$")
# In a text of a program `\n` and the like belong to no word.
ESCAPE = re.compile(r"\\[abefnrtuvxNU0]$")


class Prose:
    """Looks for the terms of one person in texts."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._contained = re.compile("|".join(map(re.escape, keys.contained))) if keys.contained else None
        self._suspicions: dict[str, bool] = {}

    def spans(self, text: str) -> list[Span]:
        """Return where terms stand in a text; the time it takes is in proportion to the text."""
        runs = set(RUN.findall(text))
        if not any(self._is_suspicious(run) for run in runs) and "\\" not in text:
            return []
        return [*self._words(text), *self._sequences(text)]

    def _is_suspicious(self, run: str) -> bool:
        if run not in self._suspicions:
            parts = (run[start:end] for start, end in atoms_of_run(0, run))
            begins = any(skeleton in self._keys.beginnings for part in parts for skeleton in skeletons(part))
            self._suspicions[run] = begins or self._is_term(run)
        return self._suspicions[run]

    def _words(self, text: str) -> Iterator[Span]:
        for run in RUN.finditer(text):
            start, end = run.span()
            if ESCAPE.search(text, max(0, start - 1), start + 1) and self._is_term(text[start + 1 : end]):
                yield start + 1, end
            elif self._is_term(run[0]):
                yield start, end
            else:
                yield from (part for part in atoms_of_run(start, run[0]) if self._is_term(text[slice(*part)]))

    def _is_term(self, word: str) -> bool:
        found = skeletons(word)
        if any(skeleton in self._keys.whole for skeleton in found):
            return True
        if self._contained and any(self._contained.search(skeleton) for skeleton in found):
            return True
        return bool(CYRILLIC.match(word)) and any(self._is_declined(skeleton) for skeleton in found)

    def _is_declined(self, skeleton: str) -> bool:
        ending = ENDING.search(skeleton, MIN_WORD)
        return ending is not None and skeleton[: ending.start()] in self._keys.stems

    def _sequences(self, text: str) -> Iterator[Span]:
        """Yield terms of several words, in whatever way they are joined."""
        places = [place for run in RUN.finditer(text) for place in atoms_of_run(run.start(), run[0])]
        for first in range(len(places)):
            last = self._last_of_term(text, places, first)
            if last is not None:
                yield places[first][0], places[last][1]

    def _last_of_term(self, text: str, places: Sequence[Span], first: int) -> int | None:
        last, begun = None, {""}
        for index in range(first, min(first + MAX_TERM_ATOMS, len(places))):
            start, end = places[index]
            if index > first and not SEPARATOR.fullmatch(text, places[index - 1][1], start):
                break
            begun = {known + part for known in begun for part in skeletons(text[start:end])} & self._keys.beginnings
            if not begun:
                break
            if begun & self._keys.whole:
                last = index
        return last


def merged(spans: Sequence[Span], text: str) -> list[Span]:
    """Return spans in order, those that overlap or stand side by side in one line as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and (start <= joined[-1][1] or SEPARATOR.fullmatch(text, joined[-1][1], start)):
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
