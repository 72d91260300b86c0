"""Compare the cohorts of a series, for the staff who oversee them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from learning_platform.attempts.rules import ReviewCount, count_reviews
from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.tracks.access import TrackAccess

# A viewer who takes part in a cohort sees of it what participants see, and not this.
OVERSEEN_IDS = """
select t.id from tracks here join tracks t on t.series_id = here.series_id
where here.id = $1 and t.started_at is not null
    and ($3 or t.author_id = $2 or t.id in (select track_id from track_staff where user_id = $2))
    and t.id not in (select track_id from participants where user_id = $2)
    and t.id > $4 order by t.id limit $5
"""
# The total of a participant as in the results of a track: the mean of the assignments whose reviews are over, 0 without
# a submission, and without those that have no review.
FIGURES = """
with totals as (
    select p.track_id, p.user_id, coalesce(sum(s.result), 0)
        / nullif(count(a.id) - count(s.id) filter (where s.result is null), 0) as total
    from participants p join assignments a on a.track_id = p.track_id and a.reviews_due_at <= $2
        left join submissions s on s.assignment_id = a.id and s.user_id = p.user_id
    where p.track_id = any($1::bigint[]) and p.left_at is null group by p.track_id, p.user_id
)
select t.id, t.title, t.cohort as number, t.started_at, t.finishes_at,
    (select count(*) from participants p where p.track_id = t.id) as participants_count,
    (select count(*) from participants p where p.track_id = t.id and p.left_at is not null) as left_count,
    (select count(*) from attempts m join assignments a on a.id = m.assignment_id
            join participants p on p.track_id = t.id and p.user_id = m.user_id and p.left_at is null
        where m.track_id = t.id and m.finished_at is not null
            and a.position = (select max(position) from assignments l where l.track_id = t.id)) as finished_count,
    (select avg(total) from totals o where o.track_id = t.id) as average_total
from tracks t where t.id = any($1::bigint[]) order by t.id
"""
# A volunteer's extra review does not stand for one that another participant owes (attempts.rules.count_reviews).
ASSIGNMENTS = """
select a.track_id, a.position, a.title, a.due_at <= $2 as is_due,
    (select count(*) from submissions s where s.assignment_id = a.id) as submitted_count,
    coalesce(m.done, 0)::bigint as reviews_done, coalesce(m.required, 0)::bigint as reviews_required
from assignments a left join (
        select assignment_id, sum(least(reviews_done, coalesce(reviews_required, 0))) as done,
            sum(reviews_required) as required
        from attempts where track_id = any($1::bigint[]) group by assignment_id
    ) m on m.assignment_id = a.id
where a.track_id = any($1::bigint[]) order by a.track_id, a.position
"""


@dataclass(frozen=True, slots=True)
class AssignmentFigures:
    """What a cohort handed in by its deadlines for an assignment, and reviewed. `position` counts from 0."""

    track_id: int
    position: int
    title: str
    is_due: bool
    submitted_count: int
    reviews_done: int
    reviews_required: int

    @property
    def reviews(self) -> ReviewCount:
        """Return the reviews that the cohort owed; the extra ones are not counted."""
        return count_reviews(required=self.reviews_required, done=self.reviews_done)


@dataclass(frozen=True, slots=True)
class _Cohort:
    id: int
    title: str
    number: int
    started_at: datetime
    finishes_at: datetime
    participants_count: int
    left_count: int
    finished_count: int
    average_total: float | None


@dataclass(frozen=True, slots=True)
class CohortFigures(_Cohort):
    """A cohort in figures. `participants_count` includes those who left; `average_total` is in percent, or None."""

    assignments: Sequence[AssignmentFigures]


async def compare_cohorts(
    db: Connection, access: TrackAccess, *, after: int, limit: int, now: datetime
) -> list[CohortFigures]:
    """Return the cohorts that have started and that the viewer oversees. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    ids = await fetch_ids(db, OVERSEEN_IDS, access.track_id, access.user_id, access.is_admin, after, limit)
    found = await fetch_values(db, AssignmentFigures, ASSIGNMENTS, ids, now)
    return [
        CohortFigures(**asdict(cohort), assignments=[each for each in found if each.track_id == cohort.id])
        for cohort in await fetch_values(db, _Cohort, FIGURES, ids, now)
    ]
