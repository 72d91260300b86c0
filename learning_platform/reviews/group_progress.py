"""How far the whole group has got, assignment by assignment."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.rules import ReviewCount, count_reviews
from learning_platform.core.database import Connection, fetch_values

# As others are shown it: in RESULTS (reviews/author/results_table.py) by name, here in numbers. A volunteer's extra
# review does not stand for one that another participant owes (attempts.rules.count_reviews).
PROGRESS = """
with shown as (
    select a.id as assignment_id, coalesce(
        shown_before($2, a.reviews_due_at, t.finishes_at, t.status, $3), 'infinity'::timestamptz) as before
    from assignments a join tracks t on t.id = a.track_id where a.track_id = $1
), since as (
    select c.assignment_id, c.reviewer_id, count(*) as reviews_count
    from shown v join claims c on c.assignment_id = v.assignment_id and c.ended_at >= v.before
    where c.state = 'reviewed' and c.reason <> 'author' group by c.assignment_id, c.reviewer_id
), counted as (
    select m.assignment_id, m.reviews_done - coalesce(n.reviews_count, 0) as done,
        coalesce(shown_reviews_required(
            m.opened_at, m.reviews_required, m.excused_at, m.excused_reviews, v.before), 0) as required
    from shown v join attempts m on m.assignment_id = v.assignment_id
        left join since n on n.assignment_id = m.assignment_id and n.reviewer_id = m.user_id
)
select v.assignment_id, (select count(*) from submissions s where s.assignment_id = v.assignment_id) as submissions,
    coalesce(sum(least(c.done, c.required)), 0)::bigint as reviews_done,
    coalesce(sum(c.required), 0)::bigint as reviews_required
from shown v left join counted c on c.assignment_id = v.assignment_id group by v.assignment_id
"""


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """What the group has handed in for one assignment, and how many of the reviews it owes are done."""

    assignment_id: int
    submissions: int
    reviews_done: int
    reviews_required: int

    @property
    def reviews(self) -> ReviewCount:
        """Return the reviews that the group owes; the extra ones are not counted."""
        return count_reviews(required=self.reviews_required, done=self.reviews_done)


async def group_progress(db: Connection, *, track_id: int, sees_all: bool, now: datetime) -> dict[int, GroupProgress]:
    """Return the progress of the group, by assignment id; late reviews count for others when the track is over."""
    found = await fetch_values(db, GroupProgress, PROGRESS, track_id, sees_all, now)
    return {each.assignment_id: each for each in found}
