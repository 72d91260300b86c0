"""What a user has written about others' work, for taking along."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_values

WRITTEN_BY = """
select t.title as track, a.title as assignment, r.comment, r.created_at, r.updated_at,
    (select jsonb_agg(jsonb_build_object('criterion', c.name, 'score', s.score, 'comment', s.comment)
        order by c.position)
     from scores s join criteria c on c.id = s.criterion_id where s.review_id = r.id) as scores
from reviews r join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
where r.reviewer_id = $1 order by r.created_at, r.id
"""


@dataclass(frozen=True, slots=True)
class WrittenReview:
    """A review, without a word of whose work it was."""

    track: str
    assignment: str
    comment: str | None
    created_at: datetime
    updated_at: datetime | None
    scores: list[dict[str, object]]


async def written_by(db: Connection, *, user_id: int) -> list[WrittenReview]:
    """Return every review the user has written."""
    return await fetch_values(db, WrittenReview, WRITTEN_BY, user_id)
