"""Tracks and their assignments: create, find, enroll, leave."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from learning_platform.accounts.rules import UnknownTimeZone
from learning_platform.attempts import extensions
from learning_platform.attempts import queries as attempts
from learning_platform.attempts.rules import NotEnrolled, TrackCancelled, TrackCompleted, TrackLeft, TrackNotStarted
from learning_platform.core.versions import VersionConflict
from learning_platform.enrollment import actions as enrollment
from learning_platform.enrollment.editing import edit_track as change_track
from learning_platform.enrollment.own_tracks import OwnTrack, own_tracks
from learning_platform.enrollment.rules import AlreadyEnrolled, HeadStart, TrackFull
from learning_platform.snapshots import starters
from learning_platform.tracks import actions, queries
from learning_platform.tracks.browsing import sort_value, tracks_or_similar_ones
from learning_platform.tracks.details import DetailFilter, Level, cleaned_tag
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    CalendarOpen,
    CriteriaFixed,
    DeadlineNotLater,
    DeadlinePassed,
    DeadlineTooFar,
    NotAParticipant,
    NotTheAuthor,
    SeatsTaken,
    TrackCreationClosed,
    TrackNotFound,
    TrackOver,
    TrackStarted,
    TrackStatus,
    ensure_may_create,
)
from learning_platform.tracks.start_rules import (
    MinimumAbovePlaces,
    OutsideStartHours,
    StartHoursNotARange,
    StartInPast,
    StartTooFar,
)
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    IfMatch,
    Now,
    PageParams,
    Reader,
    Running,
    Transaction,
)
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas import track_filters as filters
from learning_platform.web.schemas.attempts import CurrentAssignment
from learning_platform.web.schemas.own_tracks import MyTrack
from learning_platform.web.schemas.tracks import (
    Assignment,
    DeadlineExtension,
    Enrollment,
    NewTrack,
    Track,
    TrackEdit,
)

router = APIRouter(route_class=ApiRoute, tags=["Tracks"])
UNFIT_START = (
    UnknownTimeZone,
    StartHoursNotARange,
    MinimumAbovePlaces,
    StartInPast,
    StartTooFar,
    OutsideStartHours,
)


@router.post(
    "/tracks",
    status_code=201,
    response_model=Track,
    responses=refuses(*SIGNED_IN, TrackCreationClosed, *UNFIT_START),
)
async def create_track(new: NewTrack, user: CurrentUser, services: Running, db: Transaction, now: Now) -> queries.Track:
    """Create a track; everything but its criteria can be changed until it starts.

    The criteria of a `draft` can be changed until the first user enrolls, those of other tracks never.
    """
    ensure_may_create(role=user.role, creation=services.settings.track_creation)
    track_id = await actions.create_track(db, author_id=user.user_id, draft=new.as_draft(), now=now)
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.get("/tracks", response_model=list[Track], responses=refuses(*SIGNED_IN) | LINK_HEADER)
async def list_tracks(
    user: CurrentUser,
    db: Reader,
    now: Now,
    page: PageParams,
    request: Request,
    response: Response,
    status: TrackStatus | None = None,
    q: filters.Search = None,
    language: filters.LanguageFilter = None,
    level: Level | None = None,
    tag: filters.TagFilter = None,
    max_effort: filters.EffortFilter = None,
    sort: filters.Sorting = None,
    after_value: filters.AfterValue = None,
) -> Sequence[queries.Track]:
    """List tracks, optionally with one status, with the words of `q`, or with some details.

    Where no track has the words, those with similar words are listed, with `sort` the newest of them first.
    """
    details = DetailFilter(language, level, cleaned_tag(tag or ""), max_effort)
    wanted = TrackFilter(user.actor, status, q, details)
    if sort is None:
        found = await queries.tracks(db, wanted, after=page.after, limit=page.limit, now=now)
    else:
        found = await tracks_or_similar_ones(
            db, wanted, order=sort, after=page.after, value=after_value, limit=page.limit, now=now
        )
    return paged(found, page, request, response, after_value=sort_value(found[-1], sort) if found else None)


@router.get("/tracks/my", response_model=list[MyTrack], responses=refuses(*SIGNED_IN) | LINK_HEADER)
async def list_my_tracks(
    user: CurrentUser, services: Running, db: Reader, now: Now, page: PageParams, request: Request, response: Response
) -> Sequence[OwnTrack]:
    """List the tracks that you take part in or are staff of, with your role and whether you can decline your place."""
    within = timedelta(hours=services.settings.seat_decline_hours)
    found = await own_tracks(db, user_id=user.user_id, after=page.after, limit=page.limit, within=within, now=now)
    return paged(found, page, request, response)


@router.get("/tracks/{track_id}", response_model=Track, responses=refuses(*SIGNED_IN, TrackNotFound))
async def show_track(track_id: Id, user: CurrentUser, db: Reader, now: Now) -> queries.Track:
    """Show a track."""
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.patch(
    "/tracks/{track_id}",
    response_model=Track,
    responses=refuses(
        *SIGNED_IN,
        NotTheAuthor,
        TrackNotFound,
        CriteriaFixed,
        TrackStarted,
        TrackOver,
        SeatsTaken,
        VersionConflict,
        *UNFIT_START,
    ),
)
async def edit_track(
    track_id: Id, edit: TrackEdit, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.Track:
    """Change a track before it starts. One that starts when it is full does so with as many places as participants."""
    await change_track(
        db,
        track_id=track_id,
        actor=user.actor,
        change=replace(edit.as_change(), seen=seen),
        now=now,
    )
    edit.ensure_valid_criteria()
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.delete(
    "/tracks/{track_id}",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackStarted, TrackOver),
)
async def delete_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Delete a track that has not started. Enrolled users are notified."""
    await actions.delete_track(db, track_id=track_id, actor=user.actor, now=now)
    return Response(status_code=204)


