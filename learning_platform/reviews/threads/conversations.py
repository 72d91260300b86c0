"""Answer in a thread; say that it is fixed, declined or settled."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.queries import reviewing
from learning_platform.reviews.threads.notices import notify_of_message
from learning_platform.reviews.threads.queries import Thread, thread_of
from learning_platform.reviews.threads.rules import (
    ThreadNotFound,
    ThreadState,
    ensure_few_messages,
    ensure_may_answer,
    ensure_may_set_state,
)
from learning_platform.tracks.appeal_period import ensure_appeals_open

# Messages have positions: they are written one after another.
LOCK_THREAD = "select id, writer_id, version from threads where id = $1 for update"
COUNT_MESSAGES = "select count(*) from thread_messages where thread_id = $1"
INSERT_MESSAGE = """
insert into thread_messages (thread_id, position, writer_id, role, text, created_at) values ($1, $2, $3, $4, $5, $6)
"""
SET_STATE = "update threads set state = $2, version = version + 1 where id = $1"


@dataclass(frozen=True, slots=True)
class _Locked:
    id: int
    writer_id: int
    version: int


async def answer_thread(db: Connection, *, thread_id: int, actor: Actor, text: str, now: datetime) -> Thread:
    """Write a message in a thread, as the author of the submission, the writer of the thread, or staff.

    Raises ThreadNotFound, CommentNotSent, NotYourComment, TrackOver, TooManyMessages.
    """
    locked = await _lock(db, thread_id=thread_id)
    access, thread = await thread_of(db, thread_id=thread_id, actor=actor, now=now)
    ensure_may_answer(role=access.role, is_own_thread=thread.is_own, is_sent=not thread.is_draft)
    await _ensure_open(db, assignment_id=access.assignment_id, actor=actor, now=now)
    await insert_message(db, access, thread_id=thread_id, actor=actor, text=text, now=now)
    _, answered = await thread_of(db, thread_id=thread_id, actor=actor, now=now)
    await notify_of_message(db, access, thread, writer_id=locked.writer_id, actor=actor, now=now)
    return answered


async def insert_message(
    db: Connection, access: CodeAccess, *, thread_id: int, actor: Actor, text: str, now: datetime
) -> None:
    """Add a message to a thread in which a user may write; locks the thread. Raises ThreadNotFound, TooManyMessages."""
    await _lock(db, thread_id=thread_id)
    position = 1 + await db.fetchval(COUNT_MESSAGES, thread_id)
    ensure_few_messages(position - 1)
    await db.execute(INSERT_MESSAGE, thread_id, position, actor.user_id, access.role, text, now)


async def set_state(
    db: Connection,
    *,
    thread_id: int,
    actor: Actor,
    state: ThreadState,
    text: str | None = None,
    seen: Seen = None,
    now: datetime,
) -> Thread:
    """Say that a thread is fixed or declined, as the author of the submission; settle it, as its writer or staff.

    `text` becomes a message in it. Raises ThreadNotFound, CommentNotSent, NotYourComment, NoSecondIteration,
    DeclineReasonMissing, TrackOver, TooManyMessages, VersionConflict.
    """
    locked = await _lock(db, thread_id=thread_id)
    access, thread = await thread_of(db, thread_id=thread_id, actor=actor, now=now)
    ensure_may_set_state(
        state,
        former=thread.state,
        role=access.role,
        is_own_thread=thread.is_own,
        is_sent=not thread.is_draft,
        has_second_iteration=access.second_snapshot_id is not None,
        has_reason=text is not None,
    )
    await _ensure_open(db, assignment_id=access.assignment_id, actor=actor, now=now)
    if is_other(locked.version, seen=seen):
        raise VersionConflict(version=locked.version, current={"state": thread.state})
    await db.execute(SET_STATE, thread_id, state)
    if text is not None:
        return await answer_thread(db, thread_id=thread_id, actor=actor, text=text, now=now)
    if access.role == "author":
        await notify_of_message(db, access, thread, writer_id=locked.writer_id, actor=actor, now=now)
    return (await thread_of(db, thread_id=thread_id, actor=actor, now=now))[1]


async def _lock(db: Connection, *, thread_id: int) -> _Locked:
    locked = await fetch_value(db, _Locked, LOCK_THREAD, thread_id)
    if locked is None:
        raise ThreadNotFound
    return locked


async def _ensure_open(db: Connection, *, assignment_id: int, actor: Actor, now: datetime) -> None:
    stage = await reviewing(db, assignment_id=assignment_id, user_id=actor.user_id)
    ensure_appeals_open(stage, now=now)
