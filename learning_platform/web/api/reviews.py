"""Reviews: get a submission, review or return it; read received reviews, answer them, appeal."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.rules import AssignmentLocked, NoSubmission, TrackLeft
from learning_platform.core.versions import VersionConflict
from learning_platform.reviews import appeals, corrections, queries, reviewing
from learning_platform.reviews import claims as actions
from learning_platform.reviews.returns import return_claim
from learning_platform.reviews.rules import (
    AlreadyAppealed,
    AlreadyReviewed,
    AlreadySettled,
    AppealNotFound,
    CorrectionsNotOpen,
    NothingCorrected,
    NothingToReview,
    NotReviewedYet,
    NotYoursToReview,
    OwnReviewsFirst,
    ReasonMissing,
    ReviewClosed,
    ReviewNotFound,
    ReviewNotOpen,
    ReviewsDone,
    ScoreMissing,
    ScoreOutOfRange,
    ScoreTwice,
    SubmissionNotFound,
    UnknownCriterion,
)
from learning_platform.tracks.access import TakesPart
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, NotTheAuthor, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    IfMatch,
    Now,
    Reader,
    Running,
    Transaction,
    run_after_catch_up,
)
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.corrections import NewCorrection, Settlement
from learning_platform.web.schemas.reviews import (
    Answer,
    Appeal,
    AppealChange,
    ClaimedSubmission,
    Correction,
    GivenReview,
    NewAppeal,
    NewReview,
    ReceivedReviews,
    ReturnedSubmission,
    Review,
)

router = APIRouter(route_class=ApiRoute, tags=["Reviews"])
BAD_CORRECTIONS = (ScoreTwice, UnknownCriterion, ScoreOutOfRange)
BAD_SCORES = (ScoreMissing, ScoreTwice, UnknownCriterion, ScoreOutOfRange, ReasonMissing)
Volunteers = Annotated[bool, Query(description="Get an optional extra submission after all required reviews.")]


@router.get(
    "/assignments/{assignment_id}/review/submission",
    response_model=ClaimedSubmission,
    responses=refuses(
        *SIGNED_IN,
        NotAParticipant,
        AssignmentNotFound,
        ReviewNotOpen,
        AssignmentLocked,
        TrackLeft,
        TrackOver,
        ReviewsDone,
        NothingToReview,
    ),
)
async def claim(
    assignment_id: Id, user: CurrentUser, services: Running, now: Now, volunteer: Volunteers = False
) -> actions.ClaimedSubmission:
    """Get a submission to review. Repeated requests return the same one until it is reviewed."""
    ask = partial(actions.claim, assignment_id=assignment_id, user_id=user.user_id, volunteers=volunteer, now=now)
    return await run_after_catch_up(services, now, ask)


@router.post(
    "/submissions/{submission_id}/review",
    status_code=201,
    response_model=Review,
    responses=refuses(
        *SIGNED_IN, NotYoursToReview, SubmissionNotFound, ReviewNotOpen, AlreadyReviewed, TrackOver, *BAD_SCORES
    ),
)
async def review(submission_id: Id, new: NewReview, user: CurrentUser, db: Transaction, now: Now) -> queries.Review:
    """Review a submission that was given to you. The last required review opens the next assignment."""
    return await reviewing.review(
        db,
        submission_id=submission_id,
        actor=user.actor,
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
        VersionConflict,
        *BAD_SCORES,
    ),
)
async def revise(
    submission_id: Id, new: NewReview, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Review:
    """Change your review until the review deadline, or a late review until the track ends."""
    return await reviewing.revise(
        db,
        submission_id=submission_id,
        reviewer_id=user.user_id,
        scores=new.as_scores(),
        comment=new.comment,
        seen=seen,
        now=now,
    )


@router.post(
    "/submissions/{submission_id}/review/return",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotYoursToReview, SubmissionNotFound, AlreadyReviewed, TrackOver),
)
async def return_work(
    submission_id: Id, returned: ReturnedSubmission, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Return a submission that you cannot review. You can then get another one."""
    await return_claim(
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
    """Show the reviews of your submission and its result."""
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user.user_id, now=now)
    rubric = await queries.criteria(db, assignment_id=assignment_id)
    return await queries.received_reviews(db, progress, rubric=rubric, now=now)


