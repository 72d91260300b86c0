"""Questions under an assignment, and the answers to them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.core.versions import VersionConflict
from learning_platform.questions import actions, queries
from learning_platform.questions.readers import reader_of_assignment, reader_of_track
from learning_platform.questions.rules import (
    HasAnswers,
    NotYourPost,
    QuestionNotFound,
    TooManyPosts,
)
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, TrackNotFound, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, IfMatch, Now, PageParams, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.questions import (
    NewAnswer,
    NewQuestion,
    NewQuestions,
    Question,
    QuestionChange,
    QuestionSummary,
)
from learning_platform.web.schemas.texts import SEARCH

router = APIRouter(route_class=ApiRoute, tags=["Questions"])
Search = Annotated[str, Query(max_length=200, pattern=NO_NUL, description="Words in questions and answers."), SEARCH]
Unanswered = Annotated[bool, Query(description="Only questions that are not marked as answered.")]
Mine = Annotated[bool, Query(description="Only your own questions.")]
Pinned = Annotated[bool, Query(description="Only questions that staff have pinned.")]
Reported = Annotated[bool, Query(description="For staff: only questions with reported posts.")]


def chosen_filter(
    q: Search = "",
    unanswered: Unanswered = False,
    mine: Mine = False,
    pinned: Pinned = False,
    reported: Reported = False,
) -> queries.Filter:
    """Return which questions were asked for."""
    return queries.Filter(q, unanswered, mine, pinned, reported)


Chosen = Annotated[queries.Filter, Depends(chosen_filter)]


@router.get(
    "/tracks/{track_id}/questions",
    response_model=list[QuestionSummary],
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound) | LINK_HEADER,
)
async def list_questions(
    track_id: Id,
    user: CurrentUser,
    chosen: Chosen,
    db: Reader,
    now: Now,
    page: PageParams,
    request: Request,
    response: Response,
) -> Sequence[queries.Question]:
    """List the questions under the assignments that are open for you: pinned ones first, then the newest."""
    reader = await reader_of_track(db, track_id=track_id, actor=user.actor, now=now)
    found = await queries.questions(db, reader, assignment_id=None, chosen=chosen, after=page.after, limit=page.limit)
    return paged(found, page, request, response)


@router.get(
    "/tracks/{track_id}/questions/new",
    response_model=NewQuestions,
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound),
)
async def count_new_questions(track_id: Id, user: CurrentUser, db: Reader, now: Now) -> NewQuestions:
    """Count the questions and answers of others that you have not read."""
    reader = await reader_of_track(db, track_id=track_id, actor=user.actor, now=now)
    return NewQuestions(new=await queries.count_new(db, reader))


@router.get(
    "/assignments/{assignment_id}/questions",
    response_model=list[QuestionSummary],
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound, AssignmentNotFound, AssignmentLocked) | LINK_HEADER,
)
async def list_questions_of_assignment(
    assignment_id: Id,
    user: CurrentUser,
    chosen: Chosen,
    db: Reader,
    now: Now,
    page: PageParams,
    request: Request,
    response: Response,
) -> Sequence[queries.Question]:
    """List the questions under an assignment that is open for you."""
    reader = await reader_of_assignment(db, assignment_id=assignment_id, actor=user.actor, now=now)
    found = await queries.questions(
        db, reader, assignment_id=assignment_id, chosen=chosen, after=page.after, limit=page.limit
    )
    return paged(found, page, request, response)


@router.post(
    "/assignments/{assignment_id}/questions",
    status_code=201,
    response_model=Question,
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound, AssignmentNotFound, AssignmentLocked, TrackOver),
)
async def ask_question(
    assignment_id: Id, new: NewQuestion, user: CurrentUser, db: Transaction, now: Now
) -> queries.Question:
    """Ask the group. Participants see your name when the reviews of the assignment are due; staff see it immediately.

    `@username` mentions a user, who is notified.
    """
    return await actions.ask(db, assignment_id=assignment_id, actor=user.actor, title=new.title, text=new.text, now=now)


@router.get("/questions/{question_id}", response_model=Question, responses=refuses(*SIGNED_IN, QuestionNotFound))
async def read_question(question_id: Id, user: CurrentUser, db: Reader, now: Now) -> queries.Question:
    """Return a question with its answers."""
    return (await queries.question(db, question_id=question_id, actor=user.actor, now=now))[1]


@router.patch(
    "/questions/{question_id}",
    response_model=Question,
    responses=refuses(
        *SIGNED_IN, NotYourPost, NotAParticipant, QuestionNotFound, AssignmentLocked, TrackOver, VersionConflict
    ),
)
async def edit_question(
    question_id: Id, change: QuestionChange, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Question:
    """Change your own question. The responses with a question carry its `ETag`."""
    _, found = await queries.question(db, question_id=question_id, actor=user.actor, now=now)
    return await actions.edit_post(
        db, post_id=found.first.id, actor=user.actor, title=change.title, text=change.text, seen=seen, now=now
    )


@router.delete(
    "/questions/{question_id}",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotYourPost, QuestionNotFound, HasAnswers),
)
async def delete_question(question_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Delete your own question, as long as it has no answers."""
    _, found = await queries.question(db, question_id=question_id, actor=user.actor, now=now)
    await actions.delete_post(db, post_id=found.first.id, actor=user.actor, now=now)
    return Response(status_code=204)


@router.post(
    "/questions/{question_id}/answers",
    status_code=201,
    response_model=Question,
    responses=refuses(*SIGNED_IN, NotAParticipant, QuestionNotFound, AssignmentLocked, TrackOver, TooManyPosts),
)
async def answer_question(
    question_id: Id, new: NewAnswer, user: CurrentUser, db: Transaction, now: Now
) -> queries.Question:
    """Answer a question."""
    return await actions.answer(db, question_id=question_id, actor=user.actor, text=new.text, now=now)


@router.patch(
    "/answers/{post_id}",
    response_model=Question,
    responses=refuses(
        *SIGNED_IN, NotYourPost, NotAParticipant, QuestionNotFound, AssignmentLocked, TrackOver, VersionConflict
    ),
)
async def edit_answer(
    post_id: Id, change: NewAnswer, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Question:
    """Change your own answer; `If-Match` names its `version`."""
    return await actions.edit_post(
        db, post_id=post_id, actor=user.actor, title=None, text=change.text, seen=seen, now=now
    )


@router.delete(
    "/answers/{post_id}",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotYourPost, QuestionNotFound, HasAnswers),
)
async def delete_answer(post_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Delete your own answer."""
    await actions.delete_post(db, post_id=post_id, actor=user.actor, now=now)
    return Response(status_code=204)
