"""Mark a question as answered, pin it, mute it; report a post and hide it."""

from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.questions.queries import Question, question, question_of_post
from learning_platform.questions.readers import reader_of_track
from learning_platform.questions.rules import OwnPost, PostReported, ensure_own
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.rules import NotTheAuthor
from learning_platform.tracks.staff_notices import staff_to_notify

SET_ANSWERED = "update questions set answered_at = case when $2 then coalesce(answered_at, $3) end where id = $1"
SET_PINNED = "update questions set pinned_at = case when $2 then coalesce(pinned_at, $3) end where id = $1"
MUTE = """
insert into question_mutes (question_id, user_id)
select id, $2 from questions where id = $1 for key share on conflict do nothing
"""
UNMUTE = "delete from question_mutes where question_id = $1 and user_id = $2"
MUTE_TRACK = """
insert into question_readers (track_id, user_id, is_muted) values ($1, $2, $3)
on conflict (track_id, user_id) do update set is_muted = excluded.is_muted
"""
READ = """
insert into question_readers as r (track_id, user_id, read_up_to) values ($1, $2, $3)
on conflict (track_id, user_id) do update set read_up_to = greatest(r.read_up_to, excluded.read_up_to)
"""
INSERT_REPORT = """
with post as (select id from question_posts where id = $1 for key share)
insert into question_reports (post_id, user_id, reason, created_at) select id, $2, $3, $4 from post
on conflict (post_id, user_id) do nothing returning true
"""
AWAIT_DECISION = """
update question_posts set reported_at = coalesce(reported_at, $2) where id = $1 and hidden_at is null
"""
HIDE = """
update question_posts set hidden_at = $2, hidden_by = $3, reported_at = null, kept_at = null, kept_by = null
where id = $1 and hidden_at is null
"""
KEEP = """
update question_posts set hidden_at = null, hidden_by = null, reported_at = null, kept_at = $2, kept_by = $3
where id = $1 and (hidden_at is not null or reported_at is not null)
"""


async def set_answered(db: Connection, *, question_id: int, actor: Actor, answered: bool, now: datetime) -> Question:
    """Mark a question as answered or not, as its asker or as staff.

    Raises QuestionNotFound, NotYourPost, NotAParticipant, TrackOver.
    """
    reader, found = await question(db, question_id=question_id, actor=actor, now=now)
    ensure_own(is_own=found.is_own or reader.is_staff)
    reader.ensure_may_write(found.assignment_id, now=now)
    await db.execute(SET_ANSWERED, question_id, answered, now)
    return (await question(db, question_id=question_id, actor=actor, now=now))[1]


async def set_pinned(db: Connection, *, question_id: int, actor: Actor, pinned: bool, now: datetime) -> Question:
    """Pin a question to the top of the lists, or take it down. Raises QuestionNotFound, NotTheAuthor, TakesPart."""
    _, found = await question(db, question_id=question_id, actor=actor, now=now)
    await _ensure_moderates(db, found, actor)
    await db.execute(SET_PINNED, question_id, pinned, now)
    return (await question(db, question_id=question_id, actor=actor, now=now))[1]


async def set_muted(db: Connection, *, question_id: int, actor: Actor, muted: bool, now: datetime) -> Question:
    """Get no more notifications about a question, or get them again. Raises QuestionNotFound."""
    await question(db, question_id=question_id, actor=actor, now=now)
    await db.execute(MUTE if muted else UNMUTE, question_id, actor.user_id)
    return (await question(db, question_id=question_id, actor=actor, now=now))[1]


async def set_track_muted(db: Connection, *, track_id: int, actor: Actor, muted: bool, now: datetime) -> None:
    """Get no more notifications about the questions of a track, or get them again.

    Raises TrackNotFound, NotAParticipant.
    """
    await reader_of_track(db, track_id=track_id, actor=actor, now=now)
    await db.execute(MUTE_TRACK, track_id, actor.user_id, muted)


async def mark_read(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> None:
    """Count what was written until now as read. Raises TrackNotFound, NotAParticipant."""
    await reader_of_track(db, track_id=track_id, actor=actor, now=now)
    await db.execute(READ, track_id, actor.user_id, now)


async def report_post(db: Connection, *, post_id: int, actor: Actor, reason: str | None, now: datetime) -> Question:
    """Report a post that one sees, once; staff are notified. Raises QuestionNotFound, OwnPost, PostReported."""
    reader, found, post = await question_of_post(db, post_id=post_id, actor=actor, now=now)
    if post.is_own:
        raise OwnPost
    if await db.fetchval(INSERT_REPORT, post_id, actor.user_id, reason, now) is None:
        # The post may have been deleted meanwhile.
        await question_of_post(db, post_id=post_id, actor=actor, now=now)
        raise PostReported
    await db.execute(AWAIT_DECISION, post_id, now)
    reported = Announcement(
        event=f"post_reported:{post_id}",
        type="post_reported",
        track_id=found.track_id,
        assignment_id=found.assignment_id,
        parameters={"track": reader.track.title, "assignment": found.assignment_title},
    )
    await announce(db, reported, to=await staff_to_notify(db, "moderate", track_id=found.track_id), now=now)
    return found


async def set_hidden(db: Connection, *, post_id: int, actor: Actor, hidden: bool, now: datetime) -> Question:
    """Hide a post from participants, or keep it: it is shown, and its reports are settled.

    Raises QuestionNotFound, NotTheAuthor, TakesPart.
    """
    _, found, _ = await question_of_post(db, post_id=post_id, actor=actor, now=now)
    await _ensure_moderates(db, found, actor)
    await db.execute(HIDE if hidden else KEEP, post_id, now, actor.user_id)
    return found


async def _ensure_moderates(db: Connection, question: Question, actor: Actor) -> None:
    access = await access_to_track(db, track_id=question.track_id, actor=actor)
    access.ensure_oversees()
    if not access.may("moderate"):
        raise NotTheAuthor
