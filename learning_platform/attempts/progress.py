"""How far the whole group has got, assignment by assignment."""

from dataclasses import dataclass

from learning_platform.core.database import Connection, fetch_values

PROGRESS = """
select a.id as assignment_id, t.participants_count as participants,
    (select count(*) from submissions s where s.assignment_id = a.id) as submissions,
    coalesce(sum(m.reviews_done), 0)::bigint as reviews_done,
    coalesce(sum(m.reviews_required), 0)::bigint as reviews_required
from assignments a join tracks t on t.id = a.track_id left join attempts m on m.assignment_id = a.id
where a.track_id = $1 group by a.id, t.participants_count
"""


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """What the group has handed in and reviewed for one assignment."""

    assignment_id: int
    participants: int
    submissions: int
    reviews_done: int
    reviews_required: int


async def group_progress(db: Connection, *, track_id: int) -> dict[int, GroupProgress]:
    """Return the progress of the group, by assignment id."""
    return {each.assignment_id: each for each in await fetch_values(db, GroupProgress, PROGRESS, track_id)}
