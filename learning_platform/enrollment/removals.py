"""Users whom staff removed from a track."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_value
from learning_platform.enrollment.rules import RemovedFromTrack

INSERT_REMOVAL = """
insert into removals (track_id, user_id, removed_by, reason, removed_at) values ($1, $2, $3, $4, $5)
on conflict (track_id, user_id) do update
    set removed_by = excluded.removed_by, reason = excluded.reason, removed_at = excluded.removed_at
"""
DELETE_REMOVAL = "delete from removals where track_id = $1 and user_id = $2 returning user_id"
REMOVAL = """
select t.title as track_title, r.reason, r.removed_at
from removals r join tracks t on t.id = r.track_id where r.track_id = $1 and r.user_id = $2
"""


@dataclass(frozen=True, slots=True)
class Removal:
    """Why and when a user was removed from a track."""

    track_title: str
    reason: str
    removed_at: datetime


async def removal_of(db: Connection, *, track_id: int, user_id: int) -> Removal | None:
    """Return why and when the user was removed, or None."""
    return await fetch_value(db, Removal, REMOVAL, track_id, user_id)


async def ensure_not_removed(db: Connection, *, track_id: int, user_id: int) -> None:
    """Raise RemovedFromTrack if staff removed the user and have not allowed them to enroll again."""
    if await removal_of(db, track_id=track_id, user_id=user_id) is not None:
        raise RemovedFromTrack


async def note_removal(
    db: Connection, *, track_id: int, user_id: int, removed_by: int, reason: str, now: datetime
) -> None:
    """Store that the user was removed, so that they cannot enroll again."""
    await db.execute(INSERT_REMOVAL, track_id, user_id, removed_by, reason, now)


async def forget_removal(db: Connection, *, track_id: int, user_id: int) -> bool:
    """Let the user enroll again; return whether they had been removed."""
    return await db.fetchval(DELETE_REMOVAL, track_id, user_id) is not None
