"""The appeals of a track, and how many wait for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.reviews.author.lists import ListChoice
from learning_platform.reviews.rules import AppealNotFound
from learning_platform.tracks.access import TrackAccess

APPEALS_OF = """
select p.id, p.submission_id, p.assignment_id, u.username as participant, p.text, p.created_at, p.settled_at,
    p.settlement
from appeals p join submissions s on s.id = p.submission_id
    join users u on u.id = s.user_id
where p.id = any($1::bigint[])
"""
# Ids are random: the list goes on after the time of the row whose id is given.
NEXT_APPEAL_IDS = """
select p.id from appeals p join assignments a on a.id = p.assignment_id
where a.track_id = $1
    and ($2::bigint = 0 or (p.created_at, p.id) > (select l.created_at, l.id from appeals l where l.id = $2))
order by p.created_at, p.id limit $3
"""
# $2 part of a username, $3 open or settled, $4 an assignment; ordered by $5, the smallest first.
APPEAL_IDS = """
select p.id from appeals p join assignments a on a.id = p.assignment_id join submissions s on s.id = p.submission_id
    join users u on u.id = s.user_id
where a.track_id = $1 and position(lower($2::text) in lower(u.username)) > 0
    and ($3::text = '' or ($3 = 'open') = (p.settled_at is null)) and ($4::bigint is null or a.id = $4)
order by case when $5::text = 'name' then lower(u.username) end, p.created_at, p.id
"""
OPEN_APPEALS = """
select count(*) from appeals p join assignments a on a.id = p.assignment_id
where a.track_id = $1 and p.settled_at is null
"""
# Where staff take part, others of them or an administrator settle (tracks.access).
WAITING_APPEALS = """
select t.id as track_id, t.title as track_title, count(*) as count, min(p.created_at) as since
from tracks t join assignments a on a.track_id = t.id join appeals p on p.assignment_id = a.id
where (t.author_id = $1 or t.id in (select track_id from track_staff where user_id = $1)) and p.settled_at is null
    and not exists (select from participants o where o.track_id = t.id and o.user_id = $1)
group by t.id order by since limit $2
"""
APPEALED_SUBMISSION = "select submission_id from appeals where id = $1"


@dataclass(frozen=True, slots=True)
class OverseenAppeal:
    """An appeal with the participant who made it."""

    id: int
    submission_id: int
    assignment_id: int
    participant: str
    text: str
    created_at: datetime
    settled_at: datetime | None
    settlement: str | None


@dataclass(frozen=True, slots=True)
class WaitingAppeals:
    """The unanswered appeals on one track: how many, and since when the first."""

    track_id: int
    track_title: str
    count: int
    since: datetime


async def appeals(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[OverseenAppeal]:
    """Return the appeals of a track. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return await appeals_of(db, ids=await fetch_ids(db, NEXT_APPEAL_IDS, access.track_id, after, limit))


async def appeal_ids(db: Connection, access: TrackAccess, choice: ListChoice) -> Sequence[int]:
    """Return the ids of the appeals that fit, in order. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    asked = (choice.name.strip(), choice.state, choice.assignment_id, choice.sort)
    return choice.ordered(await fetch_ids(db, APPEAL_IDS, access.track_id, *asked))


async def appeals_of(db: Connection, *, ids: Sequence[int]) -> list[OverseenAppeal]:
    """Return appeals, in the order of their ids here. Whether the reader may see them has been checked."""
    found = {each.id: each for each in await fetch_values(db, OverseenAppeal, APPEALS_OF, ids)}
    return [found[id] for id in ids if id in found]


async def open_appeals(db: Connection, *, track_id: int) -> int:
    """Return how many appeals of a track wait for an answer."""
    return int(await db.fetchval(OPEN_APPEALS, track_id))


async def waiting_appeals(db: Connection, *, user_id: int, limit: int) -> list[WaitingAppeals]:
    """Return the tracks on whose staff the user is and on which appeals wait for an answer, the longest wait first."""
    return await fetch_values(db, WaitingAppeals, WAITING_APPEALS, user_id, limit)


async def appealed_submission(db: Connection, *, appeal_id: int) -> int:
    """Return the submission an appeal is about. Raises AppealNotFound."""
    submission_id: int | None = await db.fetchval(APPEALED_SUBMISSION, appeal_id)
    if submission_id is None:
        raise AppealNotFound
    return submission_id
