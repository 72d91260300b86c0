"""Fix the calendar of a track that starts, and move deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TrackHead, lock_track_of
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    calendar,
    ensure_extension,
    ensure_not_over,
)

SET_CALENDAR = """
update assignments a set opens_at = c.opens_at, due_at = c.due_at, reviews_due_at = c.reviews_due_at
from unnest($2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
    with ordinality as c (opens_at, due_at, reviews_due_at, number)
where a.track_id = $1 and a.position = c.number - 1
"""
START_TRACK = """
update tracks set status = 'running', started_at = $2, calendar_changed_at = $2, finishes_at = $3,
    start_missed_at = null
where id = $1
"""
LOCK_ASSIGNMENT = """
select id, track_id, position, title, opens_at, due_at, review_started_at, version
from assignments where id = $1 for update
"""
EXTEND_ASSIGNMENT = """
update assignments set due_at = $2::timestamptz, duration_hours = extract(epoch from $2::timestamptz - opens_at) / 3600,
    reviews_due_at = reviews_due_at + $3::interval, version = version + 1
where id = $1
"""
SHIFT_LATER_ASSIGNMENTS = """
update assignments set opens_at = opens_at + $3::interval, due_at = due_at + $3::interval,
    reviews_due_at = reviews_due_at + $3::interval, version = version + 1
where track_id = $1 and position > $2
"""
SHIFT_FINISH = """
update tracks set finishes_at = finishes_at + $2::interval, calendar_changed_at = $3 where id = $1
"""
DURATIONS = "select duration_hours from assignments where track_id = $1 order by position"


async def durations(db: Connection, *, track_id: int) -> Sequence[float]:
    """Return the durations of the assignments in hours, in their order."""
    return [row[0] for row in await db.fetch(DURATIONS, track_id)]


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """Of which assignment of which track a deadline was moved."""

    track_id: int
    track_title: str
    title: str


@dataclass(frozen=True, slots=True)
class _LockedAssignment:
    id: int
    track_id: int
    position: int
    title: str
    opens_at: datetime | None
    due_at: datetime | None
    review_started_at: datetime | None
    version: int


async def start_calendar(db: Connection, track: TrackHead, *, now: datetime) -> None:
    """Fix the calendar of a full track whose row is locked; its schedule is left to the caller."""
    calendars = calendar(
        starts_at=now,
        durations=await durations(db, track_id=track.id),
        review_hours=track.review_hours,
        iteration_hours=track.iteration_hours,
    )
    await db.execute(
        SET_CALENDAR,
        track.id,
        [one.opens_at for one in calendars],
        [one.due_at for one in calendars],
        [one.reviews_due_at for one in calendars],
    )
    await db.execute(START_TRACK, track.id, now, calendars[-1].ends_at)


async def move_deadline(
    db: Connection,
    *,
    assignment_id: int,
    due_at: datetime,
    actor: Actor,
    seen: Seen = None,
    now: datetime,
) -> MovedDeadline:
    """Move a deadline, and all that comes after it, later for everyone.

    The schedule, and telling people, are left to the caller. Raises AssignmentNotFound, NotTheAuthor, TrackOver,
    VersionConflict, CalendarOpen, DeadlinePassed, DeadlineNotLater, DeadlineTooFar.
    """
    track = await lock_track_of(db, assignment_id=assignment_id)
    await ensure_may(db, "move_deadlines", track=track, actor=actor)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    assignment = await fetch_value(db, _LockedAssignment, LOCK_ASSIGNMENT, assignment_id)
    if assignment is None:
        raise AssignmentNotFound
    if is_other(assignment.version, seen=seen):
        raise VersionConflict(version=assignment.version, current={"due_at": assignment.due_at})
    ensure_extension(
        due_at=assignment.due_at,
        to=due_at,
        finishes_at=track.finishes_at,
        is_closed=assignment.review_started_at is not None,
        now=now,
    )
    assert assignment.due_at is not None
    await _shift(db, assignment, to=due_at, by=due_at - assignment.due_at, now=now)
    return MovedDeadline(track_id=track.id, track_title=track.title, title=assignment.title)


async def _shift(db: Connection, assignment: _LockedAssignment, *, to: datetime, by: timedelta, now: datetime) -> None:
    await db.execute(EXTEND_ASSIGNMENT, assignment.id, to, by)
    await db.execute(SHIFT_LATER_ASSIGNMENTS, assignment.track_id, assignment.position, by)
    await db.execute(SHIFT_FINISH, assignment.track_id, by, now)
