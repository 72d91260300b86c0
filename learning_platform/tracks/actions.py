"""Create, edit, copy, delete and cancel tracks; move deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.notifier import notify
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import TrackHead, durations, edited_track, lock_track, lock_track_of, participants
from learning_platform.tracks.rules import (
    WARNING_SHARE,
    AssignmentNotFound,
    calendar,
    ensure_author,
    ensure_criteria_kept,
    ensure_enrolling,
    ensure_extension,
    ensure_not_over,
    ensure_seats_for,
)

INSERT_TRACK = """
insert into tracks (author_id, title, description, required_participants, review_hours, created_at)
values ($1, $2, $3, $4, $5, $6) returning id
"""
INSERT_CRITERIA = """
insert into criteria (track_id, position, name, description, max_score)
select $1, row_number() over () - 1, * from unnest($2::text[], $3::text[], $4::smallint[])
"""
INSERT_ASSIGNMENTS = """
insert into assignments (track_id, position, title, description, duration_hours)
select $1, row_number() over () - 1, * from unnest($2::text[], $3::text[], $4::float8[])
"""
UPDATE_TRACK = """
update tracks set title = coalesce($2, title), description = coalesce($3, description),
    required_participants = coalesce($4, required_participants), review_hours = coalesce($5, review_hours),
    version = version + 1
where id = $1
"""
DELETE_ASSIGNMENTS = "delete from assignments where track_id = $1"
DELETE_TRACK = "delete from tracks where id = $1"
COPY_TRACK = """
insert into tracks (author_id, title, description, required_participants, review_hours, created_at)
select $2, title, description, required_participants, review_hours, $3 from tracks where id = $1 returning id
"""
COPY_CRITERIA = """
insert into criteria (track_id, position, name, description, max_score)
select $2, position, name, description, max_score from criteria where track_id = $1
"""
COPY_ASSIGNMENTS = """
insert into assignments (track_id, position, title, description, duration_hours)
select $2, position, title, description, duration_hours from assignments where track_id = $1
"""
CANCEL_TRACK = "update tracks set status = 'cancelled', calendar_changed_at = $2 where id = $1"
CLEAR_CALENDAR = """
update assignments set warning_pending = false, review_pending = false, reminder_pending = false where track_id = $1
"""
SET_CALENDAR = """
update assignments a set opens_at = c.opens_at, warn_at = c.warn_at, due_at = c.due_at,
    reviews_warn_at = c.reviews_warn_at, reviews_due_at = c.reviews_due_at,
    warning_pending = true, review_pending = true, reminder_pending = true
