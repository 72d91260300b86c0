"""Where a comment on lines of one tree stands in a later tree: on the same text, or on no line at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from learning_platform.snapshots.comparison.lines import line_changes
from learning_platform.snapshots.comparison.trees import FileChange

# `lines`: the same text, perhaps on other lines or in a renamed file. `changed`: the file is there, and these lines
# have changed. `file`: the comment was on the whole file, which is there. `gone`: the file is not in this version.
Carriage: TypeAlias = Literal["lines", "changed", "file", "gone"]
Lines: TypeAlias = Callable[[str], Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Lines of a file, counted from 1, or a whole file; `path` is that of the earlier tree."""

    path: str
    first_line: int | None = None
    last_line: int | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The place in the later tree; without lines unless the text is the same."""

    kind: Carriage
    path: str | None = None
    first_line: int | None = None
    last_line: int | None = None


def carried(anchor: Anchor, changes: Sequence[FileChange], *, lines_of: Lines) -> Carried:
    """Return where an anchor stands after `changes`; `lines_of` returns the lines of a content by its hash.

    A changed line is not said to be fixed: that is for a person to decide.
    """
    change = next((one for one in changes if one.old is not None and one.old.path == anchor.path), None)
    if change is None or change.old is None or change.new is None:
        return Carried("gone")
    if anchor.first_line is None or anchor.last_line is None:
        return Carried("file", change.new.path)
    if change.old.hash == change.new.hash:
        return Carried("lines", change.new.path, anchor.first_line, anchor.last_line)
    first = _moved(change, anchor.first_line, anchor.last_line, lines_of)
    if first is None:
        return Carried("changed", change.new.path)
    return Carried("lines", change.new.path, first, first + anchor.last_line - anchor.first_line)


def _moved(change: FileChange, first: int, last: int, lines_of: Lines) -> int | None:
    """Return the line at which the same lines begin in the changed file, or None if any of them has changed."""
    assert change.old is not None
    assert change.new is not None
    old, new = (None if entry.hash is None else lines_of(entry.hash) for entry in (change.old, change.new))
    if old is None or new is None or last > len(old):
        return None
    for one in line_changes(old, new):
        if one.kind == "equal" and one.old_start < first <= last <= one.old_end:
            return one.new_start + first - one.old_start
    return None
