"""Where threads stand on the iteration that is shown, and how many there are at each file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.compared_code import ComparedCode
from learning_platform.reviews.threads.carried_over import carried_over
from learning_platform.reviews.threads.queries import Thread
from learning_platform.reviews.threads.rules import Side
from learning_platform.snapshots.comparison.trees import FileChange

# The path and side under which threads are kept.
FilePlace: TypeAlias = tuple[str | None, Side]


@dataclass(frozen=True, slots=True)
class ThreadsOnCode:
    """Threads with their place on the iteration that is shown. `gone`: those on files that it does not have."""

    shown: Sequence[Thread]
    gone: Sequence[Thread]

    def counts(self) -> Counter[tuple[str | None, Side | None]]:
        """Return the number of threads at each path and side."""
        return Counter((thread.path, thread.side) for thread in self.shown)


async def threads_on(
    db: Connection, access: CodeAccess, code: ComparedCode, threads: Sequence[Thread]
) -> ThreadsOnCode:
    """Return threads as they stand on the code that is shown.

    A thread belongs to the iteration that it was written on, one on removed lines to the starter.
    """
    if code.iteration == 1:
        written = [thread for thread in threads if thread.snapshot_id == access.snapshot_id]
        return ThreadsOnCode([thread for thread in written if thread.side != "old" or code.base == "starter"], [])
    found = await carried_over(db, access, threads, shown=code)
    carried = [(thread, thread.carried) for thread in found if thread.carried is not None]
    shown = [
        replace(thread, path=place.path, first_line=place.first_line, last_line=place.last_line)
        for thread, place in carried
        if place.kind != "gone"
    ]
    return ThreadsOnCode(shown, [thread for thread, place in carried if place.kind == "gone"])


def places_of(change: FileChange) -> tuple[FilePlace, FilePlace]:
    """Return under which path and side threads on a file are kept: those on its new text, and on the old one."""
    new, old = change.new, change.old
    return (None if new is None else new.path, "new"), (None if old is None else old.path, "old")
