"""What changed between two texts, line by line: the fewest changed lines, placed where a reader would place them.

The comparison takes time by the product of the lines that differ, so it is bounded; what is beyond the bound is shown
as one change from the first differing line to the last.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from rapidfuzz.distance import LCSseq

ChangeKind: TypeAlias = Literal["equal", "replace", "delete", "insert"]
# 10,000 lines against 10,000 others: 30 ms.
MAX_PRODUCT = 100_000_000
# A repeated line could be slid through a whole file.
MAX_SLIDE = 500
TAB_WIDTH = 4
WORD = re.compile(r"\w")
MAX_ISLAND = 3


class Change(NamedTuple):
    """Lines of the old text (from `old_start` to before `old_end`, from 0), and those of the new in their place.

    Thousands are made for one file, and a dataclass takes three times as long.
    """

    kind: ChangeKind
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def line_changes(old: Sequence[str], new: Sequence[str], *, ignore_space: bool = False) -> list[Change]:
    """Return the changes that make the new text out of the old one, in order and without gaps.

    `ignore_space`: lines that differ in white space only are equal; they are to be shown as in the new text.
    """
    if ignore_space:
        old, new = _without_space(old), _without_space(new)
    first = _common_beginning(old, new)
    last = _common_end(old, new, first)
    old_end, new_end = len(old) - last, len(new) - last
    middle = _compared(old[first:old_end], new[first:new_end], first)
    changes = [
        *_equal(0, first, 0),
        *middle,
        *_equal(old_end, len(old), new_end),
    ]
    return _slid(_without_islands(_joined(changes), new), old, new)


def counts(changes: Sequence[Change]) -> tuple[int, int]:
    """Return how many lines were added, and how many removed."""
    changed = [change for change in changes if change.kind != "equal"]
    added = sum(change.new_end - change.new_start for change in changed)
    return added, sum(change.old_end - change.old_start for change in changed)


def _compared(old: Sequence[str], new: Sequence[str], offset: int) -> Iterator[Change]:
    """Yield the changes of two texts that begin and end differently."""
    if not old and not new:
        return
    if not old or not new or len(old) * len(new) > MAX_PRODUCT:
        kind: ChangeKind = "insert" if not old else "delete" if not new else "replace"
        yield Change(kind, offset, offset + len(old), offset, offset + len(new))
        return
    for found in LCSseq.opcodes(*_numbered(old, new)):
        old_start, old_end = offset + found.src_start, offset + found.src_end
        new_start, new_end = offset + found.dest_start, offset + found.dest_end
        yield _change(old_start, old_end, new_start, new_end, is_equal=found.tag == "equal")


def _numbered(old: Sequence[str], new: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return a number for each line, the same for equal ones: what compares lines compares their hashes only."""
    numbers: dict[str, int] = {}
    return (
        [numbers.setdefault(line, len(numbers)) for line in old],
        [numbers.setdefault(line, len(numbers)) for line in new],
    )


def _joined(changes: Sequence[Change]) -> list[Change]:
    """Make one change of those that touch, so that equal and changed lines alternate."""
    joined: list[Change] = []
    for change in changes:
        if joined and (joined[-1].kind == "equal") == (change.kind == "equal"):
            before = joined.pop()
            ends = (before.old_start, change.old_end, before.new_start, change.new_end)
            joined.append(_change(*ends, is_equal=change.kind == "equal"))
        else:
            joined.append(change)
    return joined


def _change(old_start: int, old_end: int, new_start: int, new_end: int, *, is_equal: bool) -> Change:
    kind: ChangeKind = "equal"
    if not is_equal:
        kind = "insert" if old_start == old_end else "delete" if new_start == new_end else "replace"
    return Change(kind, old_start, old_end, new_start, new_end)


