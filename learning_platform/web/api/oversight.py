"""Results, what the author of a track sees and does, and leaving a running track."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import PlainTextResponse

from learning_platform.attempts.extensions import Extension as GrantedExtension
from learning_platform.attempts.rules import (
    ExtensionOutOfRange,
    NotEnrolled,
    NotExtendable,
    ParticipantNotFound,
    TrackLeft,
    TrackNotStarted,
)
from learning_platform.reviews.author import appeals, quality, results_table, submissions
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.author.standings import Choice
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.rules import SubmissionNotFound
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    CalendarOpen,
    NotAParticipant,
    NotTheAuthor,
    TrackNotFound,
    TrackOver,
)
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.exports import results_table as tables
from learning_platform.web.exports.downloads import board_csv, table_response
from learning_platform.web.exports.spreadsheets import MEDIA_TYPES, TableFormat
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    Now,
    PageParams,
    PreferredLanguage,
    Reader,
    Running,
    Transaction,
)
from learning_platform.web.http.problems import Answers, refuses
from learning_platform.web.schemas.common import ObjectId
from learning_platform.web.schemas.reviews import (
    Extension,
    NewExtension,
    OverseenAppeal,
    OverseenReviews,
    OverseenSubmission,
    ParticipantOutcome,
    ReturnedClaim,
    ReviewQuality,
)
from learning_platform.web.schemas.texts import MACHINE

router = APIRouter(route_class=ApiRoute, tags=["Oversight"])
AS_TABLE_TOO: Answers = {
    200: {
        **LINK_HEADER[200],
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
AUTHORS = (*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound)
Format = Annotated[
    Literal["json", "csv", "xlsx"] | None,
    Query(description="By default `Accept` decides."),
]
ByteOrderMark = Annotated[bool, Query(description="Begin CSV with a byte order mark, which Excel needs.")]
AS_CSV: Answers = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
Accept = Annotated[str, Header(include_in_schema=False), MACHINE]
OneAssignment = Annotated[ObjectId | None, Query(description="Only submissions for this assignment.")]
Attention = Annotated[bool, Query(description="Only submissions that lack reviews or are disputed.")]


@router.get(
    "/tracks/{track_id}/results",
    response_model=list[ParticipantOutcome],
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound) | AS_TABLE_TOO,
)
async def results(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    now: Now,
    language: PreferredLanguage,
    request: Request,
    response: Response,
    services: Running,
    format: Format = None,
    bom: ByteOrderMark = False,
    accept: Accept = "",
) -> Sequence[results_table.ParticipantOutcome] | Response:
    """Show a row per participant. Results of others appear after the review deadline.

    As a table (CSV or an Excel workbook, in the language of `Accept-Language`) the response has all rows; CSV is also
    at `/tracks/{track_id}/results.csv`.
    """
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    table_format = _table_format(format, accept)
    if table_format is not None:
        access.ensure_sees_results()
        export = tables.ResultsExport(access, Choice(sort="id"), language, now)
        return await table_response(services, db, export, table_format, has_byte_order_mark=bom)
    found = await results_table.results(db, access, after=page.after, limit=page.limit, now=now)
    return paged(found, page, request, response)


@router.get(
    "/tracks/{track_id}/results.csv",
    response_class=PlainTextResponse,
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound) | AS_CSV,
)
async def results_as_csv(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    language: PreferredLanguage,
    services: Running,
    bom: ByteOrderMark = False,
) -> Response:
    """Send the results of all participants as CSV, in the language of `Accept-Language`."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    access.ensure_sees_results()
    export = tables.ResultsExport(access, Choice(sort="id"), language, now)
    return await table_response(services, db, export, "csv", has_byte_order_mark=bom)


@router.get("/tracks/{track_id}/board.csv", response_class=PlainTextResponse, responses=refuses(*AUTHORS) | AS_CSV)
async def board_as_csv(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    language: PreferredLanguage,
    services: Running,
    bom: ByteOrderMark = False,
) -> Response:
    """Send the dashboard as CSV to users who oversee the track: everyone's status at every assignment."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    access.ensure_oversees()
    return board_csv(services, tables.ResultsExport(access, Choice(sort="id"), language, now), has_byte_order_mark=bom)


def _table_format(format: Literal["json", "csv", "xlsx"] | None, accept: str) -> TableFormat | None:
    """Return the requested file format, by `?format=` or else by `Accept`, or None for JSON."""
    if format is not None:
        return None if format == "json" else format
    return next((each for each, media_type in MEDIA_TYPES.items() if media_type.partition(";")[0] in accept), None)


@router.get(
    "/tracks/{track_id}/submissions",
    response_model=list[OverseenSubmission],
    responses=refuses(*AUTHORS) | LINK_HEADER,
)
async def list_submissions(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    request: Request,
    response: Response,
    attention: Attention = False,
    assignment_id: OneAssignment = None,
) -> Sequence[submissions.OverseenSubmission]:
    """List the submissions of a track with the state of their reviews. Its author may review any of them."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await submissions.submissions(
        db,
        access,
        only_needing_attention=attention,
        assignment_id=assignment_id,
        after=page.after,
        limit=page.limit,
    )
    return paged(found, page, request, response)


@router.get("/tracks/{track_id}/returns", response_model=list[ReturnedClaim], responses=refuses(*AUTHORS) | LINK_HEADER)
async def list_returns(
    track_id: Id, user: CurrentUser, db: Reader, page: PageParams, request: Request, response: Response
) -> Sequence[submissions.ReturnedClaim]:
    """List the submissions that reviewers returned, with the reasons."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await submissions.returns(db, access, after=page.after, limit=page.limit)
    return paged(found, page, request, response)


@router.get(
    "/tracks/{track_id}/appeals", response_model=list[OverseenAppeal], responses=refuses(*AUTHORS) | LINK_HEADER
)
async def list_appeals(
    track_id: Id, user: CurrentUser, db: Reader, page: PageParams, request: Request, response: Response
) -> Sequence[appeals.OverseenAppeal]:
    """List the appeals of a track."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await appeals.appeals(db, access, after=page.after, limit=page.limit)
    return paged(found, page, request, response)


@router.get(
    "/tracks/{track_id}/review-quality",
    response_model=list[ReviewQuality],
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound) | LINK_HEADER,
)
async def list_review_quality(
    track_id: Id, user: CurrentUser, db: Reader, page: PageParams, now: Now, request: Request, response: Response
) -> Sequence[quality.ReviewQuality]:
    """Show statistics of your reviews: number, helpfulness, severity. The track's author sees all reviewers."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await quality.review_qualities(db, access, after=page.after, limit=page.limit, now=now)
    return paged(found, page, request, response)


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
