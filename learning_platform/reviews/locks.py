"""What a reviewer holds while they act: their attempt, the claim, the submissions it concerns (docs/locking.md).

Take them in this order. What decides is read afterwards.
"""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.locks import lock_participation
from learning_platform.attempts.rules import count_reviews
from learning_platform.core.database import Connection, fetch_value
from learning_platform.reviews.queries import Reviewing, reviewing
from learning_platform.reviews.rules import ClaimReason, NotYoursToReview, SubmissionNotFound
from learning_platform.tracks.rules import ensure_not_over

SUBMISSION_TO_REVIEW = """
select s.id, s.assignment_id, s.user_id as author_id, a.title, t.title as track_title, a.track_id
from submissions s join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id where s.id = $1
"""
LOCK_CLAIM = "select id, state, reason, counts from claims where submission_id = $1 and reviewer_id = $2 for update"
# By whose it is: to look for its id first would be to look before the lock. Not `for update`: a submission that one
# transaction updates twice checks its foreign keys, and would wait for its author, who may be reviewing too.
LOCK_ATTEMPT = """
select id, coalesce(reviews_required, 0) as reviews_required, reviews_done, finished_at is not null as is_finished
from attempts where assignment_id = $1 and user_id = $2 for no key update
"""
# In the order of ids, as all code does that locks two: the one reviewed and the reviewer's own.
LOCK_SUBMISSIONS = "select id from submissions where id = any($1::bigint[]) order by id for no key update"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far a reviewer is; their row is locked."""

    id: int
    reviews_required: int
    reviews_done: int
    is_finished: bool

    @property
    def reviews_left(self) -> int:
        """Return how many reviews are still owed."""
        return count_reviews(required=self.reviews_required, done=self.reviews_done).left


@dataclass(frozen=True, slots=True)
class SubmissionToReview:
    """A submission, both authors, and the words to announce something about it: nothing that changes once it exists."""

    id: int
    assignment_id: int
    author_id: int
    title: str
    track_title: str
    track_id: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A locked claim that was not returned."""

    id: int
    state: str
    reason: ClaimReason
    counts: bool


async def lock_attempt(db: Connection, *, assignment_id: int, user_id: int) -> Attempt | None:
    """Lock a reviewer's progress and attempt, so that actions wait for each other. Return the attempt, if there is one.

    The assignment comes before the attempt: who has it to themselves (the deadline, an extension) goes on to attempts.
    """
    await lock_participation(db, assignment_id=assignment_id, user_id=user_id)
    return await fetch_value(db, Attempt, LOCK_ATTEMPT, assignment_id, user_id)


async def submission_to_review(db: Connection, *, submission_id: int) -> SubmissionToReview:
    """Return a submission. Raises SubmissionNotFound."""
    submission = await fetch_value(db, SubmissionToReview, SUBMISSION_TO_REVIEW, submission_id)
    if submission is None:
        raise SubmissionNotFound
    return submission


async def lock_claim(
    db: Connection, submission: SubmissionToReview, *, reviewer_id: int, now: datetime
) -> tuple[Reviewing, Claim]:
    """Lock the claim of a reviewer whose attempt is locked; then read the stage. Raises NotYoursToReview, TrackOver."""
    found = await fetch_value(db, Claim, LOCK_CLAIM, submission.id, reviewer_id)
    if found is None or found.state in {"returned", "released"}:
        raise NotYoursToReview
    stage = await reviewing(db, assignment_id=submission.assignment_id, user_id=reviewer_id)
    ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    return stage, found


async def lock_submissions(db: Connection, submission_id: int, own_submission_id: int | None) -> None:
    """Lock the submission that is reviewed and the reviewer's own, if there is one."""
    await db.execute(LOCK_SUBMISSIONS, [submission_id, own_submission_id])
