"""The board of a track: participants by assignments, and the personal deadlines given to them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.database import Connection, fetch_values
from learning_platform.reviews.author.results_table import AssignmentOutcome, ParticipantOutcome, results_of
from learning_platform.tracks.access import TrackAccess

# What stands beside the outcome of an attempt: the submission, and what needs attention about it.
MARKS = """
with sizes as (
    -- More than four submissions change nothing of what each of them can get.
    select a.id as assignment_id,
        (select count(*) from (select from submissions s where s.assignment_id = a.id limit 4) others)
            as submissions_count
    from assignments a where a.id = any($3::bigint[])
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
where m.track_id = $1 and m.user_id = any($2::bigint[]) and m.assignment_id = any($3::bigint[])
"""
# How many reviews participants owe at their current assignment, and whether its review deadline has passed.
OWED = """
select p.user_id, case when p.left_at is null and m.reviews_required > m.reviews_done
        then m.reviews_required - m.reviews_done else 0 end as reviews_owed,
    p.left_at is null and coalesce(a.reviews_due_at <= $3, false) as is_behind
from participants p
    left join attempts m on m.track_id = p.track_id and m.user_id = p.user_id and m.finished_at is null
    left join assignments a on a.id = m.assignment_id
where p.track_id = $1 and p.user_id = any($2::bigint[])
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
    """One participant, with a cell for each of some assignments that has opened for them."""

    id: int
    username: str
    has_left: bool
    total: float | None
    reviews_owed: int
    is_behind: bool
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


@dataclass(frozen=True, slots=True)
class _Owed:
    user_id: int
    reviews_owed: int
    is_behind: bool


async def board(
    db: Connection, access: TrackAccess, *, ids: Sequence[int], assignment_ids: Sequence[int], now: datetime
) -> list[BoardRow]:
    """Return a row for each of these participants, with cells for some assignments. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    people = await results_of(db, access, ids=ids, now=now)
    marks: defaultdict[int, dict[int, _Mark]] = defaultdict(dict)
    for mark in await fetch_values(db, _Mark, MARKS, access.track_id, ids, assignment_ids):
        marks[mark.user_id][mark.assignment_id] = mark
    owed = {one.user_id: one for one in await fetch_values(db, _Owed, OWED, access.track_id, ids, now)}
    return [_row(one, owed[one.id], marks[one.id]) for one in people]


async def granted_extensions(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[Granted]:
    """Return the personal deadlines of a track. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return await fetch_values(db, Granted, GRANTED, access.track_id, after, limit)


def _row(person: ParticipantOutcome, owed: _Owed, marks: Mapping[int, _Mark]) -> BoardRow:
    return BoardRow(
        id=person.id,
        username=person.username,
        has_left=person.has_left,
        total=person.total,
        reviews_owed=owed.reviews_owed,
        is_behind=owed.is_behind,
        cells=_cells(person.assignments, marks),
    )


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
