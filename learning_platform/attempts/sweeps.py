"""What time does to attempts: the warning, the deadline, the reminder, the end of a track.

Each locks the track first, so that the moments of one track are handled one after another, whoever sweeps.
"""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.deadlines import own_deadlines
from learning_platform.attempts.own_deadline_sweeps import OWN_SWEEPS
from learning_platform.attempts.queries import who_submitted
from learning_platform.attempts.review_stage import begin_personal_review_stage, begin_review_stage
from learning_platform.core.database import Connection, Database, fetch_ids, fetch_value
from learning_platform.core.sweep import Sweep
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import LOCK_TRACK, participants

WARNINGS_DUE = "select id, warn_at from assignments where warning_pending and warn_at <= $1 order by warn_at limit $2"
WARNINGS_UPCOMING = "select min(warn_at) from assignments where warning_pending and warn_at > $1"
LOCK_WARNING = """
select a.id, a.track_id, a.title, t.title as track_title, a.due_at
from assignments a join tracks t on t.id = a.track_id
where a.id = $1 and a.warning_pending and a.warn_at <= $2 for no key update of t, a skip locked
"""
CLEAR_WARNING = "update assignments set warning_pending = false where id = $1"
DEADLINES_DUE = "select id, due_at from assignments where review_pending and due_at <= $1 order by due_at limit $2"
DEADLINES_UPCOMING = "select min(due_at) from assignments where review_pending and due_at > $1"
# The assignment is locked by what begins the review stage: it waits for hand-ins under way instead of skipping, which
# would leave the deadline to a later round.
LOCK_DEADLINE = """
select a.id from assignments a join tracks t on t.id = a.track_id
where a.id = $1 and a.review_pending and a.due_at <= $2 for no key update of t skip locked
"""
ENDS_DUE = (
    "select id, finishes_at from tracks where status = 'running' and finishes_at <= $1 order by finishes_at limit $2"
)
ENDS_UPCOMING = "select min(finishes_at) from tracks where status = 'running' and finishes_at > $1"
LOCK_END = """
select title from tracks where id = $1 and status = 'running' and finishes_at <= $2 for no key update skip locked
"""
FINISH_TRACK = "update tracks set status = 'finished' where id = $1"
REMINDERS_DUE = """
select id, reviews_warn_at from assignments where reminder_pending and reviews_warn_at <= $1
order by reviews_warn_at limit $2
"""
REMINDERS_UPCOMING = "select min(reviews_warn_at) from assignments where reminder_pending and reviews_warn_at > $1"
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
where e.review_pending and greatest(e.due_at, a.due_at) > $1
"""
LOCK_EXTENSION = """
select e.assignment_id, e.user_id
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.id = $1 and e.review_pending and greatest(e.due_at, a.due_at) <= $2 for no key update of t, a, e skip locked
"""
# Whose own deadline is still to come owes nothing yet.
OWING_REVIEWERS = """
select user_id from attempts where assignment_id = $1 and finished_at is null and reviews_required is not null
"""
# Everything above, and attempts.own_deadline_sweeps, of one track; `number` is the sweep's place in SWEEPS.
DUE_ON_TRACK = """
select number, id from (
    select 0 as number, id, warn_at as due_at from assignments where track_id = $1 and warning_pending
    union all select 1, id, due_at from assignments where track_id = $1 and review_pending
    union all select 2, e.id, greatest(e.due_at, a.due_at)
        from extensions e join assignments a on a.id = e.assignment_id where a.track_id = $1 and e.review_pending
    union all select 3, id, reviews_warn_at from assignments where track_id = $1 and reminder_pending
    union all select 4, id, finishes_at from tracks where id = $1 and status = 'running'
    union all select 5, e.id, e.warn_at
        from extensions e join assignments a on a.id = e.assignment_id where a.track_id = $1 and e.warning_pending
    union all select 6, e.id, e.reviews_warn_at
        from extensions e join assignments a on a.id = e.assignment_id where a.track_id = $1 and e.reminder_pending
) moments where due_at <= $2 order by due_at, number
"""


@dataclass(frozen=True, slots=True)
class _Warning:
    id: int
    track_id: int
    title: str
    track_title: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class _Reminder:
    id: int
    track_id: int
    title: str
    track_title: str
    reviews_due_at: datetime


async def warn(db: Connection, assignment_id: int, now: datetime) -> bool:
    """Tell every participant whose deadline this is that it is near, and whether they have handed in."""
    warning = await fetch_value(db, _Warning, LOCK_WARNING, assignment_id, now)
    if warning is None:
        return False
    await db.execute(CLEAR_WARNING, assignment_id)
    announcement = Announcement(
        event=f"deadline_warning:{assignment_id}:{warning.due_at.isoformat()}",
        type="deadline_warning",
        track_id=warning.track_id,
        assignment_id=assignment_id,
        due_at=warning.due_at,
        parameters={"track": warning.track_title, "assignment": warning.title},
    )
    everybody = await participants(db, track_id=warning.track_id)
    later = await own_deadlines(db, assignment_id=assignment_id, user_ids=everybody)
    submitted = await who_submitted(db, assignment_id=assignment_id)
    to = [user_id for user_id in everybody if user_id not in later]
    await announce(db, announcement, to=to, submitted=submitted, now=now)
    return True


async def close_hand_in(db: Connection, assignment_id: int, now: datetime) -> bool:
    """Begin the review stage of an assignment whose deadline has passed."""
    if await db.fetchval(LOCK_DEADLINE, assignment_id, now) is None:
        return False
    return await begin_review_stage(db, assignment_id=assignment_id, now=now)


async def finish_track(db: Connection, track_id: int, now: datetime) -> bool:
    """End a track whose last review window is over, and tell its participants."""
    title = await db.fetchval(LOCK_END, track_id, now)
    if title is None:
        return False
    await db.execute(FINISH_TRACK, track_id)
    finished = Announcement(
        event=f"track_finished:{track_id}", type="track_finished", track_id=track_id, parameters={"track": title}
    )
    await announce(db, finished, to=await participants(db, track_id=track_id), now=now)
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
        parameters={"track": reminder.track_title, "assignment": reminder.title},
    )
    await announce(db, announcement, to=await fetch_ids(db, OWING_REVIEWERS, assignment_id), now=now)
    return True


async def close_personal_hand_in(db: Connection, extension_id: int, now: datetime) -> bool:
    """Begin the review stage of a participant whose own deadline has passed."""
    row = await db.fetchrow(LOCK_EXTENSION, extension_id, now)
    if row is None:
        return False
    return await begin_personal_review_stage(db, assignment_id=row["assignment_id"], user_id=row["user_id"], now=now)


SWEEPS = (
    Sweep("warnings", WARNINGS_DUE, WARNINGS_UPCOMING, warn),
    Sweep("deadlines", DEADLINES_DUE, DEADLINES_UPCOMING, close_hand_in),
    Sweep("extensions", EXTENSIONS_DUE, EXTENSIONS_UPCOMING, close_personal_hand_in),
    Sweep("reminders", REMINDERS_DUE, REMINDERS_UPCOMING, remind),
    Sweep("ends", ENDS_DUE, ENDS_UPCOMING, finish_track),
    *OWN_SWEEPS,
)


async def catch_up(database: Database, *, track_id: int, now: datetime) -> None:
    """Do what is due on one track, each moment in its turn, as the scheduler does; wait for whoever is at it already.

    For requests that cannot go on before it is done.
    """
    async with database.connection() as db:
        due = await db.fetch(DUE_ON_TRACK, track_id, now)
    for number, id in due:
        async with database.transaction() as db:
            await db.execute(LOCK_TRACK, track_id)
            await SWEEPS[number].handle(db, id, now)
