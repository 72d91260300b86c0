"""Read where participants stand, and what they handed in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from learning_platform.attempts.progress import Progress, progress_at, progress_on_tracks
from learning_platform.attempts.rules import (
    AssignmentState,
    NotEnrolled,
    TrackCancelled,
    TrackCompleted,
    TrackNotStarted,
    state_by_calendar,
    state_of,
)
from learning_platform.attempts.submissions import Submission, second_iteration, submission, submission_from
from learning_platform.core.database import Connection
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, TrackNotFound, TrackStatus

CURRENT_ASSIGNMENT = """
select t.status, t.finishes_at, p.user_id is not null and p.left_at is null as is_participant, m.assignment_id,
    s.id, s.repo_url, s.comment, s.submitted_at, s.version,
    n.state, n.origin, n.commit, w.files, w.bytes, n.error, n.frozen_at
from tracks t left join participants p on p.track_id = t.id and p.user_id = $2
    left join attempts m on m.track_id = t.id and m.user_id = $2 and m.finished_at is null
    left join submissions s on s.attempt_id = m.id
    left join snapshots n on n.id = s.snapshot_id left join trees w on w.id = n.tree_id
where t.id = $1
"""
# When each assignment's dates last changed for a user: for all participants, or by their own extension.
CALENDAR_CHANGES = """
select a.id, greatest(t.calendar_changed_at, e.granted_at) as changed_at
from assignments a join tracks t on t.id = a.track_id
    left join extensions e on e.assignment_id = a.id and e.user_id = $2
where a.track_id = any($1::bigint[]) and t.calendar_changed_at is not null
"""


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment as one user sees it: without its description while it is locked."""

    id: int
    track_id: int
    position: int
    title: str
    description: str | None
    duration_hours: float
    opens_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    reviews_due_at: datetime | None
    iteration_due_at: datetime | None
    personal_due_at: datetime | None
    state: AssignmentState
    version: int


@dataclass(frozen=True, slots=True)
class CurrentAssignment(AssignmentView):
    """The assignment a participant is at, with what they owe and what they handed in."""

    reviews_required: int | None
    reviews_done: int
    submission: Submission | None


View = TypeVar("View", bound=AssignmentView)


@dataclass(frozen=True, slots=True)
class _CurrentAssignment:
    status: TrackStatus
    finishes_at: datetime | None
    is_participant: bool
    assignment_id: int | None
    submission: Submission | None


async def assignments(
    db: Connection, *, track_id: int, user_id: int, sees_all: bool, now: datetime
) -> list[AssignmentView]:
    """Return the assignments of a track in order. Raises TrackNotFound."""
    found = await progress_on_tracks(db, track_ids=[track_id], user_id=user_id, now=now)
    if not found or not (sees_all or may_know_of(found[0])):
        raise TrackNotFound
    return assignment_views(found, sees_all=sees_all, now=now)


def assignment_views(found: Sequence[Progress], *, sees_all: bool, now: datetime) -> list[AssignmentView]:
    """Return the assignments at which a user is, in order."""
    return [_view(AssignmentView, progress, sees_all=sees_all, now=now) for progress in found]


def may_know_of(progress: Progress) -> bool:
    """Say whether the user may know that the track exists."""
    return not progress.is_hidden or progress.is_staff or progress.is_participant


async def assignments_by_track(
    db: Connection, *, track_ids: Sequence[int], user_id: int, sees_all: bool, now: datetime
) -> dict[int, list[AssignmentView]]:
    """Return the assignments of several tracks, each in order."""
    found: dict[int, list[AssignmentView]] = {}
    for progress in await progress_on_tracks(db, track_ids=track_ids, user_id=user_id, now=now):
        found.setdefault(progress.track_id, []).append(_view(AssignmentView, progress, sees_all=sees_all, now=now))
    return found


async def calendar_changes(db: Connection, *, track_ids: Sequence[int], user_id: int) -> dict[int, datetime]:
    """Return when the dates of each assignment last changed for a user; of tracks that have started."""
    return {row[0]: row[1] for row in await db.fetch(CALENDAR_CHANGES, track_ids, user_id)}


