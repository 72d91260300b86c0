"""Notify reviewers that work they reviewed has a second iteration, when reviewers may see it, and then day by day.

A notice at the time of the hand-in would show its author to a reviewer who knows when that was (core/anonymity.py). So
one event of the schedule looks when the reviews are due, and again at the start of each day in UTC until the time for
the second iteration is over. Each submission is announced once: neither another version of it nor a scheduler that was
stopped makes a second notice. The statement reads reviews, which are a matter of `reviews`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.attempts.due_events import DueEvent
from learning_platform.core.anonymity import shown_day
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.notifications.actions import Announcement, announce_each

# A link of the last minute may still be fetched on the day after.
FETCHING = timedelta(days=1)
# Reviewers see a second iteration when its code is frozen. Those who have left the track are not notified.
UNANNOUNCED = """
select s.id as submission_id, array_agg(r.reviewer_id order by r.reviewer_id) as reviewer_ids
from submissions s join reviews r on r.submission_id = s.id
    left join participants p on p.track_id = $2 and p.user_id = r.reviewer_id
where s.assignment_id = $1 and not s.is_withdrawn and p.left_at is null
    and (select n.state = 'frozen' from submission_versions v left join snapshots n on n.id = v.snapshot_id
        where v.submission_id = s.id and v.iteration = 2 order by v.id desc limit 1)
    and not exists (select from announcements a where a.event = 'second_iteration:' || s.id)
group by s.id order by s.id
"""
SUBJECT = """
select a.title, t.title as track_title, iteration_due_at(a.reviews_due_at, t.iteration_hours) as due_at
from assignments a join tracks t on t.id = a.track_id where a.id = $1
"""
REPEAT = "update scheduled_events set due_at = $2, pending = true where id = $1"


@dataclass(frozen=True, slots=True)
class Unannounced:
    """A second iteration that reviewers may see and have not been notified of."""

    submission_id: int
    reviewer_ids: list[int]


@dataclass(frozen=True, slots=True)
class _Subject:
    title: str
    track_title: str
    due_at: datetime | None


def next_look(*, iteration_due_at: datetime | None, now: datetime) -> datetime | None:
    """Return the start of the next day if second iterations may have come by then, or None."""
    is_over = iteration_due_at is None or now >= iteration_due_at + FETCHING
    return None if is_over else shown_day(now) + timedelta(days=1)


async def announce_iterations(db: Connection, event: DueEvent, now: datetime) -> None:
    """Notify the reviewers of each second iteration that they have not been notified of, and plan the next look."""
    subject = await fetch_value(db, _Subject, SUBJECT, event.assignment_id)
    assert subject is not None
    found = await fetch_values(db, Unannounced, UNANNOUNCED, event.assignment_id, event.track_id)
    again_at = next_look(iteration_due_at=subject.due_at, now=now)
    if again_at is not None:
        await db.execute(REPEAT, event.id, again_at)
    announcements = [(_announcement(event, subject, each.submission_id), each.reviewer_ids) for each in found]
    await announce_each(db, announcements, now=now)


def _announcement(event: DueEvent, subject: _Subject, submission_id: int) -> Announcement:
    return Announcement(
        event=f"second_iteration:{submission_id}",
        type="iteration_shown",
        track_id=event.track_id,
        assignment_id=event.assignment_id,
        parameters={"track": subject.track_title, "assignment": subject.title, "submission": str(submission_id)},
    )
