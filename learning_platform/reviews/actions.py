"""Claim, review, revise, return.

Whoever acts locks their own attempt first, so a double click takes its turn: it finds the claim in hand, or the review
already there. Then come the claim and the submission (docs/locking.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.actions import begin_review_stage, move_on
from learning_platform.core.database import Connection, fetch_value
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.draw import draw
from learning_platform.reviews.queries import Review, Reviewing, criteria, own_review, reviewing
from learning_platform.reviews.rules import (
    AlreadyReviewed,
    ClaimReason,
    Criterion,
    NothingToReview,
    NotReviewedYet,
    NotYoursToReview,
    ReturnReason,
    ReviewsDone,
    Score,
    SubmissionNotFound,
    ensure_may_review,
    ensure_may_revise,
    ensure_valid_scores,
    lease,
)
from learning_platform.tracks.rules import ensure_not_over

LOCK_ATTEMPT = """
select id, reviews_required, reviews_done, finished_at is not null as is_finished
from attempts where id = $1 for update
"""
IN_HAND = """
select c.id, c.submission_id, c.counts, c.claimed_until, c.reason, s.repo_url, s.comment
from claims c join submissions s on s.id = c.submission_id
where c.assignment_id = $1 and c.reviewer_id = $2 and c.state = 'open' for no key update of c
"""
RENEW_CLAIM = "update claims set claimed_until = $2, counts = true where id = $1"
INSERT_CLAIM = """
insert into claims (assignment_id, submission_id, reviewer_id, reason, claimed_at, claimed_until)
values ($1, $2, $3, $4, $5, $6) returning id
"""
CHANGE_REVIEW_COUNT = "update submissions set review_count = review_count + $2, draw_key = random() where id = $1"
# Only a preference of the draw: where somebody is drawing this very row, it is not worth waiting for.
NOTE_ALL_CLAIMED = """
update submissions set author_owes = false
where id in (select id from submissions where id = $1 for no key update skip locked)
"""
NOTE_OWES_AGAIN = """
update submissions s set author_owes = true from attempts m
where s.id = $1 and m.id = s.attempt_id and m.finished_at is null
"""
# In the order of ids, as everybody does who locks two: the one reviewed and the reviewer's own.
LOCK_SUBMISSIONS = "select id from submissions where id = any($1::bigint[]) order by id for no key update"
OWE_NO_MORE = "update attempts set reviews_required = reviews_done where id = $1"
COUNT_REVIEW_DONE = "update attempts set reviews_done = reviews_done + 1 where id = $1"
CLAIMED_SUBMISSION = """
select s.assignment_id, s.user_id as author_id, a.title, t.title as track_title, a.track_id
from submissions s join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id where s.id = $1
"""
LOCK_CLAIM = "select id, state, counts from claims where submission_id = $1 and reviewer_id = $2 for update"
END_CLAIM = "update claims set state = 'reviewed', counts = true, ended_at = $2 where id = $1"
RETURN_CLAIM = """
update claims set state = 'returned', counts = false, ended_at = $2, return_reason = $3, return_comment = $4
where id = $1
"""
INSERT_REVIEW = """
insert into reviews (assignment_id, submission_id, reviewer_id, comment, created_at) values ($1, $2, $3, $4, $5)
returning id
"""
INSERT_SCORES = """
insert into scores (review_id, criterion_id, score, comment)
select $1, * from unnest($2::bigint[], $3::smallint[], $4::text[])
"""
LOCK_REVIEW = """
select id, created_at from reviews where submission_id = $1 and reviewer_id = $2 for update
"""
UPDATE_REVIEW = "update reviews set comment = $2, updated_at = $3 where id = $1"
UPDATE_SCORES = """
update scores s set score = n.score, comment = n.comment
from unnest($2::bigint[], $3::smallint[], $4::text[]) as n (criterion_id, score, comment)
where s.review_id = $1 and s.criterion_id = n.criterion_id
"""


@dataclass(frozen=True, slots=True)
class ClaimedWork:
    """A submission given to somebody to review, and how far they are with what they owe."""

    id: int
    submission_id: int
    assignment_id: int
    repo_url: str
    comment: str | None
    criteria: Sequence[Criterion]
    reviews_done: int
    reviews_required: int
    claimed_until: datetime
    reason: ClaimReason


@dataclass(frozen=True, slots=True)
class _Attempt:
    id: int
    reviews_required: int
    reviews_done: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class _InHand:
    id: int
    submission_id: int
    counts: bool
    claimed_until: datetime
    reason: ClaimReason
    repo_url: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class _Claimed:
    assignment_id: int
    author_id: int
    title: str
    track_title: str
    track_id: int


@dataclass(frozen=True, slots=True)
class _Claim:
    id: int
    state: str
    counts: bool


async def claim(db: Connection, *, assignment_id: int, user_id: int, volunteers: bool, now: datetime) -> ClaimedWork:
    """Return something to review: what is in hand already, or else a newly drawn submission.

    `volunteers` gives one more to who has done theirs. Raises AssignmentNotFound, NotAParticipant, ReviewNotOpen,
    AssignmentLocked, TrackOver, ReviewsDone, NothingToReview.
    """
    stage = await _open_stage(db, assignment_id=assignment_id, user_id=user_id, now=now)
    attempt = await fetch_value(db, _Attempt, LOCK_ATTEMPT, stage.attempt_id)
    assert attempt is not None
    assert stage.due_at is not None
    assert stage.reviews_due_at is not None
    claimed_until = now + lease(due_at=stage.due_at, reviews_due_at=stage.reviews_due_at)
    in_hand = await _in_hand(db, stage, user_id=user_id, claimed_until=claimed_until, now=now)
    if in_hand is None:
        if attempt.is_finished and not volunteers:
            raise ReviewsDone
        in_hand = await _draw(db, stage, attempt, user_id=user_id, claimed_until=claimed_until, now=now)
    return ClaimedWork(
        id=in_hand.id,
        submission_id=in_hand.submission_id,
        assignment_id=assignment_id,
        repo_url=in_hand.repo_url,
        comment=in_hand.comment,
        criteria=await criteria(db, assignment_id=assignment_id),
        reviews_done=attempt.reviews_done,
        reviews_required=attempt.reviews_required,
        claimed_until=in_hand.claimed_until,
        reason=in_hand.reason,
    )


async def review(
    db: Connection, *, submission_id: int, reviewer_id: int, scores: Sequence[Score], comment: str | None, now: datetime
) -> Review:
    """Review a claimed submission, in time or late; the last review owed opens the next assignment.

    Raises SubmissionNotFound, NotYoursToReview, AlreadyReviewed, TrackOver, and Invalid for scores that are not.
    """
    submission, stage, found = await _lock_claim(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    if found.state == "reviewed":
        raise AlreadyReviewed
    ensure_valid_scores(scores, criteria=await criteria(db, assignment_id=stage.assignment_id), comment=comment)
    await db.execute(LOCK_SUBMISSIONS, [submission_id, stage.own_submission_id])
    review_id = await db.fetchval(INSERT_REVIEW, stage.assignment_id, submission_id, reviewer_id, comment, now)
    await db.execute(INSERT_SCORES, review_id, *_columns(scores))
    await db.execute(END_CLAIM, found.id, now)
    if not found.counts:
        await db.execute(CHANGE_REVIEW_COUNT, submission_id, 1)
    received = Announcement(
        event=f"review_received:{review_id}",
        type="review_received",
        track_id=submission.track_id,
        assignment_id=submission.assignment_id,
        words={"track": submission.track_title, "assignment": submission.title},
    )
    await _count_done(db, stage, reviewer_id=reviewer_id, now=now)
    await announce(db, received, to=[submission.author_id], now=now)
    return Review(review_id, scores, comment, None)


async def revise(
    db: Connection, *, submission_id: int, reviewer_id: int, scores: Sequence[Score], comment: str | None, now: datetime
) -> Review:
    """Replace what one said of a submission; a refused revision leaves the old one as it was.

    Raises SubmissionNotFound, NotYoursToReview, NotReviewedYet, TrackOver, ReviewClosed, Invalid.
    """
    _, stage, found = await _lock_claim(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    row = await db.fetchrow(LOCK_REVIEW, submission_id, reviewer_id)
    if found.state != "reviewed" or row is None:
        raise NotReviewedYet
    assert stage.reviews_due_at is not None
    assert stage.finishes_at is not None
    ensure_may_revise(
        reviewed_at=row["created_at"], reviews_due_at=stage.reviews_due_at, finishes_at=stage.finishes_at, now=now
    )
    ensure_valid_scores(scores, criteria=await criteria(db, assignment_id=stage.assignment_id), comment=comment)
    await db.execute(UPDATE_REVIEW, row["id"], comment, now)
    await db.execute(UPDATE_SCORES, row["id"], *_columns(scores))
    revised = await own_review(db, submission_id=submission_id, reviewer_id=reviewer_id)
    assert revised is not None
    return revised


async def return_claim(
    db: Connection,
    *,
    submission_id: int,
    reviewer_id: int,
    reason: ReturnReason,
    comment: str | None,
    now: datetime,
) -> None:
    """Hand a claimed submission back; it is never offered to the same person again.

    Raises SubmissionNotFound, NotYoursToReview, AlreadyReviewed, TrackOver.
    """
    _, stage, found = await _lock_claim(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    if found.state == "reviewed":
        raise AlreadyReviewed
    await db.execute(RETURN_CLAIM, found.id, now, reason, comment)
    if found.counts:
        await release(db, submission_id=submission_id, own_submission_id=stage.own_submission_id)


async def release(db: Connection, *, submission_id: int, own_submission_id: int | None) -> None:
    """Let others have a submission that somebody with `own_submission_id` had claimed and is not reviewing."""
    await db.execute(LOCK_SUBMISSIONS, [submission_id, own_submission_id])
    await db.execute(CHANGE_REVIEW_COUNT, submission_id, -1)
    await db.execute(NOTE_OWES_AGAIN, own_submission_id)


async def _open_stage(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> Reviewing:
    """Return the review stage, which begins now if the scheduler has not come round since the deadline."""
    stage = await reviewing(db, assignment_id=assignment_id, user_id=user_id)
    ensure_may_review(
        is_participant=stage.is_participant, has_attempt=stage.attempt_id is not None, due_at=stage.due_at, now=now
    )
    ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    if stage.review_pending:
        await begin_review_stage(db, assignment_id=assignment_id, now=now)
    return stage


async def _in_hand(
    db: Connection, stage: Reviewing, *, user_id: int, claimed_until: datetime, now: datetime
) -> _InHand | None:
    """Return the claim in hand; one whose lease ran out is taken up again."""
    in_hand = await fetch_value(db, _InHand, IN_HAND, stage.assignment_id, user_id)
    if in_hand is None or (in_hand.counts and in_hand.claimed_until > now):
        return in_hand
    await db.execute(RENEW_CLAIM, in_hand.id, claimed_until)
    if not in_hand.counts:
        await db.execute(CHANGE_REVIEW_COUNT, in_hand.submission_id, 1)
    return await fetch_value(db, _InHand, IN_HAND, stage.assignment_id, user_id)


async def _draw(
    db: Connection, stage: Reviewing, attempt: _Attempt, *, user_id: int, claimed_until: datetime, now: datetime
) -> _InHand:
    drawn = await draw(
        db,
        assignment_id=stage.assignment_id,
        reviewer_id=user_id,
        own_submission_id=stage.own_submission_id,
    )
    if drawn is None:
        if attempt.is_finished:
            raise NothingToReview
        # Nothing is left that they may review (work was returned): they owe no more than they have done.
        await db.execute(OWE_NO_MORE, attempt.id)
        await move_on(db, assignment_id=stage.assignment_id, user_ids=[user_id], opened_at=now, now=now)
        raise ReviewsDone
    reason: ClaimReason = "volunteer" if attempt.is_finished else drawn.reason
    claim_id = await db.fetchval(
        INSERT_CLAIM, stage.assignment_id, drawn.submission_id, user_id, reason, now, claimed_until
    )
    await db.execute(CHANGE_REVIEW_COUNT, drawn.submission_id, 1)
    if attempt.reviews_done + 1 == attempt.reviews_required and stage.own_submission_id is not None:
        await db.execute(NOTE_ALL_CLAIMED, stage.own_submission_id)
    return _InHand(claim_id, drawn.submission_id, True, claimed_until, reason, drawn.repo_url, drawn.comment)


async def _lock_claim(
    db: Connection, *, submission_id: int, reviewer_id: int, now: datetime
) -> tuple[_Claimed, Reviewing, _Claim]:
    """Lock the reviewer's attempt and their claim, which has not been returned."""
    submission = await fetch_value(db, _Claimed, CLAIMED_SUBMISSION, submission_id)
    if submission is None:
        raise SubmissionNotFound
    stage = await reviewing(db, assignment_id=submission.assignment_id, user_id=reviewer_id)
    await db.execute(LOCK_ATTEMPT, stage.attempt_id)
    found = await fetch_value(db, _Claim, LOCK_CLAIM, submission_id, reviewer_id)
    if found is None or found.state == "returned":
        raise NotYoursToReview
    ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    return submission, stage, found


async def _count_done(db: Connection, stage: Reviewing, *, reviewer_id: int, now: datetime) -> None:
    await db.execute(COUNT_REVIEW_DONE, stage.attempt_id)
    attempt = await fetch_value(db, _Attempt, LOCK_ATTEMPT, stage.attempt_id)
    assert attempt is not None
    if not attempt.is_finished and attempt.reviews_done >= attempt.reviews_required:
        await move_on(db, assignment_id=stage.assignment_id, user_ids=[reviewer_id], opened_at=now, now=now)


def _columns(scores: Sequence[Score]) -> tuple[list[int], list[int], list[str | None]]:
    return (
        [score.criterion_id for score in scores],
        [score.score for score in scores],
        [score.comment for score in scores],
    )