async def assignment(
    db: Connection, *, assignment_id: int, user_id: int, sees_all: bool, now: datetime
) -> AssignmentView:
    """Return one assignment. Raises AssignmentNotFound, NotAParticipant."""
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
    return assignment_view(progress, sees_all=sees_all, now=now)


def assignment_view(progress: Progress, *, sees_all: bool, now: datetime) -> AssignmentView:
    """Return the assignment at which a user is. Raises NotAParticipant, AssignmentNotFound."""
    if not (progress.is_participant or sees_all or progress.is_staff):
        raise NotAParticipant if may_know_of(progress) else AssignmentNotFound
    return _view(AssignmentView, progress, sees_all=sees_all, now=now)


async def current_assignment(db: Connection, *, track_id: int, user_id: int, now: datetime) -> CurrentAssignment:
    """Return where a participant is. Raises NotEnrolled, TrackNotStarted, TrackCompleted, TrackCancelled."""
    current = await _stored_current(db, track_id=track_id, user_id=user_id)
    assignment_id = _ensure_at_an_assignment(current, now=now)
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
    handed_in = None if current is None else current.submission
    if handed_in is not None and progress.iteration_due_at is not None:
        handed_in = replace(handed_in, second_iteration=await second_iteration(db, submission_id=handed_in.id))
    if progress.finished_at is not None:
        progress = await _first_unfinished(db, track_id=track_id, user_id=user_id, now=now)
        handed_in = await submission(db, assignment_id=progress.id, user_id=user_id)
    return _view(
        CurrentAssignment,
        progress,
        sees_all=False,
        now=now,
        reviews_required=progress.reviews_required,
        reviews_done=progress.reviews_done,
        submission=handed_in,
    )


async def _stored_current(db: Connection, *, track_id: int, user_id: int) -> _CurrentAssignment | None:
    """Return where a participant is by what is stored, in one read with what they handed in there."""
    row = await db.fetchrow(CURRENT_ASSIGNMENT, track_id, user_id)
    if row is None:
        return None
    status, finishes_at, is_participant, assignment_id, id, *submitted = row
    handed_in = None if id is None else submission_from(id, assignment_id, *submitted)
    return _CurrentAssignment(status, finishes_at, is_participant, assignment_id, handed_in)


def _ensure_at_an_assignment(current: _CurrentAssignment | None, *, now: datetime) -> int:
    if current is None or not current.is_participant:
        raise NotEnrolled
    if current.status == "enrolling":
        raise TrackNotStarted
    if current.status == "cancelled":
        raise TrackCancelled
    is_over = current.finishes_at is not None and current.finishes_at <= now
    if current.assignment_id is None or is_over:
        raise TrackCompleted
    return current.assignment_id


async def _first_unfinished(db: Connection, *, track_id: int, user_id: int, now: datetime) -> Progress:
    """Return the current assignment with passed deadlines applied, swept or not. Raises TrackCompleted."""
    for progress in await progress_on_tracks(db, track_ids=[track_id], user_id=user_id, now=now):
        if progress.opened_at is not None and progress.finished_at is None:
            return progress
    raise TrackCompleted


def _view(kind: Callable[..., View], progress: Progress, *, sees_all: bool, now: datetime, **more: object) -> View:
    sees_all = sees_all or progress.is_staff
    if sees_all and not progress.is_participant:
        state = state_by_calendar(
            opens_at=progress.opens_at, due_at=progress.due_at, reviews_due_at=progress.reviews_due_at, now=now
        )
    else:
        state = state_of(
            opened_at=progress.opened_at,
            finished_at=progress.finished_at,
            has_submission=progress.submission_id is not None,
            due_at=progress.personal_due_at,
            now=now,
        )
    return kind(
        id=progress.id,
        track_id=progress.track_id,
        position=progress.position,
        title=progress.title,
        description=progress.description if sees_all or state != "locked" else None,
        duration_hours=progress.duration_hours,
        opens_at=progress.opens_at,
        warn_at=progress.warn_at,
        due_at=progress.due_at,
        reviews_due_at=progress.reviews_due_at,
        iteration_due_at=progress.iteration_due_at,
        personal_due_at=progress.extended_to and progress.personal_due_at,
        state=state,
        version=progress.version,
        **more,
    )
