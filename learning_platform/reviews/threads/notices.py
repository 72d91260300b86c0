"""Notify the other side of a thread: at most one unread notification about a submission, however much is written."""

from datetime import datetime
from typing import Literal, TypeAlias

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.locks import submission_to_review
from learning_platform.reviews.queries import reviewing
from learning_platform.reviews.threads.queries import Thread, author_sees_reviews

# `id`: of the last notification about a submission, or the last that was read, if that is later.
LAST_NOTICE = """
with inbox as (select coalesce((select read_up_to from inboxes where user_id = $1), 0) as read_up_to)
select coalesce(max(n.id), inbox.read_up_to) as id, coalesce(bool_or(not n.is_read), false) as is_unread
from inbox left join (notifications n join announcements a on a.id = n.announcement_id and starts_with(a.event, $2))
    on n.user_id = $1 and n.id > inbox.read_up_to
group by inbox.read_up_to
"""
Type: TypeAlias = Literal["comment_received", "comment_answered"]


async def notify_of_message(
    db: Connection,
    access: CodeAccess,
    thread: Thread,
    *,
    writer_id: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Notify those of the two sides who did not write a message and can see it; call it last (docs/locking.md).

    `writer_id` is the user who began the thread.
    """
    if actor.user_id != access.author_id and (thread.role == "staff" or await _author_sees(db, access, now=now)):
        await _announce(db, access, thread, "comment_received", to=access.author_id, now=now)
    if actor.user_id != writer_id and await _writer_sees(db, access, thread, now=now):
        await _announce(db, access, thread, "comment_answered", to=writer_id, now=now)


async def _author_sees(db: Connection, access: CodeAccess, *, now: datetime) -> bool:
    return await author_sees_reviews(db, assignment_id=access.assignment_id, author_id=access.author_id, now=now)


async def _writer_sees(db: Connection, access: CodeAccess, thread: Thread, *, now: datetime) -> bool:
    """Say whether the user who began a thread sees what was written: a reviewer sees the author's answers later."""
    if access.role == "staff" or thread.role == "staff":
        return True
    stage = await reviewing(db, assignment_id=access.assignment_id, user_id=access.author_id)
    return stage.reviews_due_at is not None and stage.reviews_due_at <= now


async def _announce(db: Connection, access: CodeAccess, thread: Thread, type: Type, *, to: int, now: datetime) -> None:
    """Notify a user, unless an unread notification says the same. Its event is unique until they read again."""
    wording = {"about_review": "yes"} if thread.is_about_review else {}
    about = ":".join([type, *wording, str(access.submission_id), str(to), ""])
    last = await db.fetchrow(LAST_NOTICE, to, about)
    assert last is not None
    if last["is_unread"]:
        return
    submission = await submission_to_review(db, submission_id=access.submission_id)
    announcement = Announcement(
        event=f"{about}{last['id']}",
        type=type,
        track_id=access.track_id,
        assignment_id=access.assignment_id,
        parameters={"track": submission.track_title, "assignment": submission.title, **wording},
    )
    await announce(db, announcement, to=[to], now=now)
