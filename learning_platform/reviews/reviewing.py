"""Review, revise, and answer a review."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import move_on
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.locks import (
    Attempt,
    Claim,
    SubmissionToReview,
    lock_attempt,
    lock_claim,
    lock_submissions,
    submission_to_review,
)
from learning_platform.reviews.queries import Review, Reviewing, criteria, own_review, reviews_of
from learning_platform.reviews.results import STRONG_DISAGREEMENT, Score
from learning_platform.reviews.rules import (
    AlreadyReviewed,
    NotReviewedYet,
    ReviewNotFound,
    ReviewNotOpen,
    ensure_may_revise,
    ensure_may_see_reviews,
    ensure_valid_scores,
)
from learning_platform.reviews.threads.drafts import send_drafts
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.appeal_period import TrackEnd, ensure_appeals_open

COUNT_REVIEW_DONE = """
update attempts set reviews_done = reviews_done + 1 where id = $1
returning id, coalesce(reviews_required, 0) as reviews_required, reviews_done, finished_at is not null as is_finished
"""
END_CLAIM = "update claims set state = 'reviewed', counts = true, ended_at = $2 where id = $1"
# The track's author needs no draw. 'assigned_by_staff' is a claim of their own making, which is no claim in hand.
# Returned is whether the deadline has passed: before it there is nothing to review.
INSERT_STAFF_CLAIM = """
with in_review as (
    select id from assignments where id = $1 and due_at <= $4
), made as (
    insert into claims (assignment_id, submission_id, reviewer_id, state, reason, claimed_at, claimed_until, counts)
    select id, $2, $3, 'assigned_by_staff', 'author', $4, $4, false from in_review
    on conflict (submission_id, reviewer_id) do update
        set reason = 'author', state = 'assigned_by_staff', return_reason = null
        where claims.state in ('returned', 'released')
)
select exists (select from in_review)
"""
INSERT_REVIEW = """
with review as (
    insert into reviews (assignment_id, submission_id, reviewer_id, comment, created_at) values ($1, $2, $3, $4, $5)
    returning id
), given as (
    insert into scores (review_id, criterion_id, score, comment)
    select review.id, said.* from review, unnest($6::bigint[], $7::smallint[], $8::text[]) said
)
select id from review
"""
LOCK_REVIEW = """
select id, created_at, version from reviews where submission_id = $1 and reviewer_id = $2 for update
"""
UPDATE_REVIEW = "update reviews set comment = $2, updated_at = $3, version = version + 1 where id = $1"
UPDATE_SCORES = """
update scores s set score = n.score, comment = n.comment
from unnest($2::bigint[], $3::smallint[], $4::text[]) as n (criterion_id, score, comment)
where s.review_id = $1 and s.criterion_id = n.criterion_id
"""
# What a review changes of its submission: whether reviewers disagree, and by $3 how many there are.
NOTE_REVIEW = """
update submissions set is_disputed = (select spread >= $2::float8 from submission_spread($1)),
    review_count = review_count + $3, draw_key = case when $3 = 0 then draw_key else random() end
where id = $1
"""
RECEIVED_REVIEW = """
select r.submission_id, r.assignment_id, a.reviews_due_at, t.status, t.finishes_at, t.appeal_days,
    has_done_reviews(m.finished_at, p.left_at)
from reviews r join submissions s on s.id = r.submission_id join attempts m on m.id = s.attempt_id
    join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
    join participants p on p.track_id = t.id and p.user_id = s.user_id
