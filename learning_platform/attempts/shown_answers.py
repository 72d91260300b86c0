"""Notify reviewers of what authors answered before the reviews were due, when it is shown to them.

Until then an answer would show that its author has done their own reviews (reviews.threads.rules). What is answered
later is announced when it is written. The statement reads threads, which are a matter of `reviews`: all events of a
calendar are in one list, and it is here.
"""

from datetime import datetime

from learning_platform.attempts.due_events import DueEvent
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.notifications.actions import Announcement, announce

ANSWERED = """
select distinct h.writer_id
from submissions s join threads h on h.submission_id = s.id join thread_messages m on m.thread_id = h.id
where s.assignment_id = $1 and h.review_id is not null and m.role = 'author' and m.hidden_at is null
    and m.created_at < $2
order by h.writer_id
"""
TITLES = "select a.title, t.title from assignments a join tracks t on t.id = a.track_id where a.id = $1"


async def announce_answers(db: Connection, event: DueEvent, now: datetime) -> None:
    """Notify the reviewers of an assignment whose comments have answers that they have not seen."""
    to = await fetch_ids(db, ANSWERED, event.assignment_id, event.due_at)
    titles = await db.fetchrow(TITLES, event.assignment_id)
    assert titles is not None
    assignment, track = titles
    announcement = Announcement(
        event=f"answers_shown:{event.assignment_id}",
        type="comment_answered",
        track_id=event.track_id,
        assignment_id=event.assignment_id,
        parameters={"track": track, "assignment": assignment, "answers_shown": "yes"},
    )
    await announce(db, announcement, to=to, now=now)
