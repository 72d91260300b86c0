"""Where the threads of a review stand in the second iteration."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.compared_code import ComparedCode, compared_code
from learning_platform.reviews.shown_code import is_text
from learning_platform.reviews.threads.queries import Thread
from learning_platform.snapshots.comparison.carrying import Anchor, carried
from learning_platform.snapshots.comparison.trees import FileChange
from learning_platform.snapshots.kinds import decoded
from learning_platform.snapshots.store import contents_of


async def carried_over(
    db: Connection, access: CodeAccess, threads: Sequence[Thread], *, shown: ComparedCode | None = None
) -> list[Thread]:
    """Return threads with their place in the second iteration; as they are where it is not frozen or not shown.

    `shown`: code that was read already, which is not read again if it is the comparison that is needed.
    Lines are compared as they were handed in: what is hidden from a reviewer hides no change of a line.
    """
    if access.tree_id is None or access.second_tree_id is None:
        return list(threads)
    if shown is not None and (shown.base, shown.iteration) == ("previous", 2):
        code = shown
    else:
        code = await compared_code(db, access, base="previous", iteration=2)
    named = {thread.path for thread in threads if _is_carried(thread, access)}
    lines = await _lines(db, code, [one for one in code.changes if one.old is not None and one.old.path in named])
    return [_with_place(thread, code, lines) if _is_carried(thread, access) else thread for thread in threads]


def _is_carried(thread: Thread, access: CodeAccess) -> bool:
    return thread.path is not None and thread.side == "new" and thread.snapshot_id == access.snapshot_id


def _with_place(thread: Thread, code: ComparedCode, lines: Mapping[str, Sequence[str]]) -> Thread:
    assert thread.path is not None
    anchor = Anchor(thread.path, thread.first_line, thread.last_line)
    return replace(thread, carried=carried(anchor, code.changes, lines_of=lines.get))


async def _lines(db: Connection, code: ComparedCode, changes: Sequence[FileChange]) -> Mapping[str, Sequence[str]]:
    """Return the lines of texts that have changed, by hash."""
    hashes = {
        entry.hash
        for change in changes
        for entry in (change.old, change.new)
        if change.kind != "unchanged" and entry is not None and entry.hash is not None and is_text(entry)
    }
    contents = await contents_of(db, track_id=code.new.track_id, hashes=hashes)
    return {hash: decoded(content).lines for hash, content in contents.items()}
