"""Actions that meet on questions and their answers."""

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.questions import actions, moderation
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks import actions as tracks
from tests import make
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import HOUR, STATE_OF_TRACKS, at_time, delete_account, name_of

STATE_OF_QUESTIONS = f"""{STATE_OF_TRACKS}
union all select 'question', assignment_id, writer_id::text, null, null, null, concat_ws(' ', answered_at, pinned_at)
    from questions
union all select 'post', q.assignment_id, concat_ws(' ', p.writer_id, q.writer_id), concat_ws(' ', p.title, p.text),
    p.position, p.version, p.hidden_at::text from question_posts p join questions q on q.id = p.question_id
union all select 'report of a post', user_id, reason, null, null, null, null from question_reports
union all select 'muted', m.user_id, q.writer_id::text, null, null, null, null
    from question_mutes m join questions q on q.id = m.question_id
union all select 'reader', track_id, user_id::text, is_muted::text, null, null, read_up_to::text from question_readers
"""


async def about_a_question(db: Connection) -> World:
    """The second has asked, the third has answered, and the second has written more."""
    teacher, mentor, second, third, fourth = await make.users(db, 5)
    track_id = await make.running_track(db, [second, third, fourth], author_id=teacher)
    await make.staff(db, track_id, mentor, role="mentor")
    first, _ = await make.assignment_ids(db, track_id)
    text = f"@{await name_of(db, fourth)} knows"
    asked = await actions.ask(db, assignment_id=first, actor=Actor(second), title="Why?", text=text, now=make.NOON)
    answered = await actions.answer(db, question_id=asked.id, actor=Actor(third), text="So", now=make.NOON)
    its, answers = {"question_id": asked.id}, {"post_id": answered.posts[-1].id}
    at = at_time(make.NOON + HOUR)
    edited = {"title": None, "text": "Because"}
    return World(
        [
            at("the fourth answers", actions.answer, text="No", actor=Actor(fourth), **its),
            at("the mentor answers", actions.answer, text="Yes", actor=Actor(mentor), **its),
            at("the third edits", actions.edit_post, actor=Actor(third), seen=(1,), **edited, **answers),
            at("the third deletes the answer", actions.delete_post, actor=Actor(third), **answers),
            at("the second deletes the question", actions.delete_post, post_id=asked.first.id, actor=Actor(second)),
            at("the second marks it", moderation.set_answered, answered=True, actor=Actor(second), **its),
            at("the fourth reports the answer", moderation.report_post, reason="Rude", actor=Actor(fourth), **answers),
            at("the mentor hides the answer", moderation.set_hidden, hidden=True, actor=Actor(mentor), **answers),
            at("the fourth mutes it", moderation.set_muted, muted=True, actor=Actor(fourth), **its),
            at("the third leaves", leave_for_good, track_id=track_id, user_id=third),
            at("the third deletes the account", delete_account, user_id=third),
            at("the mentor deletes the account", delete_account, user_id=mentor),
        ],
        STATE_OF_QUESTIONS,
    )


async def unanswered(db: Connection) -> World:
    """The second has asked a question, and nothing has been said yet."""
    teacher, second, third = await make.users(db, 3)
    track_id = await make.running_track(db, [second, third], author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    asked = await actions.ask(db, assignment_id=first, actor=Actor(second), title="Why?", text="So?", now=make.NOON)
    its, own = {"question_id": asked.id}, {"post_id": asked.first.id, "actor": Actor(second)}
    at = at_time(make.NOON + HOUR)
    new = {"assignment_id": first, "title": "And?", "text": "Where?"}
    return World(
        [
            at("the second asks more", actions.ask, actor=Actor(second), **new),
            at("the third answers", actions.answer, text="Yes", actor=Actor(third), **its),
            at("the second edits", actions.edit_post, title="How?", text="Then?", seen=(1,), **own),
            at("the second deletes it", actions.delete_post, **own),
            at(
                "the third reports it",
                moderation.report_post,
                reason="Rude",
                post_id=asked.first.id,
                actor=Actor(third),
            ),
            at("the third mutes it", moderation.set_muted, muted=True, actor=Actor(third), **its),
            at(
                "the third mutes the track",
                moderation.set_track_muted,
                muted=True,
                actor=Actor(third),
                track_id=track_id,
            ),
            at("the third has read all", moderation.mark_read, actor=Actor(third), track_id=track_id),
            at("the author pins it", moderation.set_pinned, pinned=True, actor=Actor(teacher), **its),
            at("the second leaves", leave_for_good, track_id=track_id, user_id=second),
            at("the second deletes the account", delete_account, user_id=second),
            at("the third deletes the account", delete_account, user_id=third),
            at("the track is cancelled", tracks.cancel_track, track_id=track_id, actor=Actor(teacher)),
        ],
        STATE_OF_QUESTIONS,
    )
