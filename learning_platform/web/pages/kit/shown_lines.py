"""Which lines of a file are shown: all, or those that changed with a few around them.

A file may have half a million lines, of which a page shows a few hundred: only those are put together.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, islice

from learning_platform.snapshots.comparison.lines import Change
from learning_platform.web.pages.kit.code_rows import Line, Place

CONTEXT = 3


def lines_of(
    changes: Sequence[Change], *, is_whole: bool, places: Collection[Place] = (), start: int = 0, count: int
) -> tuple[list[Line], int]:
    """Return so many of the lines that are shown, from `start` on, and how many there are in all.

    Unless it `is_whole`, a file is shown where it changed and at `places`.
    """
    starts = list(accumulate(map(_size, changes), initial=0))
    total = starts[-1]
    if is_whole:
        return list(_between(changes, starts, range(start, min(start + count, total)))), total
    ranges = _near(changes, starts, places)
    rows = _with_gaps(changes, starts, ranges)
    return list(islice(rows, start, start + count)), sum(map(len, ranges)) + _gaps(ranges, total)


def row_of(changes: Sequence[Change], place: Place) -> int | None:
    """Return the row of a line in a file that is shown whole, from 0, or None if the line is not there."""
    return _number_of(changes, list(accumulate(map(_size, changes), initial=0)), place)


def _size(change: Change) -> int:
    added = change.new_end - change.new_start
    return added if change.kind == "equal" else added + change.old_end - change.old_start


def _near(changes: Sequence[Change], starts: Sequence[int], places: Collection[Place]) -> list[range]:
    """Return where lines are shown, by their numbers in both texts together."""
    wanted = [(starts[at], starts[at + 1]) for at, change in enumerate(changes) if change.kind != "equal"]
    wanted += [(at, at + 1) for place in places if (at := _number_of(changes, starts, place)) is not None]
    ranges: list[range] = []
    for first, end in sorted(wanted):
        near = range(max(first - CONTEXT, 0), min(end + CONTEXT, starts[-1]))
        if ranges and near.start <= ranges[-1].stop:
            last = ranges.pop()
            near = range(last.start, max(last.stop, near.stop))
        ranges.append(near)
    return ranges


def _number_of(changes: Sequence[Change], starts: Sequence[int], place: Place) -> int | None:
    """Return the number of a line in both texts together, or None if neither has it there."""
    side, line = place[0], place[1] - 1
    if side == "R":
        at = bisect_right(changes, line, key=lambda change: change.new_start) - 1
        if at < 0 or line >= changes[at].new_end:
            return None
        # Lines that were added stand after those that were removed.
        return starts[at + 1] - (changes[at].new_end - line)
    at = bisect_right(changes, line, key=lambda change: change.old_start) - 1
    if at < 0 or changes[at].kind == "equal" or line >= changes[at].old_end:
        return None
    return starts[at] + line - changes[at].old_start


def _with_gaps(changes: Sequence[Change], starts: Sequence[int], ranges: Sequence[range]) -> Iterator[Line]:
    last = 0
    for each in ranges:
        yield from _left_out(each.start - last)
        yield from _between(changes, starts, each)
        last = each.stop
    yield from _left_out(starts[-1] - last)


def _gaps(ranges: Sequence[range], total: int) -> int:
    """Return the number of places at which lines are left out."""
    ends = [0, *(each.stop for each in ranges)]
    return sum(start > end for start, end in zip([*(each.start for each in ranges), total], ends, strict=True))


def _between(changes: Sequence[Change], starts: Sequence[int], wanted: range) -> Iterator[Line]:
    for at in range(max(bisect_right(starts, wanted.start) - 1, 0), len(changes)):
        if starts[at] >= wanted.stop:
            return
        first, end = max(wanted.start, starts[at]), min(wanted.stop, starts[at + 1])
        yield from (_line(changes[at], number - starts[at]) for number in range(first, end))


def _line(change: Change, index: int) -> Line:
    if change.kind == "equal":
        return Line(change.old_start + index, change.new_start + index)
    removed = change.old_end - change.old_start
    return Line(change.old_start + index, None) if index < removed else Line(None, change.new_start + index - removed)


def _left_out(count: int) -> Iterator[Line]:
    if count > 0:
        yield Line(0, 0, count)
