"""A preview of the times that would change if a deadline moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_values
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TrackHead, track_head
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    ensure_extendable,
    ensure_later,
    ensure_not_over,
)

ASSIGNMENTS_FROM = """
select a.id, a.track_id, a.title, a.opens_at, a.due_at, a.reviews_due_at,
    iteration_due_at(a.reviews_due_at, t.iteration_hours) as iteration_due_at, a.review_started_at, a.version
from assignments here join assignments a on a.track_id = here.track_id and a.position >= here.position
join tracks t on t.id = here.track_id
where here.id = $1 order by a.position
"""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An assignment and its present times."""

    id: int
    track_id: int
    title: str
    opens_at: datetime | None
    due_at: datetime | None
    reviews_due_at: datetime | None
    iteration_due_at: datetime | None
    review_started_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Extendable:
    """An assignment whose deadline may be moved, and those after it."""

    track: TrackHead
    assignment: Scheduled
    later: Sequence[Scheduled]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """The present and the new value of a time."""

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """The times of an assignment that would change.

    The extended assignment opens at the same time as before. Tracks without second iterations have no `iteration_due`.
    """

    title: str
    opens: Shift | None
    due: Shift
    reviews_due: Shift
    iteration_due: Shift | None


async def extendable(db: Connection, *, assignment_id: int, actor: Actor, now: datetime) -> Extendable:
    """Return an assignment the user may extend.

    Raises AssignmentNotFound, NotTheAuthor, TrackOver, CalendarOpen, DeadlinePassed.
    """
    found = await fetch_values(db, Scheduled, ASSIGNMENTS_FROM, assignment_id)
    if not found:
        raise AssignmentNotFound
    here, *later = found
    track = await track_head(db, track_id=here.track_id, now=now)
    await ensure_may(db, "move_deadlines", track=track, actor=actor)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    due_at = ensure_extendable(due_at=here.due_at, is_closed=here.review_started_at is not None, now=now)
    return Extendable(track, here, later, due_at)


def moves(of: Extendable, *, to: datetime) -> list[Move]:
    """Return the times that would change. Raises DeadlineNotLater, DeadlineTooFar."""
    ensure_later(due_at=of.due_at, to=to, finishes_at=of.track.finishes_at)
    by = to - of.due_at

    def shifted(at: datetime | None) -> Shift:
        assert at is not None
        return Shift(at, at + by)

    return [
        Move(
            title=each.title,
            opens=None if each is of.assignment else shifted(each.opens_at),
            due=shifted(each.due_at),
            reviews_due=shifted(each.reviews_due_at),
            iteration_due=None if each.iteration_due_at is None else shifted(each.iteration_due_at),
        )
        for each in [of.assignment, *of.later]
    ]
