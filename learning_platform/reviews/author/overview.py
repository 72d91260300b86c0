"""Where participants are stuck, over all running tracks that a user oversees: the counts lead to filtered lists.

Open appeals are listed on their own (waiting_appeals).
"""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_values

# The counts are those of the filters of a board (reviews/author/standings.py) and of the returns while their assignment
# is reviewed. Staff who take part in a track do not oversee it (tracks.access).
OVERVIEW = """
with mine as materialized (
    select t.id, t.title, t.participants_count, t.finishes_at
    from tracks t
    where (t.author_id = $1 or t.id in (select track_id from track_staff where user_id = $1))
        and t.status = 'running' and track_status(t.status, t.finishes_at, $2) = 'running'
        and not exists (select from participants o where o.track_id = t.id and o.user_id = $1)
)
select m.id as track_id, m.title, m.participants_count, m.finishes_at,
    l.id as assignment_id, l.title as assignment_title,
    p.behind, p.owing, coalesce(n.count, 0) as not_submitted, coalesce(r.count, 0) as returned
from mine m
    cross join lateral (
        select count(*) filter (where a.reviews_due_at <= $2) as behind,
            count(*) filter (where c.reviews_required > c.reviews_done) as owing
        from participants p
            join attempts c on c.track_id = p.track_id and c.user_id = p.user_id and c.finished_at is null
            join assignments a on a.id = c.assignment_id
        where p.track_id = m.id and p.left_at is null
    ) p
    left join lateral (
        select a.id, a.title, a.reviews_due_at from assignments a
        where a.track_id = m.id and a.due_at <= $2 order by a.position desc limit 1
    ) l on true
    left join lateral (
        select count(*) as count from participants p
        where p.track_id = m.id and l.id is not null and p.left_at is null
            and not exists (select from submissions s where s.assignment_id = l.id and s.user_id = p.user_id)
            and not exists (
                select from extensions e where e.assignment_id = l.id and e.user_id = p.user_id and e.due_at > $2)
    ) n on true
    left join lateral (
        select count(*) as count from claims c
        where c.assignment_id = l.id and c.state = 'returned' and l.reviews_due_at > $2
    ) r on true
order by p.behind + p.owing + coalesce(n.count, 0) + coalesce(r.count, 0) desc, m.id desc
"""


@dataclass(frozen=True, slots=True)
class TrackOverview:
    """A running track: how many participants are stuck, and at what.

    `assignment_id`: the assignment whose deadline passed last, to which `not_submitted` and `returned` refer.
    """

    track_id: int
    title: str
    participants_count: int
    finishes_at: datetime | None
    assignment_id: int | None
    assignment_title: str | None
    behind: int
    owing: int
    not_submitted: int
    returned: int

    @property
    def is_calm(self) -> bool:
        """Say whether nothing is to be looked at."""
        return not (self.behind or self.owing or self.not_submitted or self.returned)


async def overview(db: Connection, *, user_id: int, now: datetime) -> list[TrackOverview]:
    """Return the running tracks that a user oversees, those with the most to look at first."""
    return await fetch_values(db, TrackOverview, OVERVIEW, user_id, now)
