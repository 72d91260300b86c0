"""Actions that meet during reviews and appeals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import submit
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Connection
from learning_platform.reviews import appeals, reviewing
from learning_platform.reviews.claims import claim
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Score
from learning_platform.reviews.returns import correct_link, return_claim
from learning_platform.reviews.sweeps import lapse
from learning_platform.reviews.threads.about_reviews import write_about_review
from learning_platform.reviews.threads.conversations import answer_thread, set_state
from learning_platform.reviews.threads.drafts import change_draft, comment_on, delete_draft
from learning_platform.reviews.threads.reports import report_message, set_hidden
from learning_platform.reviews.threads.rules import Comment, Place
from learning_platform.tracks import actions as tracks
from tests import events, make
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import (
    A_MILLISECOND,
    HOUR,
    STATE_OF_TRACKS,
    at_time,
    delete_account,
    give_time,
    name_of,
    review_next,
    sweep,
    verdict,
)

SENT_THREAD = """
select s.user_id, h.writer_id, h.id, m.id, h.review_id
from threads h join submissions s on s.id = h.submission_id join thread_messages m on m.thread_id = h.id
where h.submission_id = $1 and h.sent_at is not null limit 1
"""
RETURNED = """
insert into claims (assignment_id, submission_id, reviewer_id, state, counts, reason, claimed_at, claimed_until,
    ended_at, return_reason)
select $1, s.id, reviewer_id, 'returned', false, 'planned', $4, $4, $4, 'broken'
from submissions s, unnest($2::bigint[]) as reviewer_id where s.assignment_id = $1 and s.user_id = $3
"""


async def under_review(db: Connection) -> World:
    """One has a review in hand whose lease ends, one has none, one has done all, and one has a broken link."""
    author, holder, idle, done, broken, _ = people = await make.users(db, 6)
    admin = await make.user(db, role="admin")
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in people[1:]:
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    await db.execute(RETURNED, first, [author, idle], broken, now)
    reviewed = [await review_next(db, first, done, now=now) for _ in range(3)]
    held = await claim(db, assignment_id=first, user_id=holder, volunteers=False, now=now)
    claim_id = await db.fetchval("select id from claims where reviewer_id = $1 and state = 'open'", holder)
    at, ends_at = at_time(held.claimed_until - A_MILLISECOND), held.claimed_until
    own = {"actor": Actor(teacher)}
    its = {"submission_id": held.submission_id}
    said = await verdict(db, first, points=0)
    corrected = {"assignment_id": first, "user_id": broken, "repo_url": "https://git.example/corrected"}
    more = {"assignment_id": first, "to": await name_of(db, idle), "by": teacher, "until": ends_at + HOUR}
    return World(
        [
            at("the holder reviews", reviewing.review, actor=Actor(holder), **its, **said),
            at("the holder returns it", return_claim, reviewer_id=holder, reason="other", comment=None, **its),
            at("the holder asks again", claim, assignment_id=first, user_id=holder, volunteers=False),
            sweep("the lease ends", lapse, claim_id, ends_at),
            at("the holder leaves", leave_for_good, track_id=track_id, user_id=holder),
            at("the idle one claims", claim, assignment_id=first, user_id=idle, volunteers=False),
            at("the idle one leaves", leave_for_good, track_id=track_id, user_id=idle),
            at("the idle one is given time", give_time, **more),
            at("who has done all volunteers", claim, assignment_id=first, user_id=done, volunteers=True),
            at("who has done all leaves", leave_for_good, track_id=track_id, user_id=done),
            at("who has done all revises", reviewing.revise, submission_id=reviewed[-1], reviewer_id=done, **said),
            at("the author reviews what is held", reviewing.review, actor=Actor(teacher), **its, **said),
            at("an administrator reviews it", reviewing.review, actor=Actor(admin, is_admin=True), **its, **said),
            at("the broken link is corrected", correct_link, **corrected),
            at("the track is cancelled", tracks.cancel_track, track_id=track_id, **own),
            sweep("the reminder", events.remind, first, now + 9 * HOUR),
            sweep("the end", events.finish_track, track_id, now + 40 * HOUR),
        ],
        STATE_OF_TRACKS,
    )


async def late_with_reviews(db: Connection) -> World:
    """One has a last review to do for the first assignment while the second's deadline comes."""
    late, second, third, fourth = people = await make.users(db, 4)
    track_id = await make.running_track(db, people)
    first, next_one = await make.assignment_ids(db, track_id)
    for user_id in people:
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    for user_id in (second, third, fourth):
        for _ in range(3):
            await review_next(db, first, user_id, now=now)
        await make.hand_in(db, next_one, user_id, now=now)
    for _ in range(2):
        await review_next(db, first, late, now=now)
    last = await claim(db, assignment_id=first, user_id=late, volunteers=False, now=now)
    due_at = make.NOON + 30 * HOUR
    before = at_time(due_at - A_MILLISECOND)
    said = await verdict(db, first, points=1)
    its = {"submission_id": last.submission_id}
    link = {"assignment_id": next_one, "repo_url": "https://git.example/next", "comment": None}
    moved = {"assignment_id": next_one, "due_at": due_at + HOUR, "actor": Actor(late)}
    return World(
        [
            before("the last review", reviewing.review, actor=Actor(late), **its, **said),
            before("the last claim is returned", return_claim, reviewer_id=late, reason="other", comment=None, **its),
            before("they ask again", claim, assignment_id=first, user_id=late, volunteers=False),
            before("they leave", leave_for_good, track_id=track_id, user_id=late),
            before("they hand in for the next", submit, user_id=late, **link),
            sweep("the next deadline", events.close_hand_in, next_one, due_at),
            before("the next deadline is moved", extend_deadline, **moved),
            before("another leaves", leave_for_good, track_id=track_id, user_id=second),
        ],
        STATE_OF_TRACKS,
    )


