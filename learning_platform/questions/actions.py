"""Ask, answer, edit and delete."""

from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.questions.notices import notify_of_post
from learning_platform.questions.queries import Question, question, question_of_post
from learning_platform.questions.readers import Reader, reader_of_assignment
from learning_platform.questions.rules import (
    NAMES_OF_TAGS,
    HasAnswers,
    QuestionNotFound,
    ensure_few_posts,
    ensure_own,
    marked_mentions,
    masked,
    mentioned_names,
    without_marks,
)
from learning_platform.reviews.mask_terms import shown_to_reviewers

# An account that is being deleted is waited for, as in the diary.
LOCK_WRITER = "select from users where id = $1 and blocked_at is null for share"
INSERT_QUESTION = """
insert into questions (track_id, assignment_id, writer_id, created_at) values ($1, $2, $3, $4) returning id
"""
# Answers have positions, and a question with answers is not deleted.
LOCK_QUESTION = "select id from questions where id = $1 for update"
LAST_POSITION = "select coalesce(max(position), 0) from question_posts where question_id = $1"
INSERT_POST = """
insert into question_posts (question_id, position, writer_id, role, title, text, masked_title, masked_text, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
UPDATE_POST = """
update question_posts set title = $2, text = $3, masked_title = $4, masked_text = $5, updated_at = $6,
    version = version + 1
where id = $1
"""
DELETE_QUESTION = "delete from questions where id = $1"
DELETE_POST = "delete from question_posts where id = $1"
IS_STAFF = """
select exists (select from tracks t join users u on u.id = t.author_id
    or u.id in (select user_id from track_staff where track_id = t.id)
where t.id = $1 and lower(u.username) = any($2::text[]))
"""
# Staff are named, so only names of participants are masked where they are mentioned.
MENTIONED_PARTICIPANTS = """
select u.username as name from participants p join users u on u.id = p.user_id
where p.track_id = $1 and lower(u.username) = any($2::text[])
"""


async def ask(db: Connection, *, assignment_id: int, actor: Actor, title: str, text: str, now: datetime) -> Question:
    """Ask a question. Raises AssignmentNotFound, TrackNotFound, NotAParticipant, AssignmentLocked, TrackOver."""
    await db.execute(LOCK_WRITER, actor.user_id)
    reader = await reader_of_assignment(db, assignment_id=assignment_id, actor=actor, now=now)
    reader.ensure_may_write(assignment_id, now=now)
    question_id: int = await db.fetchval(INSERT_QUESTION, reader.track.id, assignment_id, actor.user_id, now)
    await _insert(db, reader, question_id, 1, title, text, now)
    _, asked = await question(db, question_id=question_id, actor=actor, now=now)
    await notify_of_post(db, reader, asked, text=f"{title} {text}", now=now)
    return asked


async def answer(db: Connection, *, question_id: int, actor: Actor, text: str, now: datetime) -> Question:
    """Answer a question. Raises QuestionNotFound, NotAParticipant, TrackOver, TooManyPosts."""
    await db.execute(LOCK_WRITER, actor.user_id)
    await _lock(db, question_id)
    reader, found = await question(db, question_id=question_id, actor=actor, now=now)
    reader.ensure_may_write(found.assignment_id, now=now)
    last: int = await db.fetchval(LAST_POSITION, question_id)
    ensure_few_posts(last)
    await _insert(db, reader, question_id, last + 1, None, text, now)
    _, answered = await question(db, question_id=question_id, actor=actor, now=now)
    await notify_of_post(db, reader, answered, text=text, now=now)
    return answered


async def edit_post(
    db: Connection, *, post_id: int, actor: Actor, title: str | None, text: str | None, seen: Seen = None, now: datetime
) -> Question:
    """Change what one wrote; None leaves a part as it is, and answers have no title.

    Raises QuestionNotFound, NotYourPost, NotAParticipant, TrackOver, VersionConflict.
    """
    await db.execute(LOCK_WRITER, actor.user_id)
    _, found, _ = await question_of_post(db, post_id=post_id, actor=actor, now=now)
    await _lock(db, found.id)
    reader, found, post = await question_of_post(db, post_id=post_id, actor=actor, now=now)
    ensure_own(is_own=post.is_own)
    reader.ensure_may_write(found.assignment_id, now=now)
    if is_other(post.version, seen=seen):
        current = {"text": post.text} if post.title is None else {"title": post.title, "text": post.text}
        raise VersionConflict(version=post.version, current=current)
    title = None if post.title is None else title or post.title
    masked_title, masked_text = await _masked(db, reader, title, text or post.text or "")
    await db.execute(UPDATE_POST, post_id, title, text or post.text, masked_title, masked_text, now)
    return (await question(db, question_id=found.id, actor=actor, now=now))[1]


async def delete_post(db: Connection, *, post_id: int, actor: Actor, now: datetime) -> Question:
    """Delete an answer, or a question without answers; return what it was in.

    Raises QuestionNotFound, NotYourPost, HasAnswers.
    """
    _, found, _ = await question_of_post(db, post_id=post_id, actor=actor, now=now)
    await _lock(db, found.id)
    _, found, post = await question_of_post(db, post_id=post_id, actor=actor, now=now)
    ensure_own(is_own=post.is_own)
    if post.position > 1:
        await db.execute(DELETE_POST, post_id)
    elif found.answers_count == 0:
        await db.execute(DELETE_QUESTION, found.id)
    else:
        raise HasAnswers
    return found


async def _lock(db: Connection, question_id: int) -> None:
    if await db.fetchval(LOCK_QUESTION, question_id) is None:
        raise QuestionNotFound


async def _insert(
    db: Connection, reader: Reader, question_id: int, position: int, title: str | None, text: str, now: datetime
) -> None:
    masked_title, masked_text = await _masked(db, reader, title, text)
    await db.execute(
        INSERT_POST, question_id, position, reader.user_id, reader.role, title, text, masked_title, masked_text, now
    )


async def _masked(db: Connection, reader: Reader, title: str | None, text: str) -> tuple[str | None, str]:
    """Return a title and a text as other participants see them until names are shown."""
    mentioned = list(mentioned_names(f"{title or ''} {text}"))
    names = [row["name"] for row in await db.fetch(MENTIONED_PARTICIPANTS, reader.track.id, mentioned)]
    texts, hides_links = {1: title or "", 2: text}, reader.role == "participant"
    if hides_links:
        tags = NAMES_OF_TAGS.intersection(mentioned)
        if tags and await db.fetchval(IS_STAFF, reader.track.id, list(tags)):
            texts = {key: marked_mentions(each) for key, each in texts.items()}
        texts = await shown_to_reviewers(db, track_id=reader.track.id, author_id=reader.user_id, texts=texts)
        texts = {key: without_marks(each) for key, each in texts.items()}
    hidden = {key: masked(each, names=names, hides_links=hides_links) for key, each in texts.items()}
    return None if title is None else hidden[1], hidden[2]
