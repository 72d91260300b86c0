"""Comments on the code of a submission: drafts of a review, answers, reports."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from learning_platform.core.versions import VersionConflict
from learning_platform.reviews.code_access import code_access
from learning_platform.reviews.rules import (
    OwnReviewsFirst,
    ReviewClosed,
    ReviewNotFound,
    SubmissionNotFound,
    UnknownCriterion,
)
from learning_platform.reviews.threads import about_reviews, conversations, drafts, queries, reports
from learning_platform.reviews.threads.carried_over import carried_over
from learning_platform.reviews.threads.rules import (
    AlreadyReported,
    AuthorsOnlyAnswer,
    CommentNotSent,
    CommentSent,
    DeclineReasonMissing,
    FileMissing,
    MessageNotFound,
    NoSecondIteration,
    NoSuchFile,
    NoSuchLine,
    NotYourComment,
    OwnMessage,
    ReportState,
    ThreadNotFound,
    TooManyMessages,
    TooManyThreads,
)
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import NotTheAuthor, TrackNotFound, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, IfMatch, Now, PageParams, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.texts import MACHINE
from learning_platform.web.schemas.threads import (
    MessageReport,
    MessageVisibility,
    NewMessage,
    NewThread,
    ReportedMessage,
    StateChange,
    Thread,
    ThreadChange,
)

router = APIRouter(route_class=ApiRoute, tags=["Comments on code"])
ReportedState = Annotated[
    ReportState | None, Query(description="Only reports that wait for a decision, or have one."), MACHINE
]
BAD_PLACES = (FileMissing, NoSuchFile, NoSuchLine, UnknownCriterion)


@router.get(
    "/submissions/{submission_id}/threads",
    response_model=list[Thread],
    responses=refuses(*SIGNED_IN, SubmissionNotFound),
)
async def list_threads(submission_id: Id, user: CurrentUser, db: Reader, now: Now) -> Sequence[queries.Thread]:
    """List the comments on a submission that you may see, in the order of their places."""
    access = await code_access(db, submission_id=submission_id, actor=user.actor, now=now)
    threads = await queries.threads_of(db, access, user_id=user.user_id, now=now)
    return await carried_over(db, access, threads)


@router.post(
    "/submissions/{submission_id}/threads",
    status_code=201,
    response_model=Thread,
    responses=refuses(
        *SIGNED_IN,
        AuthorsOnlyAnswer,
        SubmissionNotFound,
        ReviewClosed,
        TrackOver,
        TooManyThreads,
        CommentSent,
        VersionConflict,
        *BAD_PLACES,
    ),
)
async def comment_on(
    submission_id: Id, new: NewThread, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Thread:
    """Comment on lines, a file or the whole submission. Comments of a reviewer are drafts until the review is sent."""
    return await drafts.comment_on(
        db,
        submission_id=submission_id,
        actor=user.actor,
        place=new.place,
        comment=new.comment,
        draft_key=new.draft_key,
        seen=seen,
        now=now,
    )


@router.patch(
    "/threads/{thread_id}",
    response_model=Thread,
    responses=refuses(
        *SIGNED_IN, NotYourComment, ThreadNotFound, CommentSent, TrackOver, VersionConflict, UnknownCriterion
    ),
)
async def change_draft(
    thread_id: Id, change: ThreadChange, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Thread:
    """Change a draft. The responses to creating and changing one carry its `ETag`."""
    return await drafts.change_draft(
        db, thread_id=thread_id, actor=user.actor, change=change.applied_to, seen=seen, now=now
    )


@router.delete(
    "/threads/{thread_id}",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotYourComment, ThreadNotFound, CommentSent, TrackOver),
)
async def delete_draft(thread_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Delete a draft."""
    await drafts.delete_draft(db, thread_id=thread_id, actor=user.actor, now=now)
    return Response(status_code=204)


@router.post(
    "/threads/{thread_id}/messages",
    status_code=201,
    response_model=Thread,
    responses=refuses(*SIGNED_IN, NotYourComment, ThreadNotFound, CommentNotSent, TrackOver, TooManyMessages),
)
async def answer_thread(thread_id: Id, new: NewMessage, user: CurrentUser, db: Transaction, now: Now) -> queries.Thread:
    """Answer a comment on your submission, or add a message to your own comment.

    Reviewers see the answers of the author after the review deadline.
    """
    return await conversations.answer_thread(db, thread_id=thread_id, actor=user.actor, text=new.text, now=now)


@router.post(
    "/reviews/{review_id}/messages",
    status_code=201,
    response_model=Thread,
    responses=refuses(*SIGNED_IN, ReviewNotFound, OwnReviewsFirst, TrackOver, TooManyMessages),
)
async def write_about_review(
    review_id: Id, new: NewMessage, user: CurrentUser, db: Transaction, now: Now
) -> queries.Thread:
    """Write about a review as a whole, as its reviewer or as the author of the submission.

    The messages are a thread of the submission with `is_about_review`. The reviewer sees those of the author after the
    review deadline.
    """
    return await about_reviews.write_about_review(db, review_id=review_id, actor=user.actor, text=new.text, now=now)


@router.post(
    "/threads/{thread_id}/state",
    response_model=Thread,
    responses=refuses(
        *SIGNED_IN,
        NotYourComment,
        ThreadNotFound,
        CommentNotSent,
        NoSecondIteration,
        DeclineReasonMissing,
        TrackOver,
        TooManyMessages,
        VersionConflict,
    ),
)
async def set_state(
    thread_id: Id, change: StateChange, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Thread:
    """Settle your comment or open it again; as the author of the submission, mark it as fixed or decline it."""
    return await conversations.set_state(
        db, thread_id=thread_id, actor=user.actor, state=change.state, text=change.text, seen=seen, now=now
    )


@router.post(
    "/messages/{message_id}/report",
    status_code=204,
    responses=refuses(*SIGNED_IN, MessageNotFound, OwnMessage, AlreadyReported),
)
async def report_message(
    message_id: Id, report: MessageReport, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Report a message to the staff of the track, who see who wrote it and who reported it."""
    await reports.report_message(db, message_id=message_id, actor=user.actor, reason=report.reason, now=now)
    return Response(status_code=204)


@router.post(
    "/messages/{message_id}/visibility",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, MessageNotFound),
)
async def set_hidden(
    message_id: Id, visibility: MessageVisibility, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Hide a message from participants, or keep it: it is shown, and its reports are settled.

    For staff of the track.
    """
    await reports.set_hidden(db, message_id=message_id, actor=user.actor, hidden=visibility.hidden, now=now)
    return Response(status_code=204)


@router.get(
    "/tracks/{track_id}/reported-messages",
    response_model=list[ReportedMessage],
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound) | LINK_HEADER,
)
async def list_reported_messages(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    request: Request,
    response: Response,
    state: ReportedState = None,
) -> Sequence[reports.ReportedMessage]:
    """List the reported messages of a track, to its staff."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await reports.reported_messages(db, access, state=state, after=page.after, limit=page.limit)
    return paged(found, page, request, response)
