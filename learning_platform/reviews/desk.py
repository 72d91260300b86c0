"""What lies on a reviewer's desk: the work in hand, and what they have reviewed."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_values

DESK = """
select c.submission_id, c.state = 'open' as is_in_hand, c.claimed_until, s.repo_url, s.comment, r.created_at,
    (select sum(x.score)::float8 from scores x where x.review_id = r.id) as points
from claims c join submissions s on s.id = c.submission_id
    left join reviews r on r.submission_id = c.submission_id and r.reviewer_id = c.reviewer_id
where c.assignment_id = $1 and c.reviewer_id = $2 and c.state in ('open', 'reviewed') order by c.id
"""


@dataclass(frozen=True, slots=True)
class DeskWork:
    """A submission somebody was given to review; `points` is the sum of the scores they gave."""

    submission_id: int
    is_in_hand: bool
    claimed_until: datetime
    repo_url: str
    comment: str | None
    created_at: datetime | None
    points: float | None


async def desk(db: Connection, *, assignment_id: int, reviewer_id: int) -> list[DeskWork]:
    """Return what the user was given to review for an assignment and has not handed back."""
    return await fetch_values(db, DeskWork, DESK, assignment_id, reviewer_id)
