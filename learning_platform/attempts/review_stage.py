"""Begin the review stage: for the group at the deadline, for participants who were given longer at their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard

from learning_platform.attempts.actions import move_on
from learning_platform.attempts.due_events import DueEvent
from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import LOCK_TRACK_OF

LOCK_STAGE = """
select a.id, a.track_id, a.title, t.title as track_title, a.due_at, a.reviews_due_at, a.review_started_at
from assignments a join tracks t on t.id = a.track_id where a.id = $1 for update of a
"""
# A personal deadline that the common one has overtaken ends with it.
CLOSE_HAND_IN = """
with closed as (update assignments set review_started_at = $2 where id = $1 returning id, due_at)
update extensions e set review_started_at = $2
from closed where e.assignment_id = closed.id and e.due_at <= closed.due_at and e.review_started_at is null
"""
# What each owes; those who owe nothing are returned. A participant whose own deadline is still to come is left out,
# unless the statement is run for them ($2). No join, so that it costs the same before the planner has statistics of a
# group of ten thousand.
FIX_REVIEWS_OWED = """
update attempts m set reviews_required = reviews_owed(
    (select count(*) from submissions where assignment_id = $1)
    - exists (select from submissions s where s.attempt_id = m.id)::int)
where m.assignment_id = $1 and m.finished_at is null and m.reviews_required is null
    and case when $2::bigint is not null then m.user_id = $2 else not exists (
        select from extensions e
        where e.assignment_id = $1 and e.user_id = m.user_id and e.review_started_at is null) end
returning case when m.reviews_required = 0 then m.user_id end as through
"""
PARTICIPANTS_IN_REVIEW = """
select p.user_id from participants p where p.track_id = $1 and p.left_at is null and not exists (
    select from extensions e where e.assignment_id = $2 and e.user_id = p.user_id and e.review_started_at is null)
"""
LOCK_EXTENSION = """
select a.id, a.track_id, a.title, t.title as track_title, greatest(e.due_at, a.due_at) as due_at, a.reviews_due_at,
    e.review_started_at
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.assignment_id = $1 and e.user_id = $2 for update of a, e
"""
CLOSE_EXTENSION = "update extensions set review_started_at = $3 where assignment_id = $1 and user_id = $2"


@dataclass(frozen=True, slots=True)
class _Stage:
    id: int
    track_id: int
    title: str
    track_title: str
    due_at: datetime
    reviews_due_at: datetime
    review_started_at: datetime | None


async def close_hand_in(db: Connection, event: DueEvent, now: datetime) -> None:
    """Begin the review stage of an assignment, or of one participant after a deadline of their own."""
    await begin_review_stage(db, assignment_id=event.assignment_id, now=now)
    if event.user_id is not None:
        await _begin_own_review_stage(db, assignment_id=event.assignment_id, user_id=event.user_id, now=now)


async def begin_review_stage(db: Connection, *, assignment_id: int, now: datetime) -> bool:
    """Close hand-in and fix what each participant owes, if the deadline has passed and that is still to be done.

    Locks the track and the assignment. Idempotent; returns whether anything was done.
    """
    await db.execute(LOCK_TRACK_OF, assignment_id)
    stage = await fetch_value(db, _Stage, LOCK_STAGE, assignment_id)
    if not _is_to_begin(stage, now=now):
        return False
    await db.execute(CLOSE_HAND_IN, assignment_id, now)
    reviewers = await fetch_ids(db, PARTICIPANTS_IN_REVIEW, stage.track_id, assignment_id)
    await _begin(db, stage, event=f"review_started:{assignment_id}", to=reviewers, only=None, now=now)
    return True


async def _begin_own_review_stage(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> None:
    """Close hand-in for one participant, if their own deadline has passed and that is still to be done."""
    stage = await fetch_value(db, _Stage, LOCK_EXTENSION, assignment_id, user_id)
    if not _is_to_begin(stage, now=now):
        return
    await db.execute(CLOSE_EXTENSION, assignment_id, user_id, now)
    await _begin(db, stage, event=f"review_started:{assignment_id}:{user_id}", to=[user_id], only=user_id, now=now)


def _is_to_begin(stage: _Stage | None, *, now: datetime) -> TypeGuard[_Stage]:
    return stage is not None and stage.review_started_at is None and stage.due_at <= now


async def _begin(
    db: Connection, stage: _Stage, *, event: str, to: Sequence[int], only: int | None, now: datetime
) -> None:
    """Fix what is owed, notify participants, and let those who owe nothing move on. `only`: one participant."""
    fixed = await fetch_ids(db, FIX_REVIEWS_OWED, stage.id, only)
    through = [user_id for user_id in fixed if user_id is not None]
    await _notify_started(db, stage, event=event, to=to, through=through, now=now)
    await move_on(db, assignment_id=stage.id, user_ids=through, opened_at=stage.due_at, now=now)


async def _notify_started(
    db: Connection, stage: _Stage, *, event: str, to: Sequence[int], through: Sequence[int], now: datetime
) -> None:
    """Notify participants that reviews may begin, or (`through`) that they owe none."""
    started = Announcement(
        event=event,
        type="review_started",
        track_id=stage.track_id,
        assignment_id=stage.id,
        due_at=stage.reviews_due_at,
        parameters={"track": stage.track_title, "assignment": stage.title},
    )
    done = set(through)
    nothing_owed = replace(
        started, event=f"{event}:nothing_owed", parameters={**started.parameters, "nothing_owed": "yes"}
    )
    await announce(db, started, to=[user_id for user_id in to if user_id not in done], now=now)
    await announce(db, nothing_owed, to=[user_id for user_id in to if user_id in done], now=now)
