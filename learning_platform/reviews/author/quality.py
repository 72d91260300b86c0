"""How participants review: how much, how helpful, how severe. For their own use; it has no consequences."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_values
from learning_platform.tracks.access import TrackAccess

# Severity: by how many percentage points of a criterion's maximum a reviewer scores above (+) or below (-) the median,
# on average, where at least two have reviewed. Only of windows that are over, so that it reveals nothing too early.
# What others contribute to it (their scores, their answers) is what the reader is shown of it (core/anonymity.py).
QUALITY = """
with done as (
    select r.id, r.reviewer_id, r.submission_id, r.helpful,
        shown_before($3::bigint is null, a.reviews_due_at, t.finishes_at, t.status, $2) as shown
    from reviews r join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
    where a.track_id = $1 and a.reviews_due_at <= $2 and ($3::bigint is null or r.reviewer_id = $3)
), medians as materialized (
    select d.submission_id, m.criterion_id, m.median
    from (select distinct submission_id, shown from done) d
        cross join lateral criterion_medians(d.submission_id, d.shown, $3) m where m.scores_count > 1
), severities as (
    select d.reviewer_id, avg(100.0 * (s.score - m.median) / c.max_score) as severity
    from done d join scores s on s.review_id = d.id join criteria c on c.id = s.criterion_id
        join medians m on m.submission_id = d.submission_id and m.criterion_id = s.criterion_id
    group by d.reviewer_id
)
select u.id, u.username, count(*) as reviews_count,
    case when min(d.shown) = 'infinity' then count(*) filter (where d.helpful) end as helpful_count,
    case when min(d.shown) = 'infinity' then count(*) filter (where not d.helpful) end as unhelpful_count,
    round(max(v.severity)::numeric, 2)::float8 as severity
from done d join users u on u.id = d.reviewer_id left join severities v on v.reviewer_id = d.reviewer_id
where u.id > $4 group by u.id, u.username order by u.id limit $5
"""

# Of submissions that reviewers kept to the end, or returned.
RECOGNISED = """
select count(*) filter (where c.return_reason = 'know_author') as recognised_count, count(*) as reviews_count
from claims c join assignments a on a.id = c.assignment_id
where a.track_id = $1 and c.state in ('reviewed', 'returned')
"""


@dataclass(frozen=True, slots=True)
class ReviewQuality:
    """How a participant reviews.

    How many reviews were found helpful is shown to a user who oversees the track, and to the reviewer when it is over.
    """

    id: int
    username: str
    reviews_count: int
    helpful_count: int | None
    unhelpful_count: int | None
    severity: float | None


@dataclass(frozen=True, slots=True)
class Recognised:
    """How many reviewers returned a submission because they knew its author, of all who reviewed or returned one."""

    recognised_count: int
    reviews_count: int


async def recognised(db: Connection, access: TrackAccess) -> Recognised:
    """Return how well blindness works. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    (found,) = await fetch_values(db, Recognised, RECOGNISED, access.track_id)
    return found


async def review_qualities(
    db: Connection, access: TrackAccess, *, after: int, limit: int, now: datetime
) -> list[ReviewQuality]:
    """Return how all review to a user who oversees the track, to a participant only how they do.

    Raises NotAParticipant.
    """
    access.ensure_sees_results()
    reviewer_id = None if access.oversees else access.user_id
    return await fetch_values(db, ReviewQuality, QUALITY, access.track_id, now, reviewer_id, after, limit)
