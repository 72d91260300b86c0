"""Review: get work, judge it, give it back; see what others said."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learning_platform.attempts.rules import AssignmentLocked, NoSubmission, NotAParticipant
from learning_platform.reviews import actions, queries
from learning_platform.reviews.rules import (
    AlreadyReviewed,
    NothingToReview,
    NotReviewedYet,
    NotYoursToReview,
    OwnReviewsFirst,
    ReasonMissing,
    ReviewClosed,
    ReviewNotOpen,
    ReviewsDone,
    ScoreMissing,
    ScoreOutOfRange,
    ScoreTwice,
    SubmissionNotFound,
    UnknownCriterion,
)
from learning_platform.tracks.rules import AssignmentNotFound, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.dependencies import CurrentUser, Id, Now, Reader, Transaction
from learning_platform.web.errors import refuses
from learning_platform.web.schemas.reviews import ClaimedWork, NewReview, ReceivedReviews, ReturnedWork, Review

router = APIRouter(tags=["Reviews"])
BAD_SCORES = (ScoreMissing, ScoreTwice, UnknownCriterion, ScoreOutOfRange, ReasonMissing)
Volunteers = Annotated[bool, Query(description="One more, for who has done theirs.")]


@router.get(
    "/assignments/{assignment_id}/review/submission",
    response_model=ClaimedWork,
    responses=refuses(
        *SIGNED_IN,
        NotAParticipant,
        AssignmentNotFound,
        ReviewNotOpen,
        AssignmentLocked,
        TrackOver,
        ReviewsDone,
        NothingToReview,
    ),
)
async def claim(
    assignment_id: Id, user: CurrentUser, db: Transaction, now: Now, volunteer: Volunteers = False
) -> actions.ClaimedWork:
    """Get something to review. Asking again before reviewing gives the same."""
    return await actions.claim(db, assignment_id=assignment_id, user_id=user.user_id, volunteers=volunteer, now=now)


@router.post(
    "/submissions/{submission_id}/review",
    status_code=201,
    response_model=Review,
    responses=refuses(*SIGNED_IN, NotYoursToReview, SubmissionNotFound, AlreadyReviewed, TrackOver, *BAD_SCORES),
)
async def review(submission_id: Id, new: NewReview, user: CurrentUser, db: Transaction, now: Now) -> queries.Review:
    """Review what one has claimed; the last review owed opens the next assignment."""
    return await actions.review(
        db,
        submission_id=submission_id,
        reviewer_id=user.user_id,
        scores=new.as_scores(),
        comment=new.comment,
        now=now,
    )


@router.put(
    "/submissions/{submission_id}/review",
    response_model=Review,
    responses=refuses(
        *SIGNED_IN,
        NotYoursToReview,
        SubmissionNotFound,
        NotReviewedYet,
        TrackOver,
        ReviewClosed,
        *BAD_SCORES,
    ),
)
async def revise(submission_id: Id, new: NewReview, user: CurrentUser, db: Transaction, now: Now) -> queries.Review:
    """Revise one's review, until the time for reviews is over; a late one until the track ends."""
    return await actions.revise(
        db,
        submission_id=submission_id,
        reviewer_id=user.user_id,
        scores=new.as_scores(),
        comment=new.comment,
        now=now,
    )


@router.post(
    "/submissions/{submission_id}/review/return",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotYoursToReview, SubmissionNotFound, AlreadyReviewed, TrackOver),
)
async def return_work(
    submission_id: Id, returned: ReturnedWork, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Hand work back that cannot be reviewed; ask again for something else at once."""
    await actions.return_claim(
        db,
        submission_id=submission_id,
        reviewer_id=user.user_id,
        reason=returned.reason,
        comment=returned.comment,
        now=now,
    )
    return Response(status_code=204)


@router.get(
    "/assignments/{assignment_id}/reviews",
    response_model=ReceivedReviews,
    responses=refuses(*SIGNED_IN, NotAParticipant, AssignmentNotFound, NoSubmission, OwnReviewsFirst),
)
async def list_reviews(assignment_id: Id, user: CurrentUser, db: Reader, now: Now) -> queries.ReceivedReviews:
    """Show the reviews of one's own work and what they add up to."""
    return await queries.received_reviews(db, assignment_id=assignment_id, user_id=user.user_id, now=now)
