"""Submit work."""

from functools import partial

from fastapi import APIRouter, Response

from learning_platform.attempts import actions, submissions
from learning_platform.attempts.rules import AssignmentLocked, NoSubmission, NotARepositoryLink, TrackLeft
from learning_platform.core.versions import VersionConflict
from learning_platform.reviews.returns import correct_link
from learning_platform.reviews.rules import LinkNotCorrectable
from learning_platform.tracks.rules import AssignmentNotFound, DeadlinePassed, NotAParticipant, TrackOver
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
from learning_platform.web.http.problems import Answers, refuses
from learning_platform.web.schemas.attempts import CorrectedLink, NewSubmission, Submission

router = APIRouter(route_class=ApiRoute, tags=["Submissions"])
REPLACED: Answers = {200: {"model": Submission, "description": "The link submitted before was replaced."}}


@router.post(
    "/assignments/{assignment_id}/submit",
    status_code=201,
    response_model=Submission,
    responses=REPLACED
    | refuses(
        *SIGNED_IN,
        NotAParticipant,
        AssignmentNotFound,
        TrackLeft,
        TrackOver,
        DeadlinePassed,
        AssignmentLocked,
        NotARepositoryLink,
    ),
)
async def submit(
    assignment_id: Id, new: NewSubmission, user: CurrentUser, services: Running, now: Now, response: Response
) -> submissions.Submission:
    """Submit a link to a git repository. Submitting again before the deadline replaces it."""
    hand_in = partial(
        actions.submit,
        assignment_id=assignment_id,
        user_id=user.user_id,
        repo_url=new.repo_url,
        comment=new.comment,
        now=now,
    )
    handed_in = await run_after_catch_up(services, now, hand_in)
    response.status_code = 201 if handed_in.is_first else 200
    return handed_in.submission


@router.get(
    "/assignments/{assignment_id}/submission",
    response_model=Submission,
    responses=refuses(*SIGNED_IN, NotAParticipant, AssignmentNotFound, NoSubmission),
)
async def show_submission(assignment_id: Id, user: CurrentUser, db: Reader, now: Now) -> submissions.Submission:
    """Show your submission."""
    return await submissions.own_submission(db, assignment_id=assignment_id, user_id=user.user_id, now=now)


@router.patch(
    "/assignments/{assignment_id}/submission",
    response_model=Submission,
    responses=refuses(
        *SIGNED_IN,
        NotAParticipant,
        AssignmentNotFound,
        NoSubmission,
        TrackLeft,
        TrackOver,
        LinkNotCorrectable,
        NotARepositoryLink,
        VersionConflict,
    ),
)
async def correct_submitted_link(
    assignment_id: Id, corrected: CorrectedLink, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> submissions.Submission:
    """Correct the link that two reviewers reported as broken or empty, while reviews are open."""
    return await correct_link(
        db, assignment_id=assignment_id, user_id=user.user_id, repo_url=corrected.repo_url, seen=seen, now=now
    )
