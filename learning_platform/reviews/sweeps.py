"""What time does to reviews: leases run out, and who still owes is reminded once."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.core.sweep import Sweep
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.actions import release
from learning_platform.reviews.extensions import begin_personal_review_stage

LEASES_DUE = """
select id, claimed_until from claims where state = 'open' and counts and claimed_until <= $1
order by claimed_until limit $2
"""
LEASES_UPCOMING = "select min(claimed_until) from claims where state = 'open' and counts"
LAPSE = """
with lapsed as (
    select id, submission_id, assignment_id, reviewer_id from claims
    where id = $1 and state = 'open' and counts and claimed_until <= $2 for update skip locked
), freed as (
    update claims c set counts = false from lapsed where c.id = lapsed.id
)
select lapsed.submission_id, s.id as own_submission_id
from lapsed left join submissions s on s.assignment_id = lapsed.assignment_id and s.user_id = lapsed.reviewer_id
"""
REMINDERS_DUE = """
select id, reviews_warn_at from assignments where reminder_pending and reviews_warn_at <= $1
order by reviews_warn_at limit $2
"""
REMINDERS_UPCOMING = "select min(reviews_warn_at) from assignments where reminder_pending"
LOCK_REMINDER = """
select a.id, a.track_id, a.title, t.title as track_title, a.reviews_due_at
from assignments a join tracks t on t.id = a.track_id
where a.id = $1 and a.reminder_pending and a.reviews_warn_at <= $2 for no key update of t, a skip locked
"""
CLEAR_REMINDER = "update assignments set reminder_pending = false where id = $1"
EXTENSIONS_DUE = """
select e.id, e.due_at from extensions e join assignments a on a.id = e.assignment_id
where e.review_pending and e.due_at <= $1 and not a.review_pending order by e.due_at limit $2
"""
EXTENSIONS_UPCOMING = """
select min(greatest(e.due_at, a.due_at)) from extensions e join assignments a on a.id = e.assignment_id
where e.review_pending
"""
LOCK_EXTENSION = """
select e.assignment_id, e.user_id
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.id = $1 and e.review_pending and e.due_at <= $2 for no key update of t, a, e skip locked
"""
# Whose own deadline is still to come owes nothing yet.
WHO_OWES = """
select user_id from attempts where assignment_id = $1 and finished_at is null and reviews_required is not null
"""


@dataclass(frozen=True, slots=True)
class _Reminder:
    id: int
    track_id: int
    title: str
    track_title: str
    reviews_due_at: datetime


async def lapse(db: Connection, claim_id: int, now: datetime) -> bool:
    """Let a submission go to others; who holds it may still review it."""
    row = await db.fetchrow(LAPSE, claim_id, now)
    if row is None:
        return False
    await release(db, submission_id=row["submission_id"], own_submission_id=row["own_submission_id"])
    return True


async def remind(db: Connection, assignment_id: int, now: datetime) -> bool:
    """Remind those, and only those, who still owe reviews."""
    reminder = await fetch_value(db, _Reminder, LOCK_REMINDER, assignment_id, now)
    if reminder is None:
        return False
    await db.execute(CLEAR_REMINDER, assignment_id)
    announcement = Announcement(
        event=f"reviews_overdue:{assignment_id}",
        type="reviews_overdue",
        track_id=reminder.track_id,
        assignment_id=assignment_id,
        due_at=reminder.reviews_due_at,
        words={"track": reminder.track_title, "assignment": reminder.title},
    )
    await announce(db, announcement, to=await fetch_ids(db, WHO_OWES, assignment_id), now=now)
    return True


async def close_personal_hand_in(db: Connection, extension_id: int, now: datetime) -> bool:
    """Begin the review stage of a participant whose own deadline has passed."""
    row = await db.fetchrow(LOCK_EXTENSION, extension_id, now)
    if row is None:
        return False
    return await begin_personal_review_stage(db, assignment_id=row["assignment_id"], user_id=row["user_id"], now=now)


SWEEPS = (
    Sweep("extensions", EXTENSIONS_DUE, EXTENSIONS_UPCOMING, close_personal_hand_in),
    Sweep("leases", LEASES_DUE, LEASES_UPCOMING, lapse),
    Sweep("reminders", REMINDERS_DUE, REMINDERS_UPCOMING, remind),
)
