"""The people of a track: staff, participants, and who its author is."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from learning_platform.attempts.rules import NotEnrolled, ParticipantNotFound, TrackNotStarted
from learning_platform.enrollment.rules import NotWaiting, TrackFull
from learning_platform.people import (
    hand_over,
    listing,
    removal,
    staff,
)
from learning_platform.people.rules import (
    AuthorOfTrack,
    HasSubmitted,
    NoOffer,
    NotOnTheStaff,
    UserNotFound,
)
from learning_platform.tracks import queries as tracks
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import DeadlinePassed, NotTheAuthor, TrackNotFound, TrackOver
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    Now,
    PageParams,
    Reader,
    Transaction,
    Username,
)
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.people import (
    NewOffer,
    NewRemoval,
    Offer,
    Participant,
    Replacement,
    StaffChange,
    StaffMember,
)
from learning_platform.web.schemas.texts import IDENTIFIER
from learning_platform.web.schemas.tracks import Track

router = APIRouter(route_class=ApiRoute, tags=["People"])
STAFF = (*SIGNED_IN, NotTheAuthor, TrackNotFound)
Named = Annotated[str, Query(max_length=64, pattern=NO_NUL, description="A part of the name."), IDENTIFIER]


@router.get("/tracks/{track_id}/staff", response_model=list[StaffMember], responses=refuses(*SIGNED_IN, TrackNotFound))
async def list_staff(track_id: Id, user: CurrentUser, db: Reader) -> list[staff.StaffMember]:
    """List the staff of a track, its author first."""
    await access_to_track(db, track_id=track_id, actor=user.actor)
    return await staff.staff_of(db, track_id=track_id)


@router.get(
    "/tracks/{track_id}/staff/{username}",
    response_model=StaffMember,
    responses=refuses(*SIGNED_IN, TrackNotFound, NotOnTheStaff),
)
async def show_staff_member(track_id: Id, username: Username, user: CurrentUser, db: Reader) -> staff.StaffMember:
    """Show the role of a user on the staff."""
    await access_to_track(db, track_id=track_id, actor=user.actor)
    return await staff.staff_member(db, track_id=track_id, username=username)


@router.put(
    "/tracks/{track_id}/staff/{username}",
    response_model=StaffMember,
    responses=refuses(*STAFF, UserNotFound, AuthorOfTrack),
)
async def set_staff_role(
    track_id: Id, username: Username, change: StaffChange, user: CurrentUser, db: Transaction, now: Now
) -> staff.StaffMember:
    """Add a user to the staff, or change their role. They are notified."""
    return await staff.set_staff_role(
        db, track_id=track_id, username=username, role=change.role, actor=user.actor, now=now
    )


@router.delete(
    "/tracks/{track_id}/staff/{username}",
    status_code=204,
    responses=refuses(*STAFF, UserNotFound, NotOnTheStaff, AuthorOfTrack),
)
async def remove_from_staff(track_id: Id, username: Username, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Remove a user from the staff, or leave it yourself."""
    await staff.remove_staff(db, track_id=track_id, username=username, actor=user.actor, now=now)
    return Response(status_code=204)


@router.get(
    "/tracks/{track_id}/people",
    response_model=list[Participant],
    responses=refuses(*STAFF, TakesPart) | LINK_HEADER,
)
async def list_people(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    request: Request,
    response: Response,
    state: listing.ParticipantState | None = None,
    has_submitted: bool | None = None,
    q: Named = "",
) -> Sequence[listing.Participant]:
    """List participants, those who left and those who were removed, for the staff."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await listing.people(
        db, access, state=state, has_submitted=has_submitted, search=q, after=page.after, limit=page.limit
    )
    return paged(found, page, request, response)


@router.delete(
    "/tracks/{track_id}/participants/{username}",
    status_code=204,
    responses=refuses(*STAFF, TakesPart, UserNotFound, ParticipantNotFound, NotEnrolled, TrackOver),
)
async def remove_participant(
    track_id: Id, username: Username, new: NewRemoval, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Remove a participant, who reads the reason and cannot enroll again unless you allow it."""
    await removal.remove_participant(
        db, track_id=track_id, username=username, reason=new.reason, actor=user.actor, now=now
    )
    return Response(status_code=204)


@router.post(
    "/tracks/{track_id}/participants/{username}/replace",
    status_code=204,
    responses=refuses(
        *STAFF,
        TakesPart,
        UserNotFound,
        ParticipantNotFound,
        TrackNotStarted,
        HasSubmitted,
        NotWaiting,
        TrackOver,
        DeadlinePassed,
        TrackFull,
    ),
)
async def replace_participant(
    track_id: Id, username: Username, new: Replacement, user: CurrentUser, db: Transaction, now: Now
) -> Response:
    """Let a waiting user in, in place of a participant who has submitted nothing; until the first deadline."""
    await removal.replace_participant(
        db,
        track_id=track_id,
        username=username,
        admitted_id=new.admitted_id,
        reason=new.reason,
        actor=user.actor,
        now=now,
    )
    return Response(status_code=204)


@router.delete(
    "/tracks/{track_id}/removals/{username}",
    status_code=204,
    responses=refuses(*STAFF, TakesPart, UserNotFound, ParticipantNotFound),
)
async def allow_again(track_id: Id, username: Username, user: CurrentUser, db: Transaction) -> Response:
    """Let a user who was removed enroll again."""
    await removal.allow_again(db, track_id=track_id, username=username, actor=user.actor)
    return Response(status_code=204)


@router.get("/tracks/{track_id}/hand-over", response_model=Offer, responses=refuses(*STAFF, NoOffer))
async def show_offer(track_id: Id, user: CurrentUser, db: Reader, now: Now) -> hand_over.Offer:
    """Show the offer of a track, to its author and to the user to whom it is offered."""
    return await hand_over.seen_offer(db, track_id=track_id, actor=user.actor, now=now)


@router.post(
    "/tracks/{track_id}/hand-over",
    status_code=204,
    responses=refuses(*STAFF, UserNotFound, AuthorOfTrack),
)
async def offer_track(track_id: Id, new: NewOffer, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Offer a track to a user, who becomes its author by accepting. An administrator can take it over."""
    await hand_over.hand_over(db, track_id=track_id, username=new.username, actor=user.actor, now=now)
    return Response(status_code=204)


@router.post(
    "/tracks/{track_id}/hand-over/accept",
    response_model=Track,
    responses=refuses(*SIGNED_IN, TrackNotFound, NoOffer),
)
async def accept_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> tracks.Track:
    """Become the author of a track that is offered to you."""
    await hand_over.accept_track(db, track_id=track_id, user_id=user.user_id, now=now)
    return await tracks.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.delete("/tracks/{track_id}/hand-over", status_code=204, responses=refuses(*STAFF, NoOffer))
async def end_offer(track_id: Id, user: CurrentUser, db: Transaction) -> Response:
    """Withdraw the offer of a track, or decline it."""
    await hand_over.end_offer(db, track_id=track_id, actor=user.actor)
    return Response(status_code=204)
