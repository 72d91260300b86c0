"""Waiting lists of full tracks, and places that were received from them."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from learning_platform.attempts.rules import NotEnrolled, TrackLeft
from learning_platform.enrollment import declining, waiting_list
from learning_platform.enrollment.rules import (
    AlreadyEnrolled,
    DeclineOver,
    HeadStart,
    NotWaiting,
    PlacesFree,
    RemovedFromTrack,
    TrackFull,
)
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.rules import (
    DeadlinePassed,
    NotTheAuthor,
    TrackIsDraft,
    TrackNotFound,
    TrackOver,
    TrackStarted,
)
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, PageParams, Reader, Running, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.waiting_list import Waiting

router = APIRouter(route_class=ApiRoute, tags=["Tracks"])


@router.post(
    "/tracks/{track_id}/waiting-list",
    status_code=201,
    response_model=Waiting,
    responses=refuses(
        *SIGNED_IN,
        TrackNotFound,
        AlreadyEnrolled,
        TrackLeft,
        TrackIsDraft,
        TrackStarted,
        TrackOver,
        PlacesFree,
        HeadStart,
        RemovedFromTrack,
    ),
)
async def join_waiting_list(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> waiting_list.Waiting:
    """Wait for a place on a full track, until its first deadline. Joining again keeps your position."""
    await waiting_list.join(db, track_id=track_id, user_id=user.user_id, now=now)
    place = await waiting_list.place_of(db, track_id=track_id, user_id=user.user_id)
    if place is None:
        raise NotWaiting
    return place


@router.get(
    "/tracks/{track_id}/waiting-list",
    response_model=list[Waiting],
    responses=refuses(*SIGNED_IN, TrackNotFound) | LINK_HEADER,
)
async def show_waiting_list(
    track_id: Id, user: CurrentUser, db: Reader, page: PageParams, request: Request, response: Response
) -> Sequence[waiting_list.Waiting]:
    """List who waits for a place: staff see all, other users themselves."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await waiting_list.waiting(
        db,
        track_id=track_id,
        only_user_id=None if access.may("invite") else user.user_id,
        after=page.after,
        limit=page.limit,
    )
    return paged(found, page, request, response)


@router.delete(
    "/tracks/{track_id}/waiting-list", status_code=204, responses=refuses(*SIGNED_IN, TrackNotFound, NotWaiting)
)
async def leave_waiting_list(track_id: Id, user: CurrentUser, db: Transaction) -> Response:
    """Wait no more."""
    await waiting_list.withdraw(db, track_id=track_id, user_id=user.user_id)
    return Response(status_code=204)


@router.post(
    "/tracks/{track_id}/waiting-list/{user_id}/admit",
    status_code=204,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackOver, DeadlinePassed, TrackFull, NotWaiting),
)
async def admit(track_id: Id, user_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Let a waiting user in, in place of a participant who has left a running track; until the first deadline."""
    await waiting_list.admit(db, track_id=track_id, user_id=user_id, actor=user.actor, now=now)
    return Response(status_code=204)


@router.post(
    "/tracks/{track_id}/decline",
    status_code=204,
    responses=refuses(*SIGNED_IN, TrackNotFound, NotEnrolled, TrackStarted, TrackOver, DeclineOver),
)
async def decline(track_id: Id, user: CurrentUser, services: Running, db: Transaction, now: Now) -> Response:
    """Decline a place from the waiting list; the next user on it gets the place.

    After the start this is possible for some hours (`SEAT_DECLINE_HOURS`), before the first deadline and until you
    submit something.
    """
    within = timedelta(hours=services.settings.seat_decline_hours)
    await declining.decline(db, track_id=track_id, user_id=user.user_id, within=within, now=now)
    return Response(status_code=204)