async def many_to_review(db: Connection) -> World:
    """There is so much to review that it is drawn by chance."""
    people = await make.crowd(db, 104)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    await make.submit_for_all(db, first, people)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    at = at_time(now)
    return World(
        [
            at("one claims", claim, assignment_id=first, user_id=people[1], volunteers=False),
            at("another claims", claim, assignment_id=first, user_id=people[2], volunteers=False),
            at("another leaves", leave_for_good, track_id=track_id, user_id=people[2]),
        ],
        STATE_OF_TRACKS,
    )


async def with_comments(db: Connection) -> World:
    """One has commented on the code in hand, in a draft; others have reviewed it, and its author may answer them."""
    *_, holder = people = await make.users(db, 4)
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in people:
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    held, draft_id = await _comment_on_all(db, first, people, now=now)
    sent = await db.fetchrow(SENT_THREAD, held)
    assert sent is not None
    author, reviewer, thread_id, message_id, _ = sent
    at = at_time(now + HOUR)
    its = {"submission_id": held}
    said = await verdict(db, first, points=0)
    why = {"place": Place(), "comment": Comment("Why?", "problem")}
    return World(
        [
            at("the holder reviews", reviewing.review, actor=Actor(holder), **its, **said),
            at("the holder comments", comment_on, actor=Actor(holder), draft_key="other", **its, **why),
            at("the holder repeats it", comment_on, actor=Actor(holder), draft_key="key", **its, **why),
            at("the draft is changed", change_draft, thread_id=draft_id, actor=Actor(holder), change=_settled),
            at("the draft is deleted", delete_draft, thread_id=draft_id, actor=Actor(holder)),
            at("the holder returns it", return_claim, reviewer_id=holder, reason="other", comment=None, **its),
            at("the holder leaves", leave_for_good, track_id=track_id, user_id=holder),
            at("the reviewer revises", reviewing.revise, reviewer_id=reviewer, **its, **said),
            at("the reviewer settles", set_state, thread_id=thread_id, actor=Actor(reviewer), state="settled"),
            at("the author answers", answer_thread, thread_id=thread_id, actor=Actor(author), text="So"),
            at("the author reports", report_message, message_id=message_id, actor=Actor(author), reason="Rude"),
            at("the author's account is deleted", delete_account, user_id=author),
            at("staff comment", comment_on, actor=Actor(teacher), draft_key="staff", **its, **why),
            at("staff answer", answer_thread, thread_id=thread_id, actor=Actor(teacher), text="Not so"),
            at("staff hide it", set_hidden, message_id=message_id, actor=Actor(teacher), hidden=True),
        ],
        STATE_OF_TRACKS,
    )


