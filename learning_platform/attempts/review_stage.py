"""Begin the review stage: for everybody at the deadline, for who was given longer at their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.actions import move_on
from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import LOCK_TRACK_OF
from learning_platform.tracks.rules import TrackStatus

LOCK_STAGE = """
select a.id, a.track_id, a.title, t.title as track_title, a.due_at, a.reviews_due_at, a.review_pending
from assignments a join tracks t on t.id = a.track_id where a.id = $1 for update of a
"""
CLOSE_HAND_IN = "update assignments set review_pending = false where id = $1"
# What each owes; those who owe nothing are returned. A participant whose own deadline is still to come is left out,
# unless the statement is run for them ($2). No join, so that it costs the same before the planner has statistics of a
# group of ten thousand.
FIX_REVIEWS_OWED = """
update attempts m set reviews_required = reviews_owed(
    (select count(*) from submissions where assignment_id = $1)
    - exists (select from submissions s where s.attempt_id = m.id)::int)
where m.assignment_id = $1 and m.finished_at is null and m.reviews_required is null
    and case when $2::bigint is not null then m.user_id = $2 else not exists (
        select from extensions e where e.assignment_id = $1 and e.user_id = m.user_id and e.review_pending) end
returning case when m.reviews_required = 0 then m.user_id end as through
"""
PARTICIPANTS_IN_REVIEW = """
select p.user_id from participants p where p.track_id = $1 and p.left_at is null and not exists (
    select from extensions e where e.assignment_id = $2 and e.user_id = p.user_id and e.review_pending)
"""
LOCK_EXTENSION = """
select a.id, greatest(e.due_at, a.due_at) as due_at, a.reviews_due_at, a.track_id, a.title, t.title as track_title,
    t.status
from extensions e join assignments a on a.id = e.assignment_id join tracks t on t.id = a.track_id
where e.assignment_id = $1 and e.user_id = $2 and e.review_pending and greatest(e.due_at, a.due_at) <= $3
for update of a, e
"""
CLOSE_EXTENSION = "update extensions set review_pending = false where assignment_id = $1 and user_id = $2"


@dataclass(frozen=True, slots=True)
class _Stage:
    id: int
    track_id: int
    title: str
    track_title: str
    due_at: datetime
    reviews_due_at: datetime
    review_pending: bool


@dataclass(frozen=True, slots=True)
class _Due:
    id: int
    due_at: datetime
    reviews_due_at: datetime
    track_id: int
    title: str
    track_title: str
    status: TrackStatus


async def begin_review_stage(db: Connection, *, assignment_id: int, now: datetime) -> bool:
    """Close hand-in and fix what everybody owes, if the deadline has passed and nobody has done so yet.

    Locks the track and the assignment. Idempotent; returns whether anything was done.
    """
    await db.execute(LOCK_TRACK_OF, assignment_id)
    stage = await fetch_value(db, _Stage, LOCK_STAGE, assignment_id)
    if stage is None or not stage.review_pending or now < stage.due_at:
        return False
    await db.execute(CLOSE_HAND_IN, assignment_id)
    fixed = await fetch_ids(db, FIX_REVIEWS_OWED, assignment_id, None)
    through = [user_id for user_id in fixed if user_id is not None]
    reviewers = await fetch_ids(db, PARTICIPANTS_IN_REVIEW, stage.track_id, assignment_id)
    await _tell_started(db, stage, event=f"review_started:{assignment_id}", to=reviewers, through=through, now=now)
    await move_on(db, assignment_id=assignment_id, user_ids=through, opened_at=stage.due_at, now=now)
    return True


async def begin_personal_review_stage(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> bool:
    """Close hand-in for one participant whose own deadline has passed, if that is still to be done; say whether it was.

    Locks the track and the assignment.
    """
    await db.execute(LOCK_TRACK_OF, assignment_id)
    due = await fetch_value(db, _Due, LOCK_EXTENSION, assignment_id, user_id, now)
    if due is None:
        return False
    await db.execute(CLOSE_EXTENSION, assignment_id, user_id)
    if due.status != "running":
        return True
    fixed = await fetch_ids(db, FIX_REVIEWS_OWED, assignment_id, user_id)
    through = [user_id for user_id in fixed if user_id is not None]
    event = f"review_started:{assignment_id}:{user_id}"
    await _tell_started(db, due, event=event, to=[user_id], through=through, now=now)
    await move_on(db, assignment_id=assignment_id, user_ids=through, opened_at=due.due_at, now=now)
    return True


async def _tell_started(
    db: Connection, stage: _Stage | _Due, *, event: str, to: Sequence[int], through: Sequence[int], now: datetime
) -> None:
    """Tell participants that reviews may begin; those who owe none (`through`) are told that."""
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
