"""The words that changed inside a line, so that a reader sees the one character that differs."""

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

Span = tuple[int, int]
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
MAX_LINE_LENGTH = 2000
# Below this share of common text two lines are different lines, and marking words of them says nothing.
MIN_COMMON_SHARE = 0.4


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return the parts of a line that were removed, and of its successor that were added, by their positions.

    Both are empty where the lines are too long, or have too little in common.
    """
    if max(len(old), len(new)) > MAX_LINE_LENGTH:
        return [], []
    old_tokens, new_tokens = TOKEN.findall(old), TOKEN.findall(new)
    old_at, new_at = _positions(old_tokens), _positions(new_tokens)
    removed: list[Span] = []
    added: list[Span] = []
    for found in LCSseq.opcodes(old_tokens, new_tokens):
        if found.tag != "equal":
            _add(removed, old_at[found.src_start], old_at[found.src_end])
            _add(added, new_at[found.dest_start], new_at[found.dest_end])
    if _common(old, removed) < MIN_COMMON_SHARE * len(old.strip()) or _common(new, added) < MIN_COMMON_SHARE * len(
        new.strip()
    ):
        return [], []
    return removed, added


def _positions(tokens: Sequence[str]) -> list[int]:
    """Return where each token begins, and where the last one ends."""
    positions = [0]
    for token in tokens:
        positions.append(positions[-1] + len(token))
    return positions


def _add(spans: list[Span], start: int, end: int) -> None:
    """Add a part; one that touches the part before it continues that."""
    if start == end:
        return
    if spans and spans[-1][1] == start:
        start = spans.pop()[0]
    spans.append((start, end))


def _common(line: str, changed: Sequence[Span]) -> int:
    """Return how many characters of a line, white space aside, did not change."""
    return len(line.strip()) - sum(len(line[start:end].strip()) for start, end in changed)
