"""The board of a track: participants by assignments, for its author; one submission with all that was said of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.attempts.rules import REVIEWS_OWED
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.reviews.oversight import ensure_oversees
from learning_platform.reviews.overview import AssignmentOutcome, results
from learning_platform.reviews.rules import AppealNotFound, SubmissionNotFound

# What stands beside the outcome of an attempt: the submission, and what is to be noticed about it.
MARKS = """
with sizes as (
    select s.assignment_id, count(*) as submissions_count
    from submissions s join assignments a on a.id = s.assignment_id where a.track_id = $1 group by s.assignment_id
)
select m.user_id, m.assignment_id, s.id as submission_id, n.reviews_count, e.due_at as extended_to,
    coalesce(s.is_disputed, false) as is_disputed,
    s.id is not null and not a.review_pending and not s.is_withdrawn
        and n.reviews_count < least($3::bigint, z.submissions_count - 1) as is_short,
    (select case when p.settled_at is null then 'open' else 'settled' end
     from appeals p where p.submission_id = s.id) as appeal
from attempts m join assignments a on a.id = m.assignment_id
    left join submissions s on s.assignment_id = m.assignment_id and s.user_id = m.user_id
    left join sizes z on z.assignment_id = s.assignment_id
    left join extensions e on e.assignment_id = m.assignment_id and e.user_id = m.user_id
    left join lateral (select count(*) as reviews_count from reviews r where r.submission_id = s.id) n on true
where m.track_id = $1 and m.user_id = any($2::bigint[])
"""
OPEN_APPEALS = """
select count(*) from appeals p join assignments a on a.id = p.assignment_id
where a.track_id = $1 and p.settled_at is null
"""
# Where the author takes part, an administrator settles (reviews.oversight).
WAITING_APPEALS = """
select t.id as track_id, t.title as track_title, count(*) as count, min(p.created_at) as since
from tracks t join assignments a on a.track_id = t.id join appeals p on p.assignment_id = a.id
where t.author_id = $1 and p.settled_at is null
    and not exists (select from participants o where o.track_id = t.id and o.user_id = $1)
group by t.id order by since limit $2
"""
GRANTED = """
select e.id, e.assignment_id, u.username, e.due_at, e.reason, e.granted_at, g.username as granted_by
from extensions e join assignments a on a.id = e.assignment_id join users u on u.id = e.user_id
    join users g on g.id = e.granted_by
where a.track_id = $1 and e.id > $2 order by e.id limit $3
"""
SUBMISSION_HEAD = """
select s.id, s.assignment_id, s.user_id as participant_id, u.username, s.repo_url, s.comment, s.submitted_at,
    s.is_disputed, a.title as assignment_title, a.track_id, t.title as track_title,
    track_status(t.status, t.finishes_at, $2) as status, a.due_at
from submissions s join users u on u.id = s.user_id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where s.id = $1
"""
APPEALED_SUBMISSION = "select submission_id from appeals where id = $1"


@dataclass(frozen=True, slots=True)
class Cell:
    """One participant at one assignment: how it went, and what is to be noticed about the submission."""

    outcome: AssignmentOutcome
    submission_id: int | None
    reviews_count: int
    extended_to: datetime | None
    is_disputed: bool
    is_short: bool
    appeal: Literal["open", "settled"] | None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One participant, with a cell for every assignment that has opened for them."""

    id: int
    username: str
    has_left: bool
    total: float | None
    cells: Mapping[int, Cell]


@dataclass(frozen=True, slots=True)
class WaitingAppeals:
    """Appeals on one track that nobody has answered: how many, and since when the first."""

    track_id: int
    track_title: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Granted:
    """A personal deadline, by whom it was given, to whom and why."""

    id: int
    assignment_id: int
    username: str
    due_at: datetime
    reason: str
    granted_at: datetime
    granted_by: str


@dataclass(frozen=True, slots=True)
class SubmissionHead:
    """A submission, whose it is and where it belongs."""

    id: int
    assignment_id: int
    participant_id: int
    username: str
    repo_url: str
    comment: str | None
    submitted_at: datetime
    is_disputed: bool
    assignment_title: str
    track_id: int
    track_title: str
    status: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Mark:
    user_id: int
    assignment_id: int
    submission_id: int | None
    reviews_count: int
    extended_to: datetime | None
    is_disputed: bool
    is_short: bool
    appeal: Literal["open", "settled"] | None


async def board(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, after: int, limit: int, now: datetime
) -> list[BoardRow]:
    """Return a row per participant to the track's author. Raises TrackNotFound, NotTheAuthor, TakesPart."""
    await ensure_oversees(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    people = await results(db, track_id=track_id, user_id=user_id, is_admin=is_admin, after=after, limit=limit, now=now)
    marks: defaultdict[int, dict[int, _Mark]] = defaultdict(dict)
    for mark in await fetch_values(db, _Mark, MARKS, track_id, [one.id for one in people], REVIEWS_OWED):
        marks[mark.user_id][mark.assignment_id] = mark
    return [
        BoardRow(one.id, one.username, one.has_left, one.total, _cells(one.assignments, marks[one.id]))
        for one in people
    ]


async def open_appeals(db: Connection, *, track_id: int) -> int:
    """Return how many appeals of a track wait for an answer."""
    return int(await db.fetchval(OPEN_APPEALS, track_id))


async def waiting_appeals(db: Connection, *, author_id: int, limit: int) -> list[WaitingAppeals]:
    """Return the tracks of an author on which appeals wait for an answer, the longest wait first."""
    return await fetch_values(db, WaitingAppeals, WAITING_APPEALS, author_id, limit)


async def granted_extensions(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, after: int, limit: int
) -> list[Granted]:
    """Return the personal deadlines of a track. Raises TrackNotFound, NotTheAuthor, TakesPart."""
    await ensure_oversees(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    return await fetch_values(db, Granted, GRANTED, track_id, after, limit)


async def overseen_submission(
    db: Connection, *, submission_id: int, user_id: int, is_admin: bool, now: datetime
) -> SubmissionHead:
    """Return a submission to the author of its track. Raises SubmissionNotFound, NotTheAuthor, TakesPart."""
    found = await fetch_value(db, SubmissionHead, SUBMISSION_HEAD, submission_id, now)
    if found is None:
        raise SubmissionNotFound
    await ensure_oversees(db, track_id=found.track_id, user_id=user_id, is_admin=is_admin)
    return found


async def appealed_submission(db: Connection, *, appeal_id: int) -> int:
    """Return the submission an appeal is about. Raises AppealNotFound."""
    submission_id: int | None = await db.fetchval(APPEALED_SUBMISSION, appeal_id)
    if submission_id is None:
        raise AppealNotFound
    return submission_id


def _cells(outcomes: Sequence[AssignmentOutcome], marks: Mapping[int, _Mark]) -> dict[int, Cell]:
    return {
        outcome.assignment_id: Cell(
            outcome=outcome,
            submission_id=mark.submission_id,
            reviews_count=mark.reviews_count,
            extended_to=mark.extended_to,
            is_disputed=mark.is_disputed,
            is_short=mark.is_short,
            appeal=mark.appeal,
        )
        for outcome in outcomes
        if (mark := marks.get(outcome.assignment_id)) is not None
    }
