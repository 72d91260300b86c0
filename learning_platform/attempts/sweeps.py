"""What time does to attempts: the warning, the deadline, the end of a track.

Each locks the track first, so that the moments of one track are handled one after another, whoever sweeps.
"""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.actions import begin_review_stage
from learning_platform.attempts.queries import who_submitted
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.sweep import Sweep
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import participants

WARNINGS_DUE = "select id, warn_at from assignments where warning_pending and warn_at <= $1 order by warn_at limit $2"
WARNINGS_UPCOMING = "select min(warn_at) from assignments where warning_pending"
LOCK_WARNING = """
select a.id, a.track_id, a.title, t.title as track_title, a.due_at
from assignments a join tracks t on t.id = a.track_id
where a.id = $1 and a.warning_pending and a.warn_at <= $2 for no key update of t, a skip locked
"""
CLEAR_WARNING = "update assignments set warning_pending = false where id = $1"
DEADLINES_DUE = "select id, due_at from assignments where review_pending and due_at <= $1 order by due_at limit $2"
DEADLINES_UPCOMING = "select min(due_at) from assignments where review_pending"
# The assignment is locked by what begins the review stage: it waits for hand-ins under way instead of skipping, which
# would leave the deadline to a later round.
LOCK_DEADLINE = """
select a.id from assignments a join tracks t on t.id = a.track_id
where a.id = $1 and a.review_pending and a.due_at <= $2 for no key update of t skip locked
"""
ENDS_DUE = (
    "select id, finishes_at from tracks where status = 'running' and finishes_at <= $1 order by finishes_at limit $2"
)
ENDS_UPCOMING = "select min(finishes_at) from tracks where status = 'running'"
LOCK_END = """
select title from tracks where id = $1 and status = 'running' and finishes_at <= $2 for no key update skip locked
"""
FINISH_TRACK = "update tracks set status = 'finished' where id = $1"


@dataclass(frozen=True, slots=True)
class _Warning:
    id: int
    track_id: int
    title: str
    track_title: str
    due_at: datetime


async def warn(db: Connection, assignment_id: int, now: datetime) -> bool:
    """Tell every participant that the deadline is near, and whether they have handed in."""
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
        words={"track": warning.track_title, "assignment": warning.title},
    )
    everybody = await participants(db, track_id=warning.track_id)
    submitted = await who_submitted(db, assignment_id=assignment_id)
    await announce(db, announcement, to=everybody, submitted=submitted, now=now)
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
        event=f"track_finished:{track_id}", type="track_finished", track_id=track_id, words={"track": title}
    )
    await announce(db, finished, to=await participants(db, track_id=track_id), now=now)
    return True


SWEEPS = (
    Sweep("warnings", WARNINGS_DUE, WARNINGS_UPCOMING, warn),
    Sweep("deadlines", DEADLINES_DUE, DEADLINES_UPCOMING, close_hand_in),
    Sweep("ends", ENDS_DUE, ENDS_UPCOMING, finish_track),
)
