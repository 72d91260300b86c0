"""Notify staff of questions, those who take part in a question of its answers, and people who are mentioned."""

from collections.abc import Sequence
from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.messages import NotificationType
from learning_platform.questions.queries import Question
from learning_platform.questions.readers import Reader
from learning_platform.questions.rules import mentioned_names
from learning_platform.tracks.permissions import staff_with

# People of the track for whom the assignment is open.
MENTIONED = """
select u.id from users u where lower(u.username) = any($3::text[]) and (
    exists (select from tracks t where t.id = $1 and t.author_id = u.id)
    or exists (select from track_staff f where f.track_id = $1 and f.user_id = u.id)
    or exists (select from participants p join attempts m on m.user_id = p.user_id and m.assignment_id = $2
        where p.track_id = $1 and p.user_id = u.id and p.left_at is null))
"""
# The asker and those who answered, unless they have left.
TAKING_PART = """
select distinct p.writer_id as id from question_posts p where p.question_id = $1 and not exists (
    select from participants l where l.track_id = $2 and l.user_id = p.writer_id and l.left_at is not null)
"""
MUTED = """
select user_id as id from question_mutes where question_id = $1
union select user_id from question_readers where track_id = $2 and is_muted
"""


async def notify_of_post(db: Connection, reader: Reader, question: Question, *, text: str, now: datetime) -> None:
    """Notify of the last post of a question; call it last (docs/locking.md). A user is notified once."""
    track_id = reader.track.id
    quiet = {reader.user_id, *await fetch_ids(db, MUTED, question.id, track_id)}
    named = list(mentioned_names(text))
    mentioned = set(await fetch_ids(db, MENTIONED, track_id, question.assignment_id, named)) - quiet
    if question.answers_count == 0:
        others = await staff_with(db, "moderate", track_id=track_id)
        await _announce(db, question, "question_asked", reader, sorted(set(others) - quiet - mentioned), now)
    else:
        others = await fetch_ids(db, TAKING_PART, question.id, track_id)
        await _announce(db, question, "question_answered", reader, sorted(set(others) - quiet - mentioned), now)
    await _announce(db, question, "question_mentioned", reader, sorted(mentioned), now)


async def _announce(
    db: Connection, question: Question, type: NotificationType, reader: Reader, to: Sequence[int], now: datetime
) -> None:
    announcement = Announcement(
        event=f"{type}:{question.posts[-1].id}",
        type=type,
        track_id=reader.track.id,
        assignment_id=question.assignment_id,
        parameters={
            "track": reader.track.title,
            "assignment": question.assignment_title,
            "question": str(question.id),
        },
    )
    await announce(db, announcement, to=to, now=now)
