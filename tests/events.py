"""Events of the schedule, handled one by one as a sweep would; each returns whether there was anything to do."""

from datetime import datetime

from learning_platform.attempts.due_events import handle
from learning_platform.attempts.scheduled_events import KINDS
from learning_platform.core.database import Connection

EVENT = """
select id from scheduled_events where kind = $1 and assignment_id = $2 and user_id is not distinct from $3
"""
END = "select id from scheduled_events where kind = 'track_end' and track_id = $1"
PENDING = """
select kind, assignment_id, user_id, due_at from scheduled_events where track_id = $1 and pending
order by due_at, kind, assignment_id, user_id
"""
DUE = "select id, kind from scheduled_events where pending and due_at <= $1 order by due_at, id"
Pending = tuple[str, int, int | None, datetime]


async def pending(db: Connection, track_id: int) -> list[Pending]:
    """Return what is still to be done on a track: kind, assignment, participant, when."""
    return [(kind, id, user_id, due_at) for kind, id, user_id, due_at in await db.fetch(PENDING, track_id)]


async def warn(db: Connection, assignment_id: int, now: datetime, *, user_id: int | None = None) -> bool:
    """Handle the warning of a deadline."""
    return await _handle(db, "deadline_warning", assignment_id, user_id, now)


async def close_hand_in(db: Connection, assignment_id: int, now: datetime, *, user_id: int | None = None) -> bool:
    """Handle a deadline."""
    return await _handle(db, "review_start", assignment_id, user_id, now)


async def remind(db: Connection, assignment_id: int, now: datetime, *, user_id: int | None = None) -> bool:
    """Handle the reminder of reviews."""
    return await _handle(db, "review_reminder", assignment_id, user_id, now)


async def finish_track(db: Connection, track_id: int, now: datetime) -> bool:
    """Handle the end of a track."""
    return await handle(KINDS["track_end"].act, db, await db.fetchval(END, track_id), now)


async def run_due(db: Connection, now: datetime) -> None:
    """Handle everything that is due, in order, as a scheduler that comes back at `now`."""
    for event_id, kind in await db.fetch(DUE, now):
        await handle(KINDS[kind].act, db, event_id, now)


async def _handle(db: Connection, kind: str, assignment_id: int, user_id: int | None, now: datetime) -> bool:
    event_id = await db.fetchval(EVENT, kind, assignment_id, user_id)
    return event_id is not None and await handle(KINDS[kind].act, db, event_id, now)
