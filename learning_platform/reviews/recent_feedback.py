"""The feedback a user got lately."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_values

RECENT_FEEDBACK = """
select a.id as assignment_id, a.title as assignment_title, t.title as track_title, count(*) as reviews_count,
    shown_day(max(r.created_at)) as last_at
from submissions s join reviews r on r.submission_id = s.id join attempts m on m.id = s.attempt_id
    join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id
    join participants p on p.track_id = t.id and p.user_id = s.user_id
where s.user_id = $1 and may_see_reviews(m.finished_at, p.left_at, a.reviews_due_at, $2)
group by a.id, t.id order by last_at desc, a.id desc limit $3
"""


@dataclass(frozen=True, slots=True)
class RecentFeedback:
    """Reviews of one submission: how many, and the day on which the last one came."""

    assignment_id: int
    assignment_title: str
    track_title: str
    reviews_count: int
    last_at: datetime


async def recent_feedback(db: Connection, *, user_id: int, limit: int, now: datetime) -> list[RecentFeedback]:
    """Return the assignments the user got reviews for, the latest first."""
    return await fetch_values(db, RecentFeedback, RECENT_FEEDBACK, user_id, now, limit)
