"""The warning and the reminder of a participant who has a deadline of their own."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.queries import who_submitted
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.sweep import Sweep
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.messages import NotificationType

OWN_WARNINGS_DUE = (
    "select id, warn_at from extensions where warning_pending and warn_at <= $1 order by warn_at limit $2"
)
OWN_WARNINGS_UPCOMING = "select min(warn_at) from extensions where warning_pending and warn_at > $1"
LOCK_OWN_WARNING = """
select e.assignment_id, e.user_id, a.track_id, a.title, t.title as track_title, e.due_at as time,
    t.status = 'running' and p.left_at is null and e.due_at > a.due_at as applies
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
    join participants p on p.track_id = t.id and p.user_id = e.user_id
where e.id = $1 and e.warning_pending and e.warn_at <= $2 for no key update of t, e skip locked
"""
CLEAR_OWN_WARNING = "update extensions set warning_pending = false where id = $1"
OWN_REMINDERS_DUE = """
select id, reviews_warn_at from extensions where reminder_pending and reviews_warn_at <= $1
order by reviews_warn_at limit $2
"""
OWN_REMINDERS_UPCOMING = "select min(reviews_warn_at) from extensions where reminder_pending and reviews_warn_at > $1"
LOCK_OWN_REMINDER = """
select e.assignment_id, e.user_id, a.track_id, a.title, t.title as track_title, a.reviews_due_at as time,
    t.status = 'running' and p.left_at is null and exists (select from attempts m
        where m.assignment_id = a.id and m.user_id = e.user_id and m.finished_at is null
            and m.reviews_required is not null) as applies
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
    join participants p on p.track_id = t.id and p.user_id = e.user_id
where e.id = $1 and e.reminder_pending and e.reviews_warn_at <= $2 for no key update of t, e skip locked
"""
CLEAR_OWN_REMINDER = "update extensions set reminder_pending = false where id = $1"


@dataclass(frozen=True, slots=True)
class _OwnMoment:
    """A moment of one participant; `applies`: they are still to be told of it."""

    assignment_id: int
    user_id: int
    track_id: int
    title: str
    track_title: str
    time: datetime
    applies: bool


async def warn_of_own_deadline(db: Connection, extension_id: int, now: datetime) -> bool:
    """Tell a participant that the deadline that only they have is near, and whether they have handed in."""
    warning = await fetch_value(db, _OwnMoment, LOCK_OWN_WARNING, extension_id, now)
    if warning is None:
        return False
    await db.execute(CLEAR_OWN_WARNING, extension_id)
    if warning.applies:
        submitted = await who_submitted(db, assignment_id=warning.assignment_id)
        await announce(db, _own(warning, "deadline_warning"), to=[warning.user_id], submitted=submitted, now=now)
    return True


async def remind_after_own_deadline(db: Connection, extension_id: int, now: datetime) -> bool:
    """Remind a participant who still owes reviews, and could not begin them before the common reminder."""
    reminder = await fetch_value(db, _OwnMoment, LOCK_OWN_REMINDER, extension_id, now)
    if reminder is None:
        return False
    await db.execute(CLEAR_OWN_REMINDER, extension_id)
    if reminder.applies:
        await announce(db, _own(reminder, "reviews_overdue"), to=[reminder.user_id], now=now)
    return True


def _own(moment: _OwnMoment, type: NotificationType) -> Announcement:
    return Announcement(
        event=f"{type}:{moment.assignment_id}:{moment.user_id}:{moment.time.isoformat()}",
        type=type,
        track_id=moment.track_id,
        assignment_id=moment.assignment_id,
        due_at=moment.time,
        words={"track": moment.track_title, "assignment": moment.title},
    )


OWN_SWEEPS = (
    Sweep("own_warnings", OWN_WARNINGS_DUE, OWN_WARNINGS_UPCOMING, warn_of_own_deadline),
    Sweep("own_reminders", OWN_REMINDERS_DUE, OWN_REMINDERS_UPCOMING, remind_after_own_deadline),
)
