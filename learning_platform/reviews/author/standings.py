"""Which participants of a track a reader looks for, and in which order: for its board, its results, and exports.

What decides the order is what the reader is shown (reviews/author/results_table.py): others' results stand still from
the end of a review period until the track is over, and then until scores are corrected no more. So does their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.database import Connection, fetch_ids
from learning_platform.tracks.access import TrackAccess

Filter = Literal["", "behind", "not_submitted", "owes_reviews", "needs_reviews", "disputed", "left"]
SortKey = Literal["id", "name", "total", "owed", "assignment"]

# $2 the reader, who oversees the track if $3, at $4; $5 part of a name; $6 the filter, $7 the assignment it is about;
# ordered by $8 (of the assignment $9), downwards if $10. A part that is not asked for is not executed.
STANDINGS = """
with track as materialized (
    select t.id, case when track_status(t.status, t.finishes_at, $4) in ('finished', 'cancelled')
            then 'infinity'::timestamptz else $4 end as shown,
        are_corrections_open(t.status, t.finishes_at, t.appeal_days, $4) as corrections_open,
        (select count(*) from assignments a where a.track_id = t.id and a.reviews_due_at <= $4) as final_count
    from tracks t where t.id = $1
), totals as materialized (
    select v.user_id, sum(v.result) as points, count(*) filter (where v.result is null) as unknown_count
    from (
        select s.user_id, shown_result($3::boolean or s.user_id = $2, t.shown, t.corrections_open, s.result,
            s.end_result, s.window_result) as result
        from track t join assignments a on a.track_id = t.id join submissions s on s.assignment_id = a.id
        where $8::text = 'total' and a.reviews_due_at <= $4
    ) v group by v.user_id
), results as materialized (
    select s.user_id, shown_result($3 or s.user_id = $2, t.shown, t.corrections_open, s.result, s.end_result,
        s.window_result) as result
    from track t join assignments a on a.track_id = t.id join submissions s on s.assignment_id = a.id
    where $8::text = 'assignment' and a.id = $9::bigint and ($3 or a.reviews_due_at <= $4)
), flagged as materialized (
    select s.user_id from assignments a join submissions s on s.assignment_id = a.id
    where $6::text = 'disputed' and a.track_id = $1 and s.is_disputed
    union
    select s.user_id from assignments a join submissions s on s.assignment_id = a.id
    where $6 = 'needs_reviews' and a.id = $7 and is_short(
        a.review_started_at is null, s.is_withdrawn, (select count(*) from reviews r where r.submission_id = s.id),
        (select count(*) from (select from submissions o where o.assignment_id = a.id limit 4) others))
    union
    select p.user_id from participants p join assignments a on a.track_id = p.track_id
    where $6 = 'not_submitted' and a.id = $7::bigint and a.track_id = $1 and p.left_at is null
        and not exists (select from submissions s where s.assignment_id = a.id and s.user_id = p.user_id)
        and not exists (
            select from extensions e where e.assignment_id = a.id and e.user_id = p.user_id and e.due_at > $4)
), people as (
    select p.user_id as id, lower(u.username) as name, case $8
        when 'total' then coalesce(s.points, 0) / nullif(t.final_count - coalesce(s.unknown_count, 0), 0)
        when 'assignment' then r.result
        when 'owed' then case when p.left_at is null then greatest(m.reviews_required - m.reviews_done, 0) end
        end as sorted_by
    from track t join participants p on p.track_id = t.id join users u on u.id = p.user_id
        left join attempts m on m.track_id = p.track_id and m.user_id = p.user_id and m.finished_at is null
        left join assignments a on a.id = m.assignment_id
        left join totals s on s.user_id = p.user_id left join results r on r.user_id = p.user_id
    where ($5::text = '' or position(lower($5) in lower(u.username)) > 0) and case $6
        when '' then true
        when 'left' then p.left_at is not null
        when 'behind' then p.left_at is null and coalesce(a.reviews_due_at <= $4, false)
        when 'owes_reviews' then p.left_at is null and coalesce(m.reviews_required > m.reviews_done, false)
        else p.user_id in (select user_id from flagged) end
)
select id from people order by case when $8 <> 'id' and $10::boolean then sorted_by end desc nulls last,
    case when $8 <> 'id' and not $10 then sorted_by end nulls last,
    case when $8 = 'name' and $10 then name end desc, case when $8 <> 'id' then name end, id
"""
USERNAMES = """
select u.username from unnest($1::bigint[]) with ordinality as chosen (id, place) join users u on u.id = chosen.id
order by place
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """The participants asked for: part of a name, a filter with the assignment it is about, and an order."""

    name: str = ""
    filter: Filter = ""
    assignment_id: int | None = None
    sort: SortKey = "name"
    sorted_assignment_id: int | None = None
    is_descending: bool = False


async def standings(db: Connection, access: TrackAccess, choice: Choice, *, now: datetime) -> Sequence[int]:
    """Return the ids of all participants that fit, in order. Raises NotAParticipant; NotTheAuthor for a filter."""
    access.ensure_sees_results()
    # Filters reveal more than others are shown.
    if choice.filter or choice.sort == "owed":
        access.ensure_oversees()
    return await fetch_ids(
        db,
        STANDINGS,
        access.track_id,
        access.user_id,
        access.oversees,
        now,
        choice.name.strip(),
        choice.filter,
        choice.assignment_id,
        choice.sort,
        choice.sorted_assignment_id,
        choice.is_descending,
    )


async def usernames(db: Connection, *, ids: Sequence[int]) -> Sequence[str]:
    """Return the names of users, in their order."""
    return [row[0] for row in await db.fetch(USERNAMES, ids)]