@router.get(
    "/submissions/{submission_id}/review",
    response_model=GivenReview,
    responses=refuses(*SIGNED_IN, NotReviewedYet),
)
async def show_own_review(submission_id: Id, user: CurrentUser, db: Reader, now: Now) -> queries.Review:
    """Show your review of a submission, its answer when the track is over, and how an appeal was settled."""
    return await queries.review_by(db, submission_id=submission_id, reviewer_id=user.user_id, now=now)


@router.post(
    "/reviews/{review_id}/answer",
    response_model=Review,
    responses=refuses(*SIGNED_IN, ReviewNotFound, OwnReviewsFirst, TrackOver, VersionConflict),
)
async def answer(
    review_id: Id, given: Answer, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Review:
    """Say whether a received review was helpful. The reviewer learns how often theirs are, never from whom.

    The `ETag` is that of the answer.
    """
    return await reviewing.answer(
        db, review_id=review_id, user_id=user.user_id, helpful=given.helpful, comment=given.comment, seen=seen, now=now
    )


@router.post(
    "/assignments/{assignment_id}/appeal",
    status_code=201,
    response_model=Appeal,
    responses=refuses(
        *SIGNED_IN, NotAParticipant, AssignmentNotFound, NoSubmission, OwnReviewsFirst, TrackOver, AlreadyAppealed
    ),
)
async def appeal(assignment_id: Id, new: NewAppeal, user: CurrentUser, db: Transaction, now: Now) -> queries.Appeal:
    """Ask the track's author to check your result. You can appeal once per assignment."""
    return await appeals.appeal(db, assignment_id=assignment_id, user_id=user.user_id, text=new.text, now=now)


@router.patch(
    "/appeals/{appeal_id}",
    response_model=Appeal,
    responses=refuses(*SIGNED_IN, AppealNotFound, AlreadySettled, TrackOver, VersionConflict),
)
async def change_appeal(
    appeal_id: Id, change: AppealChange, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Appeal:
    """Change your appeal until it is answered."""
    return await appeals.change_appeal(
        db, appeal_id=appeal_id, user_id=user.user_id, text=change.text, seen=seen, now=now
    )


@router.delete(
    "/appeals/{appeal_id}", status_code=204, responses=refuses(*SIGNED_IN, AppealNotFound, AlreadySettled, TrackOver)
)
async def withdraw_appeal(appeal_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Withdraw your appeal until it is answered. You can then appeal again."""
    await appeals.withdraw_appeal(db, appeal_id=appeal_id, user_id=user.user_id, now=now)
    return Response(status_code=204)


@router.post(
    "/appeals/{appeal_id}/settle",
    response_model=Appeal,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, AppealNotFound, AlreadySettled, *BAD_CORRECTIONS),
)
async def settle(appeal_id: Id, settlement: Settlement, user: CurrentUser, db: Transaction, now: Now) -> queries.Appeal:
    """Answer an appeal, optionally with scores that replace the medians."""
    return await appeals.settle(
        db,
        appeal_id=appeal_id,
        actor=user.actor,
        text=settlement.text,
        scores=settlement.as_scores(),
        now=now,
    )


@router.post(
    "/submissions/{submission_id}/corrections",
    status_code=201,
    response_model=Correction,
    responses=refuses(
        *SIGNED_IN,
        NotTheAuthor,
        TakesPart,
        SubmissionNotFound,
        CorrectionsNotOpen,
        TrackOver,
        NothingCorrected,
        *BAD_CORRECTIONS,
    ),
)
async def correct(
    submission_id: Id, new: NewCorrection, user: CurrentUser, db: Transaction, now: Now
) -> queries.Correction:
    """Correct the scores of a submission without an appeal. Its author is notified and sees the reason.

    What is sent replaces all scores that were corrected before.
    """
    return await corrections.correct(
        db, submission_id=submission_id, actor=user.actor, scores=new.as_scores(), reason=new.reason, now=now
    )
