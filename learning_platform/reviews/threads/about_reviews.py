"""Talk about a review as a whole: its reviewer and the author of the submission write messages in one thread."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value
from learning_platform.reviews.code_access import CodeAccess, code_access
from learning_platform.reviews.queries import reviewing
from learning_platform.reviews.rules import OwnReviewsFirst, ReviewNotFound, SubmissionNotFound
from learning_platform.reviews.threads.conversations import insert_message
from learning_platform.reviews.threads.notices import notify_of_message
from learning_platform.reviews.threads.queries import Thread, author_sees_reviews, thread_of
from learning_platform.tracks.appeal_period import ensure_appeals_open

# Deleting an account waits for the message, or the message finds the review without the submission's author.
REVIEW = "select id, submission_id, assignment_id, reviewer_id from reviews where id = $1 for key share"
# The thread belongs to the reviewer, also where the author of the submission writes first.
INSERT_THREAD = """
insert into threads (submission_id, writer_id, review_id, is_about_review, kind, created_at, sent_at)
values ($1, $2, $3, true, 'note', $4, $4) on conflict (review_id) where is_about_review do nothing
"""
THREAD_OF_REVIEW = "select id from threads where review_id = $1 and is_about_review"


@dataclass(frozen=True, slots=True)
class _Review:
    id: int
    submission_id: int
    assignment_id: int
    reviewer_id: int


async def write_about_review(db: Connection, *, review_id: int, actor: Actor, text: str, now: datetime) -> Thread:
    """Write a message about a review, as its reviewer, as the author of the submission, or as staff.

    Raises ReviewNotFound (also for other reviewers), OwnReviewsFirst, TrackOver, TooManyMessages.
    """
    review, access = await _review(db, review_id=review_id, actor=actor, now=now)
    stage = await reviewing(db, assignment_id=review.assignment_id, user_id=actor.user_id)
    ensure_appeals_open(stage, now=now)
    await db.execute(INSERT_THREAD, review.submission_id, review.reviewer_id, review_id, now)
    thread_id: int = await db.fetchval(THREAD_OF_REVIEW, review_id)
    await insert_message(db, access, thread_id=thread_id, actor=actor, text=text, now=now)
    _, thread = await thread_of(db, thread_id=thread_id, actor=actor, now=now)
    await notify_of_message(db, access, thread, writer_id=review.reviewer_id, actor=actor, now=now)
    return thread


async def submission_of(db: Connection, *, review_id: int, actor: Actor, now: datetime) -> int:
    """Return the submission of a review about which a user may write. Raises ReviewNotFound, OwnReviewsFirst."""
    return (await _review(db, review_id=review_id, actor=actor, now=now))[0].submission_id


async def _review(db: Connection, *, review_id: int, actor: Actor, now: datetime) -> tuple[_Review, CodeAccess]:
    """Return a review, and as whom a user writes about it. Raises ReviewNotFound, OwnReviewsFirst."""
    review = await fetch_value(db, _Review, REVIEW, review_id)
    if review is None:
        raise ReviewNotFound
    try:
        access = await code_access(db, submission_id=review.submission_id, actor=actor, now=now)
    except SubmissionNotFound as refusal:
        raise ReviewNotFound from refusal
    if access.role == "reviewer" and access.review_id != review.id:
        raise ReviewNotFound
    if access.role == "author" and not await author_sees_reviews(
        db, assignment_id=review.assignment_id, author_id=actor.user_id, now=now
    ):
        raise OwnReviewsFirst
    return review, access
