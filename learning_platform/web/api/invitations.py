"""Invitations to a track: links, a roster, and what an invited person does with one."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from learning_platform.accounts.rules import TooManyEmails
from learning_platform.attempts.rules import TrackLeft
from learning_platform.enrollment.rules import AlreadyEnrolled, RemovedFromTrack, TrackFull
from learning_platform.people import (
    accepting,
    invitation_mail,
    invitations,
    inviting,
)
from learning_platform.people.rules import (
    AlreadyStaff,
    InvitationExpiry,
    InvitationNotFound,
    NotByEmail,
    SendsNoEmail,
    TooManyInvitations,
)
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
    begin,
)
from learning_platform.web.http.invitations import ensure_sends_email, found_invitation
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.people import (
    Accepted,
    CreatedInvitation,
    Invitation,
    Invited,
    NewInvitation,
    NewRoster,
    RosterReport,
)

router = APIRouter(route_class=ApiRoute, tags=["People"])
STAFF = (*SIGNED_IN, NotTheAuthor, TrackNotFound)


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


@router.post("/tracks/{track_id}/roster", response_model=RosterReport, responses=refuses(*STAFF, TooManyEmails))
async def invite_roster(
    track_id: Id, roster: NewRoster, user: CurrentUser, services: Running, db: Transaction, now: Now
) -> inviting.RosterReport:
    """Preview a list of people, or invite them: each gets a link that works once, by email if the site sends any."""
    if not roster.confirm:
        return await inviting.preview_roster(db, track_id=track_id, text=roster.csv, actor=user.actor, now=now)
    return await inviting.invite_roster(
        db,
        track_id=track_id,
        text=roster.csv,
        actor=user.actor,
        links=services.links,
        email_limits=services.limits if roster.send and services.sends_mail else None,
        now=now,
    )


@router.post(
    "/invitations/{invitation_id}/send",
    status_code=204,
    responses=refuses(*STAFF, InvitationNotFound, NotByEmail, SendsNoEmail, TooManyEmails),
)
async def send_invitation(
    invitation_id: Id, user: CurrentUser, services: Running, db: Transaction, now: Now
) -> Response:
    """Send the invitation of one person by email again. It is then valid for another month."""
    ensure_sends_email(services)
    await invitation_mail.resend(db, invitation_id=invitation_id, limits=services.limits, actor=user.actor, now=now)
    return Response(status_code=204)


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
