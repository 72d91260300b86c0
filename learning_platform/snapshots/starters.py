"""The code that participants of an assignment start from, given by the track's author in one of the three ways."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_values
from learning_platform.core.errors import NotFound
from learning_platform.core.languages import N_
from learning_platform.snapshots.freezing import Received, Snapshot, insert_snapshot, snapshot_of
from learning_platform.snapshots.store import copy_tree, delete_unused, entries_of
from learning_platform.snapshots.trees import Entry
from learning_platform.tracks import actions as tracks
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import lock_track_of
from learning_platform.tracks.rules import AssignmentNotFound, ensure_not_over

# An edit of the track that was waited for may have removed the assignment.
IS_THERE = "select exists (select from assignments where id = $1)"
INSERT_STARTER = "insert into starters (assignment_id, snapshot_id) values ($1, $2)"
DELETE_STARTER = """
delete from snapshots where id = (select snapshot_id from starters where assignment_id = $1) returning id
"""
STARTER = """
select a.track_id, b.snapshot_id, n.tree_id, n.repo_url, n.received_at,
    n.state, n.origin, n.commit, t.files, t.bytes, n.error, n.frozen_at
from starters b join assignments a on a.id = b.assignment_id join snapshots n on n.id = b.snapshot_id
    left join trees t on t.id = n.tree_id
where b.assignment_id = $1
"""
WITH_STARTER = """
select b.assignment_id from starters b join assignments a on a.id = b.assignment_id where a.track_id = $1
"""
STARTERS_TO_COPY = """
select b.snapshot_id, n.tree_id, c.id as assignment_id
from starters b join assignments a on a.id = b.assignment_id join snapshots n on n.id = b.snapshot_id
    join assignments c on c.track_id = $2 and c.position = a.position
where a.track_id = $1 order by a.position
"""
# A link that has not been fetched yet is fetched for the copy too.
COPY_SNAPSHOT = """
insert into snapshots (track_id, assignment_id, user_id, origin, state, repo_url, commit, committed_at, tree_id, error,
    warnings, received_at, frozen_at, try_at)
select $2, $3, $4, origin, state, repo_url, commit, committed_at, $5, error, warnings, $6,
    case when state = 'frozen' then $6::timestamptz end, case when state = 'waiting' then $6::timestamptz end
from snapshots where id = $1 returning id
"""


class NoStarter(NotFound):
    code = "no_starter"
    message = N_("This assignment has no starter code.")


@dataclass(frozen=True, slots=True)
class Starter:
    """The starter of an assignment. `tree_id` is None until its link has been fetched."""

    track_id: int
    snapshot_id: int
    tree_id: int | None
    repo_url: str | None
    received_at: datetime
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class _Copied:
    snapshot_id: int
    tree_id: int | None
    assignment_id: int


async def set_starter(
    db: Connection, *, assignment_id: int, actor: Actor, received: Received, now: datetime
) -> Snapshot:
    """Give an assignment its starter, instead of the one it has. Raises what `ensure_may_set_starter` raises."""
    track_id = await ensure_may_set_starter(db, assignment_id=assignment_id, actor=actor, now=now)
    await db.execute(DELETE_STARTER, assignment_id)
    snapshot_id = await insert_snapshot(
        db, track_id=track_id, assignment_id=assignment_id, user_id=actor.user_id, received=received, now=now
    )
    await db.execute(INSERT_STARTER, assignment_id, snapshot_id)
    await delete_unused(db, track_ids=[track_id])
    return snapshot_of(received, now=now)


async def ensure_may_set_starter(db: Connection, *, assignment_id: int, actor: Actor, now: datetime) -> int:
    """Lock the track, and return its id. Raises AssignmentNotFound, NotTheAuthor, TrackOver."""
    track = await lock_track_of(db, assignment_id=assignment_id)
    if not await db.fetchval(IS_THERE, assignment_id):
        raise AssignmentNotFound
    await ensure_may(db, "edit", track=track, actor=actor)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    return track.id


async def delete_starter(db: Connection, *, assignment_id: int, actor: Actor, now: datetime) -> None:
    """Take an assignment's starter away. Raises NoStarter, and what `ensure_may_set_starter` raises."""
    track_id = await ensure_may_set_starter(db, assignment_id=assignment_id, actor=actor, now=now)
    if await db.fetchval(DELETE_STARTER, assignment_id) is None:
        raise NoStarter
    await delete_unused(db, track_ids=[track_id])


async def starter_of(db: Connection, *, assignment_id: int) -> Starter | None:
    """Return the starter of an assignment, or None."""
    row = await db.fetchrow(STARTER, assignment_id)
    if row is None:
        return None
    track_id, snapshot_id, tree_id, repo_url, received_at, *frozen = row
    return Starter(track_id, snapshot_id, tree_id, repo_url, received_at, Snapshot(*frozen))


async def assignments_with_starter(db: Connection, *, track_id: int) -> frozenset[int]:
    """Return the assignments of a track that have a starter."""
    return frozenset(row["assignment_id"] for row in await db.fetch(WITH_STARTER, track_id))


async def starter_entries(db: Connection, *, assignment_id: int) -> tuple[Entry, ...]:
    """Return the files of an assignment's starter; none if it has none, or its link has not been fetched yet."""
    starter = await starter_of(db, assignment_id=assignment_id)
    if starter is None or starter.tree_id is None:
        return ()
    return await entries_of(db, tree_id=starter.tree_id)


async def copy_track(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> int:
    """Create an `enrolling` copy with its starters; return its id. Raises TrackNotFound, NotTheAuthor."""
    copy_id = await tracks.copy_track(db, track_id=track_id, actor=actor, now=now)
    for each in await fetch_values(db, _Copied, STARTERS_TO_COPY, track_id, copy_id):
        tree_id = None
        if each.tree_id is not None:
            tree_id = await copy_tree(db, tree_id=each.tree_id, track_id=copy_id, now=now)
        copied = (each.snapshot_id, copy_id, each.assignment_id, actor.user_id, tree_id, now)
        await db.execute(INSERT_STARTER, each.assignment_id, await db.fetchval(COPY_SNAPSHOT, *copied))
    return copy_id