where r.id = $1 and s.user_id = $2
"""
ANSWER_REVIEW = """
update reviews set helpful = $2, answer = $3, answered_at = $4, answer_version = answer_version + 1
where id = $1 and ($5::bigint[] is null or answer_version = any($5)) returning 1
"""


async def review(
    db: Connection,
    *,
    submission_id: int,
    actor: Actor,
    scores: Sequence[Score],
    comment: str | None,
    now: datetime,
) -> Review:
    """Review a claimed submission, in time or late; the last review owed opens the next assignment.

    Drafts of comments on the code are sent with it. A user who oversees the track may review any submission, claimed or
    not. Raises SubmissionNotFound, NotYoursToReview, ReviewNotOpen, AlreadyReviewed, TrackOver; Invalid for bad scores.
    """
    submission = await submission_to_review(db, submission_id=submission_id)
    await lock_attempt(db, assignment_id=submission.assignment_id, user_id=actor.user_id)
    await _claim_as_staff(db, submission, actor=actor, now=now)
    stage, found = await lock_claim(db, submission, reviewer_id=actor.user_id, now=now)
    if found.state == "reviewed":
        raise AlreadyReviewed
    ensure_valid_scores(scores, criteria=await criteria(db, assignment_id=stage.assignment_id), comment=comment)
    await lock_submissions(db, submission_id, stage.own_submission_id)
    said = (actor.user_id, comment, now, *_columns(scores))
    review_id = await db.fetchval(INSERT_REVIEW, stage.assignment_id, submission_id, *said)
    await db.execute(END_CLAIM, found.id, now)
    await db.execute(NOTE_REVIEW, submission_id, STRONG_DISAGREEMENT, 0 if found.counts else 1)
    await send_drafts(db, submission_id=submission_id, review_id=review_id, writer_id=actor.user_id, now=now)
    await _count_done(db, stage, found, reviewer_id=actor.user_id, now=now)
    await _notify_received(db, submission, review_id=review_id, now=now)
    return Review(review_id, scores, comment, None)


async def revise(
    db: Connection,
    *,
    submission_id: int,
    reviewer_id: int,
    scores: Sequence[Score],
    comment: str | None,
    seen: Seen = None,
    now: datetime,
) -> Review:
    """Replace what one said of a submission; a refused revision leaves the old one as it was.

    Raises SubmissionNotFound, NotYoursToReview, NotReviewedYet, TrackOver, ReviewClosed, VersionConflict, Invalid.
    """
    submission = await submission_to_review(db, submission_id=submission_id)
    await lock_attempt(db, assignment_id=submission.assignment_id, user_id=reviewer_id)
    stage, found = await lock_claim(db, submission, reviewer_id=reviewer_id, now=now)
    row = await db.fetchrow(LOCK_REVIEW, submission_id, reviewer_id)
    if found.state != "reviewed" or row is None:
        raise NotReviewedYet
    assert stage.finishes_at is not None
    assert stage.reviews_due_at is not None
    ensure_may_revise(
        reviewed_at=row["created_at"],
        reviews_due_at=stage.reviews_due_at,
        finishes_at=stage.finishes_at,
        now=now,
    )
    if is_other(row["version"], seen=seen):
        raise await saved_review(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    ensure_valid_scores(scores, criteria=await criteria(db, assignment_id=stage.assignment_id), comment=comment)
    await db.execute(UPDATE_REVIEW, row["id"], comment, now)
    await db.execute(UPDATE_SCORES, row["id"], *_columns(scores))
    await db.execute(NOTE_REVIEW, submission_id, STRONG_DISAGREEMENT, 0)
    await send_drafts(db, submission_id=submission_id, review_id=row["id"], writer_id=reviewer_id, now=now)
    revised = await own_review(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    assert revised is not None
    return revised


async def saved_review(db: Connection, *, submission_id: int, reviewer_id: int, now: datetime) -> VersionConflict:
    """Return the refusal that contains what the reviewer has said meanwhile."""
    found = await own_review(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    assert found is not None
    scores = [asdict(score) for score in found.scores]
    return VersionConflict(version=found.version, current={"comment": found.comment, "scores": scores})


async def answer(
    db: Connection,
    *,
    review_id: int,
    user_id: int,
    helpful: bool,
    comment: str | None,
    seen: Seen = None,
    now: datetime,
) -> Review:
    """Say of a received review whether it helped; again replaces the answer.

    Raises ReviewNotFound (also when it was received by another user), OwnReviewsFirst, TrackOver, VersionConflict.
    """
    row = await db.fetchrow(RECEIVED_REVIEW, review_id, user_id)
    if row is None:
        raise ReviewNotFound
    ensure_may_see_reviews(has_done_own=row["has_done_reviews"], reviews_due_at=row["reviews_due_at"], now=now)
    ensure_appeals_open(TrackEnd(row["status"], row["finishes_at"], row["appeal_days"]), now=now)
    is_saved = await db.fetchval(ANSWER_REVIEW, review_id, helpful, comment, now, seen)
    rubric = await criteria(db, assignment_id=row["assignment_id"])
    received = await reviews_of(db, submission_id=row["submission_id"], rubric=rubric)
    found = next(each for each in received.reviews if each.id == review_id)
    if not is_saved:
        current = {"helpful": found.helpful, "comment": found.answer}
        raise VersionConflict(version=found.version, current=current)
    return found


async def _claim_as_staff(db: Connection, submission: SubmissionToReview, *, actor: Actor, now: datetime) -> None:
    """Give a user who oversees the track a claim on what they are about to review."""
    access = await access_to_track(db, track_id=submission.track_id, actor=actor)
    if not access.oversees:
        return
    if not await db.fetchval(INSERT_STAFF_CLAIM, submission.assignment_id, submission.id, actor.user_id, now):
        raise ReviewNotOpen


async def _count_done(db: Connection, stage: Reviewing, found: Claim, *, reviewer_id: int, now: datetime) -> None:
    """Count what was drawn towards what is owed; what the track's author does without a draw is extra."""
    if found.reason == "author" or stage.attempt_id is None:
        return
    attempt = await fetch_value(db, Attempt, COUNT_REVIEW_DONE, stage.attempt_id)
    assert attempt is not None
    if not attempt.is_finished and attempt.reviews_left == 0:
        await move_on(db, assignment_id=stage.assignment_id, user_ids=[reviewer_id], opened_at=now, now=now)


async def _notify_received(db: Connection, submission: SubmissionToReview, *, review_id: int, now: datetime) -> None:
    received = Announcement(
        event=f"review_received:{review_id}",
        type="review_received",
        track_id=submission.track_id,
        assignment_id=submission.assignment_id,
        parameters={"track": submission.track_title, "assignment": submission.title},
    )
    await announce(db, received, to=[submission.author_id], now=now)


def _columns(scores: Sequence[Score]) -> tuple[list[int], list[int], list[str | None]]:
    return (
        [score.criterion_id for score in scores],
        [score.score for score in scores],
        [score.comment for score in scores],
    )
