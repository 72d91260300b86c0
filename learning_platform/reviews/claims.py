"""Claim something to review, and let go of it.

Each action locks the reviewer's progress and attempt first, so a double click waits: it finds the claim in hand, or
the review already there. Then come the claim and the submission (docs/locking.md). What decides is read after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.actions import move_on
from learning_platform.attempts.rules import Overdue
from learning_platform.core.database import Connection, fetch_value
from learning_platform.reviews.allocation.draw import draw
from learning_platform.reviews.locks import Attempt, lock_attempt, lock_submissions
from learning_platform.reviews.mask_terms import shown_comments
from learning_platform.reviews.queries import Reviewing, criteria, reviewing
from learning_platform.reviews.results import Criterion
from learning_platform.reviews.rules import (
    ClaimReason,
    NothingToReview,
    ReviewsDone,
    ensure_may_review,
    lease,
)
from learning_platform.tracks.rules import ensure_not_over

CHANGE_REVIEW_COUNT = "update submissions set review_count = review_count + $2, draw_key = random() where id = $1"
OPEN_CLAIM = """
select c.id, c.submission_id, c.counts, c.claimed_until, c.reason, s.repo_url, s.comment,
    is_frozen(s.snapshot_id) as has_code, t.show_repository,
    (select shown_day(max(v.submitted_at)) from submission_versions v
        where v.submission_id = s.id and v.submitted_at > c.claimed_at) as changed_at
from claims c join submissions s on s.id = c.submission_id join assignments a on a.id = c.assignment_id
    join tracks t on t.id = a.track_id
where c.assignment_id = $1 and c.reviewer_id = $2 and c.state = 'open' for no key update of c
"""
RENEW_CLAIM = "update claims set claimed_until = $2, counts = true where id = $1"
INSERT_CLAIM = """
with counted as (
    update submissions set review_count = review_count + 1, draw_key = random() where id = $2
)
insert into claims (assignment_id, submission_id, reviewer_id, reason, claimed_at, claimed_until)
values ($1, $2, $3, $4, $5, $6)
returning id, (select is_frozen(snapshot_id) from submissions where id = $2) as has_code, (
    select t.show_repository from assignments a join tracks t on t.id = a.track_id where a.id = $1
) as show_repository
"""
# Only a preference of the draw: where another draw holds this row, it is not worth waiting for.
NOTE_ALL_CLAIMED = """
update submissions set author_owes = false
where id in (select id from submissions where id = $1 for no key update skip locked)
"""
NOTE_OWES_AGAIN = """
update submissions s set author_owes = true from attempts m
where s.id = $1 and m.id = s.attempt_id and m.finished_at is null
"""
SETTLE_SUBMISSIONS = """
update attempts set excused_at = $2, excused_reviews = greatest(coalesce(reviews_required, 0) - reviews_done, 0),
    reviews_required = reviews_done