def _without_islands(changes: Sequence[Change], new: Sequence[str]) -> list[Change]:
    """Take blank lines and brackets between lines that were replaced for replaced, too: they are equal by chance."""
    kept = list(changes)
    for index in range(1, len(changes) - 1):
        change = changes[index]
        lines = new[change.new_start : change.new_end]
        is_island = change.kind == "equal" and len(lines) <= MAX_ISLAND and not any(map(WORD.search, lines))
        if is_island and _replaces(changes[index - 1], changes[index + 1]):
            kept[index] = change._replace(kind="replace")
    return _joined(kept)


def _replaces(before: Change, after: Change) -> bool:
    """Say whether two changes together remove lines and add others."""
    return {before.kind, after.kind} not in ({"insert"}, {"delete"})


def _slid(changes: list[Change], old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """Move added and removed lines to where they read best: an added function with its own heading and blank line."""
    end = Change("equal", len(old), len(old), len(new), len(new))
    # Equal lines, if only none, stand on both sides of every change.
    changes = [Change("equal", 0, 0, 0, 0), *changes, end]
    for index in range(1, len(changes) - 1):
        change = changes[index]
        if change.kind == "insert":
            lines, start, stop = new, change.new_start, change.new_end
        elif change.kind == "delete":
            lines, start, stop = old, change.old_start, change.old_end
        else:
            continue
        _move(changes, index, _best_slide(lines, start, stop, _length(changes[index - 1]), _length(changes[index + 1])))
    return _joined([change for change in changes if _is_something(change)])


def _best_slide(lines: Sequence[str], start: int, end: int, before: int, after: int) -> int:
    """Return by how many lines a run of lines is moved; what is between stays the same lines."""
    up = down = 0
    while up < min(before, MAX_SLIDE) and lines[start - up - 1] == lines[end - up - 1]:
        up += 1
    while down < min(after, MAX_SLIDE) and lines[start + down] == lines[end + down]:
        down += 1
    return max(range(-up, down + 1), key=lambda by: (*_rank(lines, start + by, end + by), by), default=0)


def _rank(lines: Sequence[str], start: int, end: int) -> tuple[bool, bool, int]:
    """Return how well a run of lines stands: after a blank line, ending with one, its first line far to the left."""
    follows_blank = start == 0 or not lines[start - 1].strip()
    ends_blank = end == len(lines) or not lines[end - 1].strip()
    first = lines[start]
    return bool(first.strip()) and (follows_blank or ends_blank), bool(first.strip()), -_indent(first)


def _indent(line: str) -> int:
    spaces = line[: len(line) - len(line.lstrip())].expandtabs(TAB_WIDTH)
    return len(spaces)


def _move(changes: list[Change], index: int, by: int) -> None:
    """Move a change by some lines, which the equal lines before it gain and those after it lose."""
    before, moved, after = changes[index - 1 : index + 2]
    start, end = (moved.old_start + by, moved.old_end + by), (moved.new_start + by, moved.new_end + by)
    changes[index - 1 : index + 2] = [
        Change(before.kind, before.old_start, start[0], before.new_start, end[0]),
        Change(moved.kind, *start, *end),
        Change(after.kind, start[1], after.old_end, end[1], after.new_end),
    ]


def _equal(start: int, end: int, new_start: int) -> Iterator[Change]:
    if end > start:
        yield Change("equal", start, end, new_start, new_start + end - start)


def _length(change: Change) -> int:
    """Return the number of equal lines beside a change; beside another change there are none."""
    return change.new_end - change.new_start if change.kind == "equal" else 0


def _is_something(change: Change) -> bool:
    return change.old_end > change.old_start or change.new_end > change.new_start


def _without_space(lines: Sequence[str]) -> list[str]:
    return ["".join(line.split()) for line in lines]


def _common_beginning(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((index for index, (one, other) in enumerate(pairs) if one != other), _shorter(old, new))


def _common_end(old: Sequence[str], new: Sequence[str], beginning: int) -> int:
    left = _shorter(old, new) - beginning
    pairs = zip(reversed(old), reversed(new), strict=False)
    return next((index for index, (one, other) in enumerate(pairs) if index == left or one != other), left)


def _shorter(old: Sequence[str], new: Sequence[str]) -> int:
    return min(len(old), len(new))
