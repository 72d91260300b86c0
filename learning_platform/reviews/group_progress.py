"""How far the whole group has got, assignment by assignment."""

from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.rules import reviews_counted
from learning_platform.core.database import Connection, fetch_values

# As others are shown it: in RESULTS (reviews/author/results_table.py) by name, here in numbers.
PROGRESS = """
select a.id as assignment_id, (select count(*) from submissions s where s.assignment_id = a.id) as submissions,
    coalesce(sum(m.reviews_done), 0)::bigint - (select count(*) from claims c
        where c.assignment_id = a.id and c.ended_at >= v.shown and c.state = 'reviewed' and c.reason <> 'author'
    ) as reviews_done,
    coalesce(sum(shown_reviews_required(
        m.opened_at, m.reviews_required, m.excused_at, m.excused_reviews, v.shown)), 0)::bigint as reviews_required
from assignments a join tracks t on t.id = a.track_id left join attempts m on m.assignment_id = a.id
    cross join lateral (select coalesce(
        shown_before($2, a.reviews_due_at, t.finishes_at, t.status, $3), 'infinity'::timestamptz) as shown) v
where a.track_id = $1 group by a.id, v.shown
"""


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """What the group has handed in and reviewed for one assignment."""

    assignment_id: int
    submissions: int
    reviews_done: int
    reviews_required: int


async def group_progress(db: Connection, *, track_id: int, sees_all: bool, now: datetime) -> dict[int, GroupProgress]:
    """Return the progress of the group, by assignment id; late reviews count for others when the track is over."""
    found = await fetch_values(db, GroupProgress, PROGRESS, track_id, sees_all, now)
    return {
        each.assignment_id: replace(
            each, reviews_done=reviews_counted(required=each.reviews_required, done=each.reviews_done)
        )
        for each in found
    }
