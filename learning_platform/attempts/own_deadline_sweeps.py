"""The warning and the reminder of a participant who has a deadline of their own."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.queries import who_submitted
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.sweep import Sweep
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.messages import NotificationType

WARNINGS_DUE = "select id, warn_at from extensions where warning_pending and warn_at <= $1 order by warn_at limit $2"
WARNINGS_UPCOMING = "select min(warn_at) from extensions where warning_pending and warn_at > $1"
LOCK_WARNING = """
select e.id from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.id = $1 and e.warning_pending and e.warn_at <= $2 for no key update of t, e skip locked
"""
CLEAR_WARNING = "update extensions set warning_pending = false where id = $1"
REMINDERS_DUE = """
select id, reviews_warn_at from extensions where reminder_pending and reviews_warn_at <= $1
order by reviews_warn_at limit $2
"""
REMINDERS_UPCOMING = "select min(reviews_warn_at) from extensions where reminder_pending and reviews_warn_at > $1"
LOCK_REMINDER = """
select e.id from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.id = $1 and e.reminder_pending and e.reviews_warn_at <= $2 for no key update of t, e skip locked
"""
CLEAR_REMINDER = "update extensions set reminder_pending = false where id = $1"
# Read when the track is locked.
OWN_DEADLINE = """
select e.assignment_id, e.user_id, a.track_id, a.title, t.title as track_title, e.due_at, a.reviews_due_at,
    t.status = 'running' and p.left_at is null as takes_part, e.due_at > a.due_at as is_later,
    m.finished_at is null and m.reviews_required is not null as owes_reviews
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
    join participants p on p.track_id = t.id and p.user_id = e.user_id
    left join attempts m on m.assignment_id = a.id and m.user_id = e.user_id
where e.id = $1
"""


@dataclass(frozen=True, slots=True)
class _OwnDeadline:
    assignment_id: int
    user_id: int
    track_id: int
    title: str
    track_title: str
    due_at: datetime
    reviews_due_at: datetime
    takes_part: bool
    is_later: bool
    owes_reviews: bool


async def warn_of_own_deadline(db: Connection, extension_id: int, now: datetime) -> bool:
    """Tell a participant that the deadline that only they have is near, and whether they have handed in."""
    if await db.fetchval(LOCK_WARNING, extension_id, now) is None:
        return False
    await db.execute(CLEAR_WARNING, extension_id)
    own = await fetch_value(db, _OwnDeadline, OWN_DEADLINE, extension_id)
    if own is not None and own.takes_part and own.is_later:
        submitted = await who_submitted(db, assignment_id=own.assignment_id)
        warning = _announcement(own, "deadline_warning", due_at=own.due_at)
        await announce(db, warning, to=[own.user_id], submitted=submitted, now=now)
    return True


async def remind_after_own_deadline(db: Connection, extension_id: int, now: datetime) -> bool:
    """Remind a participant who still owes reviews, and could not begin them before the common reminder."""
    if await db.fetchval(LOCK_REMINDER, extension_id, now) is None:
        return False
    await db.execute(CLEAR_REMINDER, extension_id)
    own = await fetch_value(db, _OwnDeadline, OWN_DEADLINE, extension_id)
    if own is not None and own.takes_part and own.owes_reviews:
        reminder = _announcement(own, "reviews_overdue", due_at=own.reviews_due_at)
        await announce(db, reminder, to=[own.user_id], now=now)
    return True


def _announcement(own: _OwnDeadline, type: NotificationType, *, due_at: datetime) -> Announcement:
    return Announcement(
        event=f"{type}:{own.assignment_id}:{own.user_id}:{due_at.isoformat()}",
        type=type,
        track_id=own.track_id,
        assignment_id=own.assignment_id,
        due_at=due_at,
        parameters={"track": own.track_title, "assignment": own.title},
    )


OWN_SWEEPS = (
    Sweep("own_warnings", WARNINGS_DUE, WARNINGS_UPCOMING, warn_of_own_deadline),
    Sweep("own_reminders", REMINDERS_DUE, REMINDERS_UPCOMING, remind_after_own_deadline),
)
