"""Submissions of two participants for one assignment that are equal, in link or files: a hint for staff.

The starter handed in as it was, and what was withdrawn, are equal to nothing. Only what counts now is compared.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.reviews.author.lists import ListChoice

# $2: how many are looked at of each kind, because a whole group may have handed in the same.
SAME_AS = """
select s.id as submission_id, o.id, u.username, o.same
from submissions s left join snapshots n on n.id = s.snapshot_id and n.state = 'frozen'
    left join starters f on f.assignment_id = s.assignment_id left join snapshots b on b.id = f.snapshot_id
    cross join lateral (
        select distinct on (id) id, user_id, same from (
            (select c.id, c.user_id, 'code' as same
                from snapshots m join submissions c on c.snapshot_id = m.id
                where m.tree_id = n.tree_id and m.state = 'frozen' and c.assignment_id = s.assignment_id
                    and c.id <> s.id and not c.is_withdrawn limit $2)
            union all
            (select l.id, l.user_id, 'link' from submissions l
                where l.assignment_id = s.assignment_id and link_key(l.repo_url) = link_key(s.repo_url)
                    and l.id <> s.id and not l.is_withdrawn limit $2)
        ) equal order by id, same
    ) o join users u on u.id = o.user_id
where s.id = any($1::bigint[]) and not s.is_withdrawn and coalesce(n.tree_id <> b.tree_id, true)
order by lower(u.username), o.id
"""
# All ids that fit, in order: $2 part of a username, $3 an assignment, ordered by $4, downwards if $5.
WITH_EQUALS = """
with compared as materialized (
    select s.id, s.assignment_id, s.user_id, s.submitted_at, s.review_count, n.tree_id, link_key(s.repo_url) as link
    from assignments a join submissions s on s.assignment_id = a.id
        left join snapshots n on n.id = s.snapshot_id and n.state = 'frozen'
        left join starters f on f.assignment_id = a.id left join snapshots b on b.id = f.snapshot_id
    where a.track_id = $1 and ($3::bigint is null or a.id = $3)
        and not s.is_withdrawn and coalesce(n.tree_id <> b.tree_id, true)
), equal_trees as (
    select assignment_id, tree_id from compared where tree_id is not null group by 1, 2 having count(*) > 1
), equal_links as (
    select assignment_id, link from compared where link is not null group by 1, 2 having count(*) > 1
)
select c.id from compared c join users u on u.id = c.user_id
where ($2::text = '' or position(lower($2) in lower(u.username)) > 0)
    and ((c.assignment_id, c.tree_id) in (select assignment_id, tree_id from equal_trees)
        or (c.assignment_id, c.link) in (select assignment_id, link from equal_links))
order by case when $4::text = 'name' and $5::boolean then lower(u.username) end desc,
    case when $4 = 'name' and not $5 then lower(u.username) end,
    case when $4 = 'reviews' then case when $5 then -c.review_count else c.review_count end end,
    case when $5 then c.submitted_at end desc, case when not $5 then c.submitted_at end, c.id
"""
MAX_EQUAL = 10


@dataclass(frozen=True, slots=True)
class EqualSubmission:
    """A submission that is equal to another, `submission_id`: in its code, or only in its link."""

    submission_id: int
    id: int
    username: str
    same: Literal["code", "link"]


async def equal_submissions(db: Connection, *, ids: Sequence[int]) -> Mapping[int, Sequence[EqualSubmission]]:
    """Return, by submission, up to some of those that are equal to it. It is for the caller to check who may know."""
    found: defaultdict[int, list[EqualSubmission]] = defaultdict(list)
    for equal in await fetch_values(db, EqualSubmission, SAME_AS, ids, MAX_EQUAL):
        found[equal.submission_id].append(equal)
    return found


async def ids_with_equals(db: Connection, *, track_id: int, choice: ListChoice) -> Sequence[int]:
    """Return the submissions that fit and to which another one is equal, in order."""
    asked = (choice.name.strip(), choice.assignment_id, choice.sort, choice.is_descending)
    return await fetch_ids(db, WITH_EQUALS, track_id, *asked)
