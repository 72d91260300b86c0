"""The second iteration: after the reviews, authors may hand in once more; the scores stay.

It has a time of its own in the calendar and holds nothing up. What is handed in then is a version of the same
submission (`submission_versions.iteration` = 2); reviewers were given the first, and see the second beside it.
"""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.due_events import DueEvent
from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.core.versions import Seen
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.snapshots.freezing import Received

# Participants who have something to hand in again, and have not done so.
WITHOUT_SECOND_ITERATION = """
select s.user_id
from submissions s join participants p on p.user_id = s.user_id
    join assignments a on a.id = s.assignment_id and a.track_id = p.track_id
where s.assignment_id = $1 and p.left_at is null and not s.is_withdrawn
    and not exists (select from submission_versions v where v.submission_id = s.id and v.iteration = 2)
"""
SUBJECT = """
select a.title, t.title as track_title, iteration_due_at(a.reviews_due_at, t.iteration_hours) as due_at
from assignments a join tracks t on t.id = a.track_id where a.id = $1
"""
# The submission counts its versions; its own columns stay those of the first iteration.
HAND_IN_AGAIN = """
with changed as (
    update submissions set version = version + 1
    where id = $1 and ($2::int[] is null or version = any($2)) returning id, version
), kept as (
    insert into submission_versions (submission_id, iteration, repo_url, snapshot_id, comment, submitted_at)
    select id, 2, $3, $4, $5, $6 from changed
)
select not exists (select from submission_versions v where v.submission_id = changed.id and v.iteration = 2) as is_first
from changed
"""


@dataclass(frozen=True, slots=True)
class _Subject:
    title: str
    track_title: str
    due_at: datetime


async def announce_iteration(db: Connection, event: DueEvent, now: datetime) -> None:
    """Notify those who may hand in a second iteration and have not done so: that it opens, or that it ends soon."""
    to = await fetch_ids(db, WITHOUT_SECOND_ITERATION, event.assignment_id)
    await announce(db, await _announcement(db, event), to=to, now=now)


async def insert_second_iteration(
    db: Connection,
    *,
    submission_id: int,
    snapshot_id: int,
    received: Received,
    comment: str | None,
    seen: Seen,
    now: datetime,
) -> bool | None:
    """Write a version of the second iteration; say whether it is the first, or None if the submission has changed."""
    what = (received.repo_url, snapshot_id, comment, now)
    is_first: bool | None = await db.fetchval(HAND_IN_AGAIN, submission_id, seen, *what)
    return is_first


async def _announcement(db: Connection, event: DueEvent) -> Announcement:
    subject = await fetch_value(db, _Subject, SUBJECT, event.assignment_id)
    assert subject is not None
    return Announcement(
        event=f"{event.kind}:{event.assignment_id}:{subject.due_at.isoformat()}",
        type="iteration_opened" if event.kind == "iteration_start" else "iteration_reminder",
        track_id=event.track_id,
        assignment_id=event.assignment_id,
        due_at=subject.due_at,
        parameters={"track": subject.track_title, "assignment": subject.title},
    )
