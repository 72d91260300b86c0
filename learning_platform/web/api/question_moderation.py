"""What is done with questions and answers: mark, pin, mute, report, hide."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.questions import moderation, queries, reported
from learning_platform.questions.rules import (
    NotYourPost,
    OwnPost,
    PostReported,
    QuestionNotFound,
)
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import NotAParticipant, NotTheAuthor, TrackNotFound, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.api.threads import ReportedState
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, PageParams, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.questions import (
    Mute,
    PostReport,
    PostVisibility,
    Question,
    QuestionPin,
    QuestionState,
    ReportedPost,
)

router = APIRouter(route_class=ApiRoute, tags=["Questions"])


@router.post(
    "/tracks/{track_id}/questions/read",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound),
)
async def mark_questions_read(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Mark the questions of a track and their answers as read."""
    await moderation.mark_read(db, track_id=track_id, actor=user.actor, now=now)
    return Response(status_code=204)


@router.post(
    "/tracks/{track_id}/questions/mute",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound),
)
async def mute_questions(track_id: Id, mute: Mute, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Turn notifications about the questions of a track off or on."""
    await moderation.set_track_muted(db, track_id=track_id, actor=user.actor, muted=mute.muted, now=now)
    return Response(status_code=204)


@router.post(
    "/questions/{question_id}/state",
    response_model=Question,
    responses=refuses(*SIGNED_IN, NotYourPost, NotAParticipant, QuestionNotFound, AssignmentLocked, TrackOver),
)
async def set_question_state(
    question_id: Id, state: QuestionState, user: CurrentUser, db: Transaction, now: Now
) -> queries.Question:
    """Mark your question as answered or not. Staff can do this, too."""
    return await moderation.set_answered(
        db, question_id=question_id, actor=user.actor, answered=state.answered, now=now
    )


@router.post(
    "/questions/{question_id}/pin",
    response_model=Question,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, QuestionNotFound),
)
async def pin_question(
    question_id: Id, pin: QuestionPin, user: CurrentUser, db: Transaction, now: Now
) -> queries.Question:
    """Put a question at the top of the lists, or take it down. For staff of the track."""
    return await moderation.set_pinned(db, question_id=question_id, actor=user.actor, pinned=pin.pinned, now=now)


@router.post("/questions/{question_id}/mute", response_model=Question, responses=refuses(*SIGNED_IN, QuestionNotFound))
async def mute_question(question_id: Id, mute: Mute, user: CurrentUser, db: Transaction, now: Now) -> queries.Question:
    """Turn notifications about a question off or on."""
    return await moderation.set_muted(db, question_id=question_id, actor=user.actor, muted=mute.muted, now=now)


@router.post(
    "/posts/{post_id}/report",
    status_code=204,
    responses=refuses(*SIGNED_IN, QuestionNotFound, OwnPost, PostReported),
)
async def report_post(post_id: Id, report: PostReport, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Report a question (by the id of its `question`) or an answer to the staff of the track."""
    await moderation.report_post(db, post_id=post_id, actor=user.actor, reason=report.reason, now=now)
    return Response(status_code=204)


@router.post(
    "/posts/{post_id}/visibility",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, QuestionNotFound),
)
async def set_post_hidden(
    post_id: Id, visibility: PostVisibility, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Hide a question or an answer from participants, or keep it: it is shown, and its reports are settled.

    For staff of the track.
    """
    await moderation.set_hidden(db, post_id=post_id, actor=user.actor, hidden=visibility.hidden, now=now)
    return Response(status_code=204)


@router.get(
    "/tracks/{track_id}/reported-posts",
    response_model=list[ReportedPost],
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound) | LINK_HEADER,
)
async def list_reported_posts(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    request: Request,
    response: Response,
    state: ReportedState = None,
) -> Sequence[reported.ReportedPost]:
    """List the reported questions and answers of a track, to its staff."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await reported.reported_posts(db, access, state=state, after=page.after, limit=page.limit)
    return paged(found, page, request, response)