async def about_a_review(db: Connection) -> World:
    """A submission was reviewed; its author, the reviewer and staff may write about the review."""
    *_, holder = people = await make.users(db, 4)
    teacher = await make.user(db)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people, author_id=teacher))
    for user_id in people:
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    reviewed, _ = await _comment_on_all(db, first, people, now=now)
    sent = await db.fetchrow(SENT_THREAD, reviewed)
    assert sent is not None
    author, reviewer, *_, review_id = sent
    at, about = at_time(now + HOUR), {"review_id": review_id}
    said = await verdict(db, first, points=0)
    return World(
        [
            at("the author writes", write_about_review, actor=Actor(author), text="And?", **about),
            at("the reviewer writes", write_about_review, actor=Actor(reviewer), text="Well", **about),
            at("staff write", write_about_review, actor=Actor(teacher), text="Both are right", **about),
            at("the holder has nothing to write about", write_about_review, actor=Actor(holder), text="I", **about),
            at("the reviewer revises", reviewing.revise, submission_id=reviewed, reviewer_id=reviewer, **said),
            at("the author deletes the account", delete_account, user_id=author),
            at("the reviewer deletes the account", delete_account, user_id=reviewer),
        ],
        STATE_OF_TRACKS,
    )


async def _comment_on_all(
    db: Connection, assignment_id: int, people: Sequence[int], *, now: datetime
) -> tuple[int, int]:
    """Let all comment on what they review; return what the last, who sends no review, has in hand, and the draft."""
    said = await verdict(db, assignment_id, points=5)
    for user_id in people:
        for _ in range(3):
            drawn = await claim(db, assignment_id=assignment_id, user_id=user_id, volunteers=False, now=now)
            its: dict[str, Any] = {"submission_id": drawn.submission_id, "actor": Actor(user_id), "now": now}
            thread = await comment_on(db, place=Place(), comment=Comment("How?", "note"), draft_key="key", **its)
            if user_id == people[-1]:
                return drawn.submission_id, thread.id
            await reviewing.review(db, **its, **said)
    raise AssertionError


def _settled(comment: Comment) -> Comment:
    return replace(comment, text="Never mind")


async def under_appeal(db: Connection) -> World:
    """One has appealed, one may still."""
    _, second, third = people = await make.users(db, 3)
    admin = await make.user(db, role="admin")
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (second, third):
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    for user_id in (second, third):
        await review_next(db, first, user_id, now=now)
    made = await appeals.appeal(db, assignment_id=first, user_id=second, text="Why?", now=now)
    one_criterion = (await criteria(db, assignment_id=first))[0].id
    review_id = await db.fetchval("select id from reviews where reviewer_id = $1", second)
    at = at_time(now + HOUR)
    settled = {"appeal_id": made.id, "scores": [Score(one_criterion, 3, None)]}
    return World(
        [
            at("the author settles", appeals.settle, actor=Actor(teacher), text="So", **settled),
            at("an administrator settles", appeals.settle, actor=Actor(admin, is_admin=True), text="Not so", **settled),
            at("the third appeals", appeals.appeal, assignment_id=first, user_id=third, text="And I?"),
            at(
                "the third answers",
                reviewing.answer,
                review_id=review_id,
                user_id=third,
                helpful=True,
                comment="Thanks",
            ),
            at("the third deletes the account", delete_account, user_id=third),
        ],
        STATE_OF_TRACKS,
    )