from unnest($2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
    with ordinality as c (opens_at, warn_at, due_at, reviews_warn_at, reviews_due_at, number)
where a.track_id = $1 and a.position = c.number - 1
"""
START_TRACK = """
update tracks set status = 'running', started_at = $2, calendar_changed_at = $2, finishes_at = $3 where id = $1
"""
LOCK_ASSIGNMENT = """
select id, track_id, position, title, opens_at, due_at, review_pending, version
from assignments where id = $1 for update
"""
# A deadline that moves is warned of anew only where its own moment of warning is still to come; a warning that is
# overdue already is given all the same.
EXTEND_ASSIGNMENT = """
update assignments set due_at = $2::timestamptz, duration_hours = extract(epoch from $2::timestamptz - opens_at) / 3600,
    warn_at = opens_at + $4::float8 * ($2::timestamptz - opens_at),
    warning_pending = warning_pending or opens_at + $4::float8 * ($2::timestamptz - opens_at) > $5::timestamptz,
    reviews_warn_at = reviews_warn_at + $3::interval, reviews_due_at = reviews_due_at + $3::interval,
    version = version + 1
where id = $1
"""
SHIFT_LATER_ASSIGNMENTS = """
update assignments set opens_at = opens_at + $3::interval, warn_at = warn_at + $3::interval,
    due_at = due_at + $3::interval, reviews_warn_at = reviews_warn_at + $3::interval,
    reviews_due_at = reviews_due_at + $3::interval, version = version + 1
where track_id = $1 and position > $2
"""
SHIFT_FINISH = """
update tracks set finishes_at = finishes_at + $2::interval, calendar_changed_at = $3 where id = $1
"""


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """A criterion to be created."""

    name: str
    description: str
    max_score: int


@dataclass(frozen=True, slots=True)
class AssignmentDraft:
    """An assignment to be created; its length in hours."""

    title: str
    description: str
    duration_hours: float


@dataclass(frozen=True, slots=True)
class TrackDraft:
    """A track to be created."""

    title: str
    description: str
    required_participants: int
    review_hours: float
    criteria: Sequence[CriterionDraft]
    assignments: Sequence[AssignmentDraft]


@dataclass(frozen=True, slots=True)
class TrackChange:
    """What is to be changed of a track; None stays as it is. `seen`: the versions it is based on."""

    title: str | None = None
    description: str | None = None
    required_participants: int | None = None
    review_hours: float | None = None
    assignments: Sequence[AssignmentDraft] | None = None
    names_criteria: bool = False
    seen: Seen = None


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
    review_pending: bool
    version: int


async def create_track(db: Connection, *, author_id: int, draft: TrackDraft, now: datetime) -> int:
    """Create a track and return its id."""
    track_id: int = await db.fetchval(
        INSERT_TRACK,
        author_id,
        draft.title,
        draft.description,
        draft.required_participants,
        draft.review_hours,
        now,
    )
    await db.execute(
        INSERT_CRITERIA,
        track_id,
        [criterion.name for criterion in draft.criteria],
        [criterion.description for criterion in draft.criteria],
        [criterion.max_score for criterion in draft.criteria],
    )
    await _insert_assignments(db, track_id=track_id, drafts=draft.assignments)
    return track_id


async def edit_track(db: Connection, *, track_id: int, user_id: int, is_admin: bool, change: TrackChange) -> TrackHead:
    """Change a track while people gather; assignments are replaced as a whole. Return it as it is then.

    Raises TrackNotFound, NotTheAuthor, CriteriaFixed, TrackStarted, TrackOver, VersionConflict, SeatsTaken.
    """
    track = await lock_track(db, track_id=track_id)
    ensure_author(author_id=track.author_id, user_id=user_id, is_admin=is_admin)
    ensure_criteria_kept(names_criteria=change.names_criteria)
    ensure_enrolling(track.status)
    if is_other(track.version, seen=change.seen):
        raise VersionConflict(version=track.version, current=await edited_track(db, track_id=track_id))
    if change.required_participants is not None:
        ensure_seats_for(track.participants_count, seats=change.required_participants)
    await db.execute(
        UPDATE_TRACK, track_id, change.title, change.description, change.required_participants, change.review_hours
    )
    if change.assignments is not None:
        await db.execute(DELETE_ASSIGNMENTS, track_id)
        await _insert_assignments(db, track_id=track_id, drafts=change.assignments)
    return await lock_track(db, track_id=track_id)


async def delete_track(db: Connection, *, track_id: int, user_id: int, is_admin: bool, now: datetime) -> None:
    """Delete a track nobody has begun, and tell who had enrolled.

    Raises TrackNotFound, NotTheAuthor, TrackStarted, TrackOver.
    """
    track = await lock_track(db, track_id=track_id)
    ensure_author(author_id=track.author_id, user_id=user_id, is_admin=is_admin)
    ensure_enrolling(track.status)
    enrolled = await participants(db, track_id=track_id)
    await db.execute(DELETE_TRACK, track_id)
    await _tell_cancelled(db, track, to=enrolled, is_deleted=True, now=now)


async def copy_track(db: Connection, *, track_id: int, user_id: int, is_admin: bool, now: datetime) -> int:
    """Create an `enrolling` copy that belongs to who copies; return its id. Raises TrackNotFound, NotTheAuthor.

    Locks the track: what is copied by several statements is one state of it.
    """
    track = await lock_track(db, track_id=track_id)
    ensure_author(author_id=track.author_id, user_id=user_id, is_admin=is_admin)
    copy_id: int = await db.fetchval(COPY_TRACK, track_id, user_id, now)
    await db.execute(COPY_CRITERIA, track_id, copy_id)
    await db.execute(COPY_ASSIGNMENTS, track_id, copy_id)
    return copy_id


async def cancel_track(db: Connection, *, track_id: int, user_id: int, is_admin: bool, now: datetime) -> None:
    """End a track that is not over, and tell its participants. Raises TrackNotFound, NotTheAuthor, TrackOver."""
    track = await lock_track(db, track_id=track_id)
    ensure_author(author_id=track.author_id, user_id=user_id, is_admin=is_admin)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    await db.execute(CANCEL_TRACK, track_id, now)
    await db.execute(CLEAR_CALENDAR, track_id)
    await _tell_cancelled(db, track, to=await participants(db, track_id=track_id), now=now)


async def start_calendar(db: Connection, track: TrackHead, *, now: datetime) -> None:
    """Fix every moment of a full track whose row is locked, and ring for the scheduler."""
    moments = calendar(starts_at=now, durations=await durations(db, track_id=track.id), review_hours=track.review_hours)
    await db.execute(
        SET_CALENDAR,
        track.id,
        [moment.opens_at for moment in moments],
        [moment.warn_at for moment in moments],
        [moment.due_at for moment in moments],
        [moment.reviews_warn_at for moment in moments],
        [moment.reviews_due_at for moment in moments],
    )
    await db.execute(START_TRACK, track.id, now, moments[-1].reviews_due_at)
    await notify(db, "scheduled")


async def move_deadline(
    db: Connection,
    *,
    assignment_id: int,
    due_at: datetime,
    user_id: int,
    is_admin: bool,
    seen: Seen = None,
    now: datetime,
) -> MovedDeadline:
    """Move a deadline, and all that comes after it, later for everyone; telling them is left to the caller.

    Raises AssignmentNotFound, NotTheAuthor, TrackOver, VersionConflict, CalendarOpen, DeadlinePassed,
    DeadlineNotLater, DeadlineTooFar.
    """
    track = await lock_track_of(db, assignment_id=assignment_id)
    ensure_author(author_id=track.author_id, user_id=user_id, is_admin=is_admin)
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
        is_closed=not assignment.review_pending,
        now=now,
    )
    assert assignment.due_at is not None
    await _shift(db, assignment, to=due_at, by=due_at - assignment.due_at, now=now)
    return MovedDeadline(track_id=track.id, track_title=track.title, title=assignment.title)


async def _shift(db: Connection, assignment: _LockedAssignment, *, to: datetime, by: timedelta, now: datetime) -> None:
    await db.execute(EXTEND_ASSIGNMENT, assignment.id, to, by, WARNING_SHARE, now)
    await db.execute(SHIFT_LATER_ASSIGNMENTS, assignment.track_id, assignment.position, by)
    await db.execute(SHIFT_FINISH, assignment.track_id, by, now)
    await notify(db, "scheduled")


async def _tell_cancelled(
    db: Connection, track: TrackHead, *, to: Sequence[int], is_deleted: bool = False, now: datetime
) -> None:
    parameters = {"track": track.title} | ({"deleted": "yes"} if is_deleted else {})
    cancelled = Announcement(
        event=f"track_cancelled:{track.id}", type="track_cancelled", track_id=track.id, parameters=parameters
    )
    await announce(db, cancelled, to=to, now=now)


async def _insert_assignments(db: Connection, *, track_id: int, drafts: Sequence[AssignmentDraft]) -> None:
    await db.execute(
        INSERT_ASSIGNMENTS,
        track_id,
        [draft.title for draft in drafts],
        [draft.description for draft in drafts],
        [draft.duration_hours for draft in drafts],
    )
