"""What the author of a track sees and does, and leaving a running track."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from learning_platform.attempts.extensions import Extension as GrantedExtension
from learning_platform.attempts.rules import (
    ExtensionOutOfRange,
    NotEnrolled,
    NotExtendable,
    ParticipantNotFound,
    TrackLeft,
    TrackNotStarted,
)
from learning_platform.reviews.author import submissions
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.rules import SubmissionNotFound
from learning_platform.tracks.access import TakesPart
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    CalendarOpen,
    NotTheAuthor,
    TrackNotFound,
    TrackOver,
)
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    Now,
    Reader,
    Transaction,
)
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.common import ObjectId
from learning_platform.web.schemas.reviews import (
    Extension,
    NewExtension,
    OverseenReviews,
)

router = APIRouter(route_class=ApiRoute, tags=["Oversight"])
AUTHORS = (*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound)
OneAssignment = Annotated[ObjectId | None, Query(description="Only submissions for this assignment.")]
Attention = Annotated[bool, Query(description="Only submissions that lack reviews or are disputed.")]


@router.get(
    "/submissions/{submission_id}/reviews",
    response_model=OverseenReviews,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, SubmissionNotFound),
)
async def show_reviews_of(submission_id: Id, user: CurrentUser, db: Reader, now: Now) -> submissions.OverseenReviews:
    """Show the reviews of a submission with their reviewers, to the track's author."""
    submission = await submissions.submission_head(db, submission_id=submission_id, now=now)
    rubric = await criteria(db, assignment_id=submission.assignment_id)
    return await submissions.overseen_reviews(db, submission=submission, actor=user.actor, rubric=rubric)


@router.post(
    "/assignments/{assignment_id}/extensions",
    status_code=201,
    response_model=Extension,
    responses=refuses(
        *SIGNED_IN,
        NotTheAuthor,
        TakesPart,
        AssignmentNotFound,
        ParticipantNotFound,
        TrackOver,
        TrackLeft,
        CalendarOpen,
        NotExtendable,
        ExtensionOutOfRange,
    ),
)
async def extend_for_one(
    assignment_id: Id, new: NewExtension, user: CurrentUser, db: Transaction, now: Now
) -> GrantedExtension:
    """Give one participant a later deadline, with a reason. Other calendars do not change."""
    return await grant_extension(
        db,
        assignment_id=assignment_id,
        username=new.username,
        due_at=new.due_at,
        reason=new.reason,
        actor=user.actor,
        now=now,
    )


@router.post(
    "/tracks/{track_id}/leave",
    status_code=204,
    responses=refuses(*SIGNED_IN, TrackNotFound, NotEnrolled, TrackNotStarted, TrackLeft, TrackOver),
)
async def leave_running(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Leave a running track permanently. No more reviews are required, and submissions can still be reviewed."""
    await leave_for_good(db, track_id=track_id, user_id=user.user_id, now=now)
    return Response(status_code=204)
