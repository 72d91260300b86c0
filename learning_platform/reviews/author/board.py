"""The board of a track: participants by assignments, and the personal deadlines given to them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.database import Connection, fetch_values
from learning_platform.reviews.author.results_table import AssignmentOutcome, results
from learning_platform.tracks.access import TrackAccess

# What stands beside the outcome of an attempt: the submission, and what needs attention about it.
MARKS = """
with sizes as (
    select s.assignment_id, count(*) as submissions_count
    from submissions s join assignments a on a.id = s.assignment_id where a.track_id = $1 group by s.assignment_id
)
select m.user_id, m.assignment_id, s.id as submission_id, n.reviews_count, e.due_at as extended_to,
    coalesce(s.is_disputed, false) as is_disputed,
    coalesce(is_short(a.review_started_at is null, s.is_withdrawn, n.reviews_count, z.submissions_count), false)
        as is_short,
    (select case when p.settled_at is null then 'open' else 'settled' end
     from appeals p where p.submission_id = s.id) as appeal
from attempts m join assignments a on a.id = m.assignment_id
    left join submissions s on s.assignment_id = m.assignment_id and s.user_id = m.user_id
    left join sizes z on z.assignment_id = s.assignment_id
    left join extensions e on e.assignment_id = m.assignment_id and e.user_id = m.user_id
    left join lateral (select count(*) as reviews_count from reviews r where r.submission_id = s.id) n on true
where m.track_id = $1 and m.user_id = any($2::bigint[])
"""
GRANTED = """
select e.id, e.assignment_id, u.username, e.due_at, e.reason, e.granted_at, g.username as granted_by
from extensions e join assignments a on a.id = e.assignment_id join users u on u.id = e.user_id
    join users g on g.id = e.granted_by
where a.track_id = $1 and e.id > $2 order by e.id limit $3
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One participant at one assignment: the outcome, and what needs attention about the submission."""

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
class Granted:
    """A personal deadline: by whom and to whom it was given, and why."""

    id: int
    assignment_id: int
    username: str
    due_at: datetime
    reason: str
    granted_at: datetime
    granted_by: str


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


async def board(db: Connection, access: TrackAccess, *, after: int, limit: int, now: datetime) -> list[BoardRow]:
    """Return a row per participant to the track's author. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    people = await results(db, access, after=after, limit=limit, now=now)
    marks: defaultdict[int, dict[int, _Mark]] = defaultdict(dict)
    for mark in await fetch_values(db, _Mark, MARKS, access.track_id, [one.id for one in people]):
        marks[mark.user_id][mark.assignment_id] = mark
    return [
        BoardRow(one.id, one.username, one.has_left, one.total, _cells(one.assignments, marks[one.id]))
        for one in people
    ]


async def granted_extensions(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[Granted]:
    """Return the personal deadlines of a track. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return await fetch_values(db, Granted, GRANTED, access.track_id, after, limit)


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
