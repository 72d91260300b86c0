"""Deadlines as they hold for each participant: those with an extension are told of their own.

Every message that names the deadline for handing in goes out by `announce_deadline`, or leaves out those with a
deadline of their own, who have a warning and a reminder of their own (attempts.sweeps).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.actions import move_deadline
from learning_platform.tracks.queries import participants
from learning_platform.tracks.rules import WARNING_SHARE

OWN_DEADLINES = """
select e.user_id, e.due_at from extensions e join assignments a on a.id = e.assignment_id
where e.assignment_id = $1 and e.due_at > a.due_at and e.user_id = any($2::bigint[])
"""
# The warning comes when $3 of the time until the own deadline is over; the reminder of reviews, when that share of what
# is left of the review window is over, for those to whom the common reminder comes too early. What has passed already
# is not said: they have just been told of the deadline. Whom ($2)? One participant, or everybody.
SET_OWN_WARNINGS = """
update extensions e set
    warn_at = a.opens_at + $3::float8 * (e.due_at - a.opens_at),
    warning_pending = e.due_at > a.due_at
        and (e.warning_pending or a.opens_at + $3::float8 * (e.due_at - a.opens_at) > $4::timestamptz),
    reviews_warn_at = e.due_at + $3::float8 * (a.reviews_due_at - e.due_at),
    reminder_pending = e.due_at > a.reviews_warn_at
from assignments a
where a.id = e.assignment_id and a.track_id = $1 and e.review_pending and ($2::bigint is null or e.user_id = $2)
"""


async def own_deadlines(db: Connection, *, assignment_id: int, user_ids: Collection[int]) -> dict[int, datetime]:
    """Return who of these users has a deadline of their own, later than the common one, and when it is."""
    rows = await db.fetch(OWN_DEADLINES, assignment_id, list(user_ids))
    return {user_id: due_at for user_id, due_at in rows}


async def announce_deadline(
    db: Connection, announcement: Announcement, *, to: Sequence[int], own: Sequence[str] = (), now: datetime
) -> None:
    """Tell each of the users `to` of the deadline that holds for them.

    `own`: flags added to the announcement's words for who has a deadline of their own.
    """
    assert announcement.assignment_id is not None
    later = await own_deadlines(db, assignment_id=announcement.assignment_id, user_ids=to)
    groups: defaultdict[datetime, list[int]] = defaultdict(list)
    for user_id, due_at in later.items():
        groups[due_at].append(user_id)
    await announce(db, announcement, to=[user_id for user_id in to if user_id not in later], now=now)
    for due_at, user_ids in sorted(groups.items()):
        parameters = dict(announcement.parameters) | dict.fromkeys(own, "yes")
        event = f"{announcement.event}:own:{due_at.isoformat()}"
        await announce(
            db, replace(announcement, event=event, due_at=due_at, parameters=parameters), to=user_ids, now=now
        )


async def set_own_warnings(db: Connection, *, track_id: int, user_id: int | None = None, now: datetime) -> None:
    """Fix when a participant with a deadline of their own, or everybody who has one, is warned and reminded."""
    await db.execute(SET_OWN_WARNINGS, track_id, user_id, WARNING_SHARE, now)


async def extend_deadline(
    db: Connection,
    *,
    assignment_id: int,
    due_at: datetime,
    user_id: int,
    is_admin: bool,
    seen: Seen = None,
    now: datetime,
) -> None:
    """Move a deadline, and all that comes after it, later for everyone, and tell them.

    Raises AssignmentNotFound, NotTheAuthor, TrackOver, VersionConflict, CalendarOpen, DeadlinePassed,
    DeadlineNotLater, DeadlineTooFar.
    """
    moved = await move_deadline(
        db, assignment_id=assignment_id, due_at=due_at, user_id=user_id, is_admin=is_admin, seen=seen, now=now
    )
    await set_own_warnings(db, track_id=moved.track_id, now=now)
    announcement = Announcement(
        event=f"deadline_moved:{assignment_id}:{due_at.isoformat()}",
        type="deadline_moved",
        track_id=moved.track_id,
        assignment_id=assignment_id,
        due_at=due_at,
        parameters={"track": moved.track_title, "assignment": moved.title},
    )
    everybody = await participants(db, track_id=moved.track_id)
    await announce_deadline(db, announcement, to=everybody, own=["own_deadline"], now=now)
