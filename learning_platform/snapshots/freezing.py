"""What becomes of a hand-in: it is received, and frozen immediately, later, or not at all.

A push or an archive is frozen when it arrives. A link is `waiting` until a fetcher has fetched it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from learning_platform.core.database import Connection, fetch_value
from learning_platform.snapshots.rules import Origin, SnapshotState
from learning_platform.snapshots.store import save_tree
from learning_platform.snapshots.trees import Tree

# A fetcher is woken by a commit; the payload is not needed, because it looks for everything that is due.
INSERT_SNAPSHOT = """
with inserted as (
    insert into snapshots (track_id, assignment_id, user_id, origin, state, repo_url, commit, committed_at, tree_id,
        warnings, mask_terms, received_at, frozen_at, try_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    returning id, state
)
select id, case when state = 'waiting' then pg_notify('hand_ins', '') end from inserted
"""
SNAPSHOT = """
select n.state, n.origin, n.commit, t.files, t.bytes, n.error, n.frozen_at
from snapshots n left join trees t on t.id = n.tree_id where n.id = $1
"""


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived by one of the three ways, before it is written: a link, or the tree of a push or an archive.

    `warnings`: what the author should know of it (snapshots/warnings.py). `mask_terms`: names found beside the files.
    """

    origin: Origin
    repo_url: str | None = None
    tree: Tree | None = None
    commit: str | None = None
    committed_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    mask_terms: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far freezing has come. `error`: why it failed, or why it has not worked so far."""

    state: SnapshotState
    origin: Origin
    commit: str | None
    files: int | None
    bytes: int | None
    error: str | None
    frozen_at: datetime | None

    @property
    def failure(self) -> str | None:
        """Return why freezing has failed for good, or None."""
        return self.error if self.state == "failed" else None


async def insert_snapshot(
    db: Connection, *, track_id: int, assignment_id: int, user_id: int, received: Received, now: datetime
) -> int:
    """Write what arrived: frozen if its tree is there, waiting for a fetcher otherwise. Returns the id."""
    tree_id = None
    if received.tree is not None:
        tree_id = await save_tree(db, track_id=track_id, tree=received.tree, now=now)
    is_frozen = tree_id is not None
    id: int = await db.fetchval(
        INSERT_SNAPSHOT,
        *(track_id, assignment_id, user_id, received.origin, "frozen" if is_frozen else "waiting", received.repo_url),
        *(received.commit, received.committed_at, tree_id, list(received.warnings), list(received.mask_terms)),
        *(now, now if is_frozen else None, None if is_frozen else now),
    )
    return id


def snapshot_of(received: Received, *, now: datetime) -> Snapshot:
    """Return the state of what has just arrived."""
    tree = received.tree
    if tree is None:
        return Snapshot("waiting", received.origin, None, None, None, None, None)
    return Snapshot("frozen", received.origin, received.commit, len(tree.entries), tree.bytes, None, now)


def snapshot_in(columns: Sequence[Any]) -> Snapshot | None:
    """Return the snapshot in the columns of `SNAPSHOT`, which an outer join may have left empty."""
    return None if columns[0] is None else Snapshot(*columns)


async def snapshot(db: Connection, *, snapshot_id: int) -> Snapshot | None:
    """Return the state of a snapshot."""
    return await fetch_value(db, Snapshot, SNAPSHOT, snapshot_id)
