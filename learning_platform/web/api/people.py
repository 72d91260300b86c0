"""The people of a track: staff, invitations, participants, and who its author is."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from learning_platform.attempts.rules import NotEnrolled, ParticipantNotFound, TrackLeft
from learning_platform.enrollment.rules import AlreadyEnrolled, RemovedFromTrack, TrackFull
from learning_platform.people import accepting, hand_over, invitations, inviting, listing, removal, staff
from learning_platform.people.rules import (
    AlreadyStaff,
    AuthorOfTrack,
    InvitationExpiry,
    InvitationNotFound,
    NoOffer,
    NotOnTheStaff,
    TooManyInvitations,
    UserNotFound,
)
from learning_platform.tracks import queries as tracks
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import NotTheAuthor, TrackIsDraft, TrackNotFound, TrackOver, TrackStarted
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    Now,
    PageParams,
    Reader,
    Running,
    Token,
    Transaction,
    Username,
    begin,
)
from learning_platform.web.http.invitations import found_invitation
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.people import (
    Accepted,
    CreatedInvitation,
    Invitation,
    Invited,
    NewInvitation,
    NewOffer,
    NewRemoval,
    NewRoster,
    Offer,
    Participant,
    RosterReport,
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


@router.get("/tracks/{track_id}/invitations", response_model=list[Invitation], responses=refuses(*STAFF) | LINK_HEADER)
async def list_invitations(
    track_id: Id, user: CurrentUser, db: Reader, now: Now, page: PageParams, request: Request, response: Response
) -> Sequence[invitations.Invitation]:
    """List the invitations to a track, also those that have ended."""
    found = await invitations.invitations(
        db, track_id=track_id, actor=user.actor, after=page.after, limit=page.limit, now=now
    )
    return paged(found, page, request, response)


@router.post(
    "/tracks/{track_id}/invitations",
    status_code=201,
    response_model=CreatedInvitation,
    responses=refuses(*STAFF, InvitationExpiry, TooManyInvitations),
)
async def create_invitation(
    track_id: Id, new: NewInvitation, user: CurrentUser, db: Transaction, now: Now
) -> invitations.NewInvitation:
    """Create an invitation link. Only the author can invite to the staff."""
    return await invitations.create_link(
        db,
        track_id=track_id,
        role=new.role,
        max_uses=new.max_uses,
        expires_at=new.expires_at,
        actor=user.actor,
        now=now,
    )


@router.post("/tracks/{track_id}/roster", response_model=RosterReport, responses=refuses(*STAFF))
async def invite_roster(
    track_id: Id, roster: NewRoster, user: CurrentUser, db: Transaction, now: Now
) -> inviting.RosterReport:
    """Preview a list of people, or invite them: each gets a link that works once."""
    act = inviting.invite_roster if roster.confirm else inviting.preview_roster
    return await act(db, track_id=track_id, text=roster.csv, actor=user.actor, now=now)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    responses=refuses(*STAFF, InvitationNotFound),
)
async def withdraw_invitation(invitation_id: Id, user: CurrentUser, db: Transaction, now: Now) -> Response:
    """Withdraw an invitation. Users who accepted it stay."""
    await invitations.withdraw(db, invitation_id=invitation_id, actor=user.actor, now=now)
    return Response(status_code=204)


@router.get("/invitations/{token}", response_model=Invited, responses=refuses(*SIGNED_IN, InvitationNotFound))
async def show_invitation(token: Token, user: CurrentUser, services: Running, request: Request) -> invitations.Invited:
    """Show what an invitation leads to."""
    return await found_invitation(request, services, token=token, viewer=user.actor)


@router.post(
    "/invitations/{token}/accept",
    response_model=Accepted,
    responses=refuses(
        *SIGNED_IN,
        InvitationNotFound,
        AlreadyStaff,
        AlreadyEnrolled,
        RemovedFromTrack,
        TrackFull,
        TrackIsDraft,
        TrackLeft,
        TrackStarted,
        TrackOver,
    ),
)
async def accept_invitation(
    token: Token, user: CurrentUser, services: Running, request: Request, now: Now
) -> accepting.Accepted:
    """Enroll, or join the staff, by an invitation."""
    await found_invitation(request, services, token=token, viewer=user.actor)
    async with begin(services) as db:
        return await accepting.accept(db, token=token, user_id=user.user_id, now=now)


@router.post("/invitations/{token}/decline", status_code=204, responses=refuses(*SIGNED_IN, InvitationNotFound))
async def decline_invitation(
    token: Token, user: CurrentUser, services: Running, request: Request, now: Now
) -> Response:
    """Decline an invitation that was sent by email."""
    await found_invitation(request, services, token=token, viewer=user.actor)
    async with begin(services) as db:
        await accepting.decline(db, token=token, user_id=user.user_id, now=now)
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
    q: Named = "",
) -> Sequence[listing.Participant]:
    """List participants, those who left and those who were removed, for the staff."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await listing.people(db, access, state=state, search=q, after=page.after, limit=page.limit)
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
