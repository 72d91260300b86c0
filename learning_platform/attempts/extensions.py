"""A later deadline: for everyone, or for one participant, with a reason, which moves no other calendar.

Participants with a deadline of their own hand in until then as others do before the common one, and see no submissions
of others; theirs joins the review pool when it comes, and their review stage begins when their deadline has passed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.deadlines import announce_deadline
from learning_platform.attempts.rules import (
    NotExtendable,
    ParticipantNotFound,
    ensure_extension_fits,
    ensure_has_not_left,
)
from learning_platform.attempts.schedule import unschedule_at, update_schedule
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.calendar import move_deadline
from learning_platform.tracks.queries import lock_track_of, participants
from learning_platform.tracks.rules import AssignmentNotFound, CalendarOpen, ensure_not_over

# Against the participant's own hand-in and claim, which take KEY SHARE of it. A statement of its own: what is read next
# is how things are after the wait.
LOCK_ASSIGNMENT = "select id from assignments where id = $1 for update"
PARTICIPANT = """
select a.id as assignment_id, a.track_id, a.title, a.due_at, a.reviews_due_at, u.id as user_id,
    p.user_id is not null as is_participant, p.left_at is not null as has_left,
    m.finished_at is not null as is_finished, e.due_at as extended_to, e.reason
from assignments a left join users u on lower(u.username) = lower($2)
    left join participants p on p.track_id = a.track_id and p.user_id = u.id
    left join attempts m on m.assignment_id = a.id and m.user_id = u.id
    left join extensions e on e.assignment_id = a.id and e.user_id = u.id
where a.id = $1
"""
# Of all extensions of a track together: it grows with each that is given or changed.
EXTENSIONS_VERSION = """
select coalesce(sum(e.version), 0)::int from extensions e join assignments a on a.id = e.assignment_id
where a.track_id = $1
"""
GRANT = """
insert into extensions (assignment_id, user_id, due_at, reason, granted_by, granted_at) values ($1, $2, $3, $4, $5, $6)
on conflict (assignment_id, user_id) do update set due_at = excluded.due_at, reason = excluded.reason,
    granted_by = excluded.granted_by, granted_at = excluded.granted_at,
    review_started_at = null, version = extensions.version + 1
"""
# What was owed is fixed again when the later deadline has passed.
OWE_LATER = "update attempts set reviews_required = null where assignment_id = $1 and user_id = $2"

HasClaimed = Callable[[Connection, int, int], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Extension:
    """A personal deadline."""

    assignment_id: int
    user_id: int
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class _Participant:
    assignment_id: int
    track_id: int
    title: str
    due_at: datetime | None
    reviews_due_at: datetime | None
    user_id: int | None
    is_participant: bool
    has_left: bool
    is_finished: bool
    extended_to: datetime | None
    reason: str | None


async def extend_deadline(
    db: Connection,
    *,
    assignment_id: int,
    due_at: datetime,
    actor: Actor,
    seen: Seen = None,
    now: datetime,
) -> None:
    """Move a deadline, and all that comes after it, later for everyone, and notify them.

    Raises AssignmentNotFound, NotTheAuthor, TrackOver, VersionConflict, CalendarOpen, DeadlinePassed,
    DeadlineNotLater, DeadlineTooFar.
    """
    moved = await move_deadline(db, assignment_id=assignment_id, due_at=due_at, actor=actor, seen=seen, now=now)
    await update_schedule(db, track_id=moved.track_id, now=now)
    announcement = Announcement(
        event=f"deadline_moved:{assignment_id}:{due_at.isoformat()}",
        type="deadline_moved",
        track_id=moved.track_id,
        assignment_id=assignment_id,
        due_at=due_at,
        parameters={"track": moved.track_title, "assignment": moved.title},
    )
    all_participants = await participants(db, track_id=moved.track_id)
    await announce_deadline(db, announcement, to=all_participants, own=["own_deadline"], now=now)


async def grant_extension(
    db: Connection,
    *,
    assignment_id: int,
    username: str,
    due_at: datetime,
    reason: str,
    granted_by: int,
    has_claimed: HasClaimed,
    seen: Seen = None,
    now: datetime,
) -> Extension:
    """Give one participant until `due_at`, also after the common deadline, and notify them; again replaces it.

    `has_claimed(db, assignment_id, user_id)` says whether they have been given a submission to review; it is asked when
    the assignment is locked. Raises AssignmentNotFound, TrackOver, CalendarOpen, ParticipantNotFound, TrackLeft,
    NotExtendable, ExtensionOutOfRange, VersionConflict.
    """
    track = await lock_track_of(db, assignment_id=assignment_id)
    await db.execute(LOCK_ASSIGNMENT, assignment_id)
    participant = await fetch_value(db, _Participant, PARTICIPANT, assignment_id, username)
    if participant is None:
        raise AssignmentNotFound
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    user_id = _ensure_participates(participant)
    if participant.is_finished or await has_claimed(db, assignment_id, user_id):
        raise NotExtendable
    _ensure_fits(participant, due_at=due_at, now=now)
    await _ensure_unchanged(db, participant, seen=seen)
    await db.execute(GRANT, assignment_id, user_id, due_at, reason, granted_by, now)
    await db.execute(OWE_LATER, assignment_id, user_id)
    # They are notified of the new deadline below: what would have been due by now is not made up for.
    await unschedule_at(db, assignment_id=assignment_id, user_id=user_id)
    await update_schedule(db, track_id=track.id, now=now)
    granted = Extension(assignment_id, user_id, due_at, reason)
    await announce(db, _announcement(granted, participant, track_title=track.title), to=[user_id], now=now)
    return granted


def _announcement(granted: Extension, participant: _Participant, *, track_title: str) -> Announcement:
    return Announcement(
        event=f"deadline_moved:{granted.assignment_id}:{granted.user_id}:{granted.due_at.isoformat()}",
        type="deadline_moved",
        track_id=participant.track_id,
        assignment_id=granted.assignment_id,
        due_at=granted.due_at,
        parameters={"track": track_title, "assignment": participant.title, "only_you": "yes"},
    )


async def extensions_version(db: Connection, *, track_id: int) -> int:
    """Return the version of a track's extensions."""
    version: int = await db.fetchval(EXTENSIONS_VERSION, track_id)
    return version


async def _ensure_unchanged(db: Connection, participant: _Participant, *, seen: Seen) -> None:
    """Raise VersionConflict if the participant has an extension, and extensions were changed since they were seen."""
    if participant.extended_to is None or seen is None:
        return
    version = await extensions_version(db, track_id=participant.track_id)
    if is_other(version, seen=seen):
        raise VersionConflict(
            version=version, current={"due_at": participant.extended_to, "reason": participant.reason}
        )


def _ensure_participates(participant: _Participant) -> int:
    if participant.user_id is None or not participant.is_participant:
        raise ParticipantNotFound
    ensure_has_not_left(has_left=participant.has_left)
    return participant.user_id


def _ensure_fits(participant: _Participant, *, due_at: datetime, now: datetime) -> None:
    if participant.due_at is None or participant.reviews_due_at is None:
        raise CalendarOpen
    ensure_extension_fits(to=due_at, due_at=participant.due_at, reviews_due_at=participant.reviews_due_at, now=now)
