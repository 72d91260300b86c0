"""Where a user is at each assignment, by the clock: whether or not anything has noticed that a moment has passed.

Time by itself moves a participant in one case only: they owe no review, and so the next assignment opens at the
deadline. `as_time_has_it` does to what was read what `stages.begin_review_stage` will do to what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.rules import has_done_reviews, personal_deadline
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.tracks.rules import AssignmentNotFound

# One row per assignment: its calendar, and how far this user has got.
# The planner does not see how many tracks are asked for (`select $1`): a plan for one would always look cheaper to it,
# and be made anew, dearly, at every request.
PLACES_IN_TRACKS = """
select a.id, a.track_id, a.position, a.title, a.description, a.duration_hours, a.opens_at, a.warn_at, a.due_at,
    a.reviews_due_at, a.version, t.author_id, p.user_id is not null as is_participant,
    p.left_at is not null as has_left, p.left_at, e.due_at as extended_to, m.opened_at, m.finished_at,
    m.reviews_required, coalesce(m.reviews_done, 0) as reviews_done, s.id as submission_id,
    coalesce(s.version, 0) as submission_version,
    case when (a.review_pending or coalesce(e.review_pending, false)) and greatest(a.due_at, e.due_at) <= $3
        and m.finished_at is null and m.reviews_required is null
    then not exists (select from submissions o where o.assignment_id = a.id and o.user_id <> $2) else false end
        as owes_nothing
from assignments a join tracks t on t.id = a.track_id
    left join participants p on p.track_id = a.track_id and p.user_id = $2
    left join attempts m on m.assignment_id = a.id and m.user_id = $2
    left join submissions s on s.assignment_id = a.id and s.user_id = $2
    left join extensions e on e.assignment_id = a.id and e.user_id = $2
where a.track_id = any((select $1::bigint[])::bigint[]) order by a.track_id, a.position
"""
PLACE = """
select a.id, a.track_id, a.position, a.title, a.description, a.duration_hours, a.opens_at, a.warn_at, a.due_at,
    a.reviews_due_at, a.version, t.author_id, p.user_id is not null as is_participant,
    p.left_at is not null as has_left, p.left_at, e.due_at as extended_to, m.opened_at, m.finished_at,
    m.reviews_required, coalesce(m.reviews_done, 0) as reviews_done, s.id as submission_id,
    coalesce(s.version, 0) as submission_version,
    case when (a.review_pending or coalesce(e.review_pending, false)) and greatest(a.due_at, e.due_at) <= $3
        and m.finished_at is null and m.reviews_required is null
    then not exists (select from submissions o where o.assignment_id = a.id and o.user_id <> $2) else false end
        as owes_nothing
from assignments a join tracks t on t.id = a.track_id
    left join participants p on p.track_id = a.track_id and p.user_id = $2
    left join attempts m on m.assignment_id = a.id and m.user_id = $2
    left join submissions s on s.assignment_id = a.id and s.user_id = $2
    left join extensions e on e.assignment_id = a.id and e.user_id = $2
where a.id = $1
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One assignment and one user's place at it.

    `owes_nothing`: the deadline has passed, nobody else has handed in, and nobody has noticed yet.
    """

    id: int
    track_id: int
    position: int
    title: str
    description: str
    duration_hours: float
    opens_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    reviews_due_at: datetime | None
    version: int
    author_id: int
    is_participant: bool
    has_left: bool
    left_at: datetime | None
    extended_to: datetime | None
    opened_at: datetime | None
    finished_at: datetime | None
    reviews_required: int | None
    reviews_done: int
    submission_id: int | None
    submission_version: int
    owes_nothing: bool

    @property
    def personal_due_at(self) -> datetime | None:
        """Return the deadline as it stands for this user."""
        return personal_deadline(due_at=self.due_at, extended_to=self.extended_to)

    @property
    def has_done_reviews(self) -> bool:
        """Say whether the user has done all the reviews that are owed."""
        return has_done_reviews(finished_at=self.finished_at, left_at=self.left_at)


async def places(db: Connection, *, track_ids: Sequence[int], user_id: int, now: datetime) -> list[Place]:
    """Return the user's place at every assignment of these tracks, track by track, in order."""
    return as_time_has_it(await fetch_values(db, Place, PLACES_IN_TRACKS, track_ids, user_id, now))


async def place(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> Place:
    """Return the user's place at an assignment, whether or not they take part. Raises AssignmentNotFound."""
    found = await fetch_value(db, Place, PLACE, assignment_id, user_id, now)
    if found is None:
        raise AssignmentNotFound
    if found.is_participant and found.opened_at is None and found.due_at is not None:
        # What is before it may have ended by itself.
        of_track = await places(db, track_ids=[found.track_id], user_id=user_id, now=now)
        return next(one for one in of_track if one.id == assignment_id)
    return as_time_has_it([found])[0]


def as_time_has_it(places: Sequence[Place]) -> list[Place]:
    """Return places, in the order of the calendar, with what the passing of deadlines has done to them."""
    moved: list[Place] = []
    opened_at: datetime | None = None
    for here in places:
        if here.opened_at is None and opened_at is not None and here.track_id == moved[-1].track_id:
            here = replace(here, opened_at=opened_at)
        opened_at = None
        if here.owes_nothing and here.opened_at is not None:
            opened_at = here.personal_due_at
            here = replace(here, finished_at=opened_at, reviews_required=0)
        moved.append(here)
    return moved