where id = $1
"""


@dataclass(frozen=True, slots=True)
class ClaimedSubmission:
    """A submission assigned to a reviewer, and how far they are with what they owe.

    `repo_url` is None where the code is frozen (`has_code`), because a link names its owner, unless the track shows
    links as well. `changed_at` is the day on which its author replaced or corrected the link since, if they did.
    """

    id: int
    submission_id: int
    assignment_id: int
    repo_url: str | None
    has_code: bool
    comment: str | None
    criteria: Sequence[Criterion]
    reviews_done: int
    reviews_required: int
    claimed_until: datetime
    reason: ClaimReason
    changed_at: datetime | None

    @property
    def code_url(self) -> str | None:
        """Return where the code is read, if it is frozen."""
        return f"/submissions/{self.submission_id}/code" if self.has_code else None


@dataclass(frozen=True, slots=True)
class _OpenClaim:
    id: int
    submission_id: int
    counts: bool
    claimed_until: datetime
    reason: ClaimReason
    repo_url: str | None
    comment: str | None
    has_code: bool
    show_repository: bool
    changed_at: datetime | None = None


async def claim(
    db: Connection, *, assignment_id: int, user_id: int, volunteers: bool, now: datetime
) -> ClaimedSubmission:
    """Return something to review: what is in hand already, or else a newly drawn submission.

    `volunteers` gives one more to who has done theirs. Raises AssignmentNotFound, NotAParticipant, TrackLeft,
    ReviewNotOpen, AssignmentLocked, TrackOver, ReviewsDone, NothingToReview; Overdue.
    """
    attempt = await lock_attempt(db, assignment_id=assignment_id, user_id=user_id)
    stage = await _open_stage(db, attempt, assignment_id=assignment_id, user_id=user_id, now=now)
    assert attempt is not None
    assert stage.due_at is not None
    assert stage.reviews_due_at is not None
    claimed_until = now + lease(due_at=stage.due_at, reviews_due_at=stage.reviews_due_at)
    in_hand = await _open_claim(db, stage, user_id=user_id, claimed_until=claimed_until, now=now)
    # Read before the draw, for the last of which people queue.
    rubric = await criteria(db, assignment_id=assignment_id)
    if in_hand is None:
        if attempt.is_finished and not volunteers:
            raise ReviewsDone
        in_hand = await _draw(db, stage, attempt, user_id=user_id, claimed_until=claimed_until, now=now)
    return ClaimedSubmission(
        id=in_hand.id,
        submission_id=in_hand.submission_id,
        assignment_id=assignment_id,
        repo_url=in_hand.repo_url if in_hand.show_repository or not in_hand.has_code else None,
        has_code=in_hand.has_code,
        comment=(await shown_comments(db, {in_hand.submission_id: in_hand.comment}))[in_hand.submission_id],
        criteria=rubric,
        reviews_done=attempt.reviews_done,
        reviews_required=attempt.reviews_required,
        claimed_until=in_hand.claimed_until,
        reason=in_hand.reason,
        changed_at=in_hand.changed_at,
    )


async def release(db: Connection, *, submission_id: int, own_submission_id: int | None) -> None:
    """Let others have a submission that a reviewer with `own_submission_id` had claimed and is not reviewing."""
    await lock_submissions(db, submission_id, own_submission_id)
    await db.execute(CHANGE_REVIEW_COUNT, submission_id, -1)
    await db.execute(NOTE_OWES_AGAIN, own_submission_id)


async def _open_stage(
    db: Connection, attempt: Attempt | None, *, assignment_id: int, user_id: int, now: datetime
) -> Reviewing:
    """Return the review stage. Raises Overdue if it has not begun since the deadline."""
    stage = await reviewing(db, assignment_id=assignment_id, user_id=user_id)
    ensure_may_review(
        is_participant=stage.is_participant,
        has_left=stage.has_left,
        # A reviewer without a claim may get one through events that are overdue.
        has_attempt=attempt is not None or stage.is_pending,
        due_at=stage.personal_due_at,
        now=now,
    )
    ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    if stage.is_pending:
        raise Overdue(stage.track_id)
    return stage


async def _open_claim(
    db: Connection, stage: Reviewing, *, user_id: int, claimed_until: datetime, now: datetime
) -> _OpenClaim | None:
    """Return the claim in hand; one whose lease ran out is taken up again."""
    in_hand = await fetch_value(db, _OpenClaim, OPEN_CLAIM, stage.assignment_id, user_id)
    if in_hand is None or (in_hand.counts and in_hand.claimed_until > now):
        return in_hand
    await db.execute(RENEW_CLAIM, in_hand.id, claimed_until)
    if not in_hand.counts:
        await db.execute(CHANGE_REVIEW_COUNT, in_hand.submission_id, 1)
    return await fetch_value(db, _OpenClaim, OPEN_CLAIM, stage.assignment_id, user_id)


async def _draw(
    db: Connection, stage: Reviewing, attempt: Attempt, *, user_id: int, claimed_until: datetime, now: datetime
) -> _OpenClaim:
    drawn = await draw(
        db,
        assignment_id=stage.assignment_id,
        reviewer_id=user_id,
        own_submission_id=stage.own_submission_id,
        volunteers=attempt.is_finished,
    )
    if drawn is None:
        if attempt.is_finished:
            raise NothingToReview
        # Nothing is left that they may review (work was returned): they owe no more than they have done.
        await db.execute(SETTLE_SUBMISSIONS, attempt.id, now)
        await move_on(db, assignment_id=stage.assignment_id, user_ids=[user_id], opened_at=now, now=now)
        raise ReviewsDone
    claimed = await db.fetchrow(
        INSERT_CLAIM, stage.assignment_id, drawn.submission_id, user_id, drawn.reason, now, claimed_until
    )
    assert claimed is not None
    if attempt.reviews_left == 1 and stage.own_submission_id is not None:
        await db.execute(NOTE_ALL_CLAIMED, stage.own_submission_id)
    return _OpenClaim(
        id=claimed["id"],
        submission_id=drawn.submission_id,
        counts=True,
        claimed_until=claimed_until,
        reason=drawn.reason,
        repo_url=drawn.repo_url,
        comment=drawn.comment,
        has_code=claimed["has_code"],
        show_repository=claimed["show_repository"],
    )
