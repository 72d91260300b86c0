"""What staff do for many chosen participants."""

from collections.abc import Sequence
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts import group_extensions, staff_reminders
from learning_platform.attempts.group_extensions import GroupOutcome
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.queries import lock_track_of

CLAIMANTS = "select distinct reviewer_id from claims where assignment_id = $1 and reviewer_id = any($2::bigint[])"


async def extend_for_many(
    db: Connection,
    *,
    assignment_id: int,
    user_ids: Sequence[int],
    due_at: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
) -> GroupOutcome:
    """Give many participants until `due_at`; the outcome names those who could not be given it, and why.

    Raises AssignmentNotFound, NotTheAuthor, TakesPart, TrackOver, CalendarOpen, ExtensionOutOfRange.
    """
    await _ensure_oversees(db, assignment_id=assignment_id, actor=actor)
    return await group_extensions.extend_for_many(
        db,
        assignment_id=assignment_id,
        user_ids=user_ids,
        due_at=due_at,
        reason=reason,
        granted_by=actor.user_id,
        claimants=_claimants,
        now=now,
    )


async def remind(
    db: Connection, *, assignment_id: int, user_ids: Sequence[int], actor: Actor, now: datetime
) -> GroupOutcome:
    """Remind many participants of an assignment; the outcome names those who were not reminded, and why.

    Raises AssignmentNotFound, NotTheAuthor, TakesPart, TrackOver, AssignmentNotOpen.
    """
    await _ensure_oversees(db, assignment_id=assignment_id, actor=actor)
    return await staff_reminders.remind(db, assignment_id=assignment_id, user_ids=user_ids, now=now)


async def _ensure_oversees(db: Connection, *, assignment_id: int, actor: Actor) -> None:
    track = await lock_track_of(db, assignment_id=assignment_id)
    access = await access_to_track(db, track_id=track.id, actor=actor)
    access.ensure_oversees()


async def _claimants(db: Connection, assignment_id: int, user_ids: Sequence[int]) -> Sequence[int]:
    return await fetch_ids(db, CLAIMANTS, assignment_id, user_ids)
