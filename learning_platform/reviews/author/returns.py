"""The submissions that reviewers returned, as the staff of the track see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.reviews.author.lists import ListChoice
from learning_platform.reviews.rules import ReturnReason
from learning_platform.tracks.access import TrackAccess

RETURNS_OF = """
select c.id, c.submission_id, c.assignment_id, c.return_reason as reason, c.return_comment as comment,
    c.ended_at as returned_at, r.username as reviewer, u.username as participant
from claims c join users r on r.id = c.reviewer_id
    join submissions s on s.id = c.submission_id join users u on u.id = s.user_id
where c.id = any($1::bigint[])
"""
# Ids are random: the list goes on after the time of the row whose id is given.
NEXT_RETURN_IDS = """
select c.id from claims c join assignments a on a.id = c.assignment_id
where a.track_id = $1 and c.state = 'returned'
    and ($2::bigint = 0 or (c.ended_at, c.id) > (select l.ended_at, l.id from claims l where l.id = $2))
order by c.ended_at, c.id limit $3
"""
# $2 part of the username of a participant or a reviewer, $3 a reason, $4 an assignment; ordered by $5, the smallest
# first.
RETURN_IDS = """
select c.id from claims c join assignments a on a.id = c.assignment_id join users r on r.id = c.reviewer_id
    join submissions s on s.id = c.submission_id join users u on u.id = s.user_id
where a.track_id = $1 and c.state = 'returned'
    and (position(lower($2::text) in lower(u.username)) > 0 or position(lower($2) in lower(r.username)) > 0)
    and ($3::text = '' or c.return_reason = $3) and ($4::bigint is null or a.id = $4)
order by case $5::text when 'name' then lower(u.username) when 'reviewer' then lower(r.username) end, c.ended_at, c.id
"""


@dataclass(frozen=True, slots=True)
class ReturnedClaim:
    """A submission that a reviewer returned, and the reason."""

    id: int
    submission_id: int
    assignment_id: int
    reason: ReturnReason
    comment: str | None
    returned_at: datetime
    reviewer: str
    participant: str


async def returns(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[ReturnedClaim]:
    """Return the submissions of a track that reviewers returned. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return await returns_of(db, ids=await fetch_ids(db, NEXT_RETURN_IDS, access.track_id, after, limit))


async def return_ids(db: Connection, access: TrackAccess, choice: ListChoice) -> Sequence[int]:
    """Return the ids of the returns that fit, in order. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    asked = (choice.name.strip(), choice.state, choice.assignment_id, choice.sort)
    return choice.ordered(await fetch_ids(db, RETURN_IDS, access.track_id, *asked))


async def returns_of(db: Connection, *, ids: Sequence[int]) -> list[ReturnedClaim]:
    """Return these, in the order of their ids here. Whether the reader may see them has been checked."""
    found = {each.id: each for each in await fetch_values(db, ReturnedClaim, RETURNS_OF, ids)}
    return [found[id] for id in ids if id in found]