@router.post(
    "/tracks/{track_id}/cancel",
    response_model=Track,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackOver),
)
async def cancel_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> queries.Track:
    """Cancel a track. Its participants are notified."""
    await actions.cancel_track(db, track_id=track_id, actor=user.actor, now=now)
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.post(
    "/tracks/{track_id}/copy",
    status_code=201,
    response_model=Track,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound),
)
async def copy_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> queries.Track:
    """Copy a track for another group."""
    copy_id = await starters.copy_track(db, track_id=track_id, actor=user.actor, now=now)
    return await queries.track(db, track_id=copy_id, viewer=user.actor, now=now)


@router.post(
    "/tracks/{track_id}/enroll",
    status_code=201,
    response_model=Enrollment,
    responses=refuses(
        *SIGNED_IN, TrackNotFound, AlreadyEnrolled, TrackFull, TrackLeft, TrackStarted, TrackOver, HeadStart
    ),
)
async def enroll(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> enrollment.Enrollment:
    """Enroll. Taking the last place starts the track, unless it starts on a date or waits for its starting hours."""
    return await enrollment.enroll(db, track_id=track_id, user_id=user.user_id, now=now)


@router.delete(
    "/tracks/{track_id}/enroll",
    status_code=204,
    responses=refuses(*SIGNED_IN, TrackNotFound, NotEnrolled, TrackLeft, TrackStarted, TrackOver),
)
async def leave(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Leave a track before it starts."""
    await enrollment.leave(db, track_id=track_id, user_id=user.user_id, now=now)
    return Response(status_code=204)


@router.get(
    "/tracks/{track_id}/assignments",
    response_model=list[Assignment],
    responses=refuses(*SIGNED_IN, TrackNotFound),
)
async def list_assignments(track_id: Id, user: CurrentUser, db: Reader, now: Now) -> list[attempts.AssignmentView]:
    """List the assignments in order, with their calendar and your state in each."""
    return await attempts.assignments(db, track_id=track_id, user_id=user.user_id, sees_all=user.is_admin, now=now)


@router.get(
    "/tracks/{track_id}/assignments/current",
    response_model=CurrentAssignment,
    responses=refuses(*SIGNED_IN, NotEnrolled, TrackNotStarted, TrackCompleted, TrackCancelled),
)
async def show_current_assignment(
    track_id: Id, user: CurrentUser, services: Running, now: Now
) -> attempts.CurrentAssignment:
    """Show your current assignment, the required reviews and your submission."""
    async with services.database.connection() as db:
        return await attempts.current_assignment(db, track_id=track_id, user_id=user.user_id, now=now)


@router.get(
    "/assignments/{assignment_id}",
    response_model=Assignment,
    responses=refuses(*SIGNED_IN, NotAParticipant, AssignmentNotFound),
)
async def show_assignment(assignment_id: Id, user: CurrentUser, db: Reader, now: Now) -> attempts.AssignmentView:
    """Show one assignment."""
    return await attempts.assignment(
        db, assignment_id=assignment_id, user_id=user.user_id, sees_all=user.is_admin, now=now
    )


@router.patch(
    "/assignments/{assignment_id}",
    response_model=Assignment,
    responses=refuses(
        *SIGNED_IN,
        NotTheAuthor,
        AssignmentNotFound,
        TrackOver,
        CalendarOpen,
        DeadlinePassed,
        DeadlineNotLater,
        DeadlineTooFar,
        VersionConflict,
    ),
)
async def extend_deadline(
    assignment_id: Id, extension: DeadlineExtension, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> attempts.AssignmentView:
    """Move a deadline for all participants. Later dates move by the same amount, and participants are notified."""
    await extensions.extend_deadline(
        db,
        assignment_id=assignment_id,
        due_at=extension.due_at,
        actor=user.actor,
        seen=seen,
        now=now,
    )
    return await attempts.assignment(
        db, assignment_id=assignment_id, user_id=user.user_id, sees_all=user.is_admin, now=now
    )
