"""Invitations: the links of a track for its staff, and the page of an invitation, which needs no account."""

from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.queries import LiveSession
from learning_platform.core.database import Connection
from learning_platform.enrollment.rules import AlreadyEnrolled
from learning_platform.people import accepting, invitation_mail, invitations
from learning_platform.people.rules import LINK_LIFETIME, AlreadyStaff, gains_by
from learning_platform.tracks.queries import VISITOR
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Token, Transaction, begin
from learning_platform.web.http.invitations import ensure_sends_email, found_invitation
from learning_platform.web.pages.kit.datetime_input import datetime_input_value, parse_datetime_input
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import list_page, track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.people import NewInvitation

router = page_router()
INVITATIONS_PER_PAGE = 50
After = Annotated[int, Query(ge=0, le=MAX_ID)]


@router.get("/tracks/{track_id}/invitations")
async def show_invitations(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader, after: After = 0
) -> Response:
    """Show the invitations to a track, and a form to create a link."""
    return await _invitations(request, db, track_id, viewer, user, form=Form(viewer.language), after=after)


@router.post("/tracks/{track_id}/invitations")
async def create_link(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Create a link, and show it: only this answer has it."""
    created = None
    with form.refusing() as fields:
        ends = parse_datetime_input(form["expires_at"], viewer.zone) if form["expires_at"] else None
        new = fields.read(NewInvitation, expires_at=ends)
        async with begin(services) as db:
            created = await invitations.create_link(
                db,
                track_id=track_id,
                role=new.role,
                max_uses=new.max_uses,
                expires_at=new.expires_at,
                actor=user.actor,
                now=viewer.now,
            )
    async with services.database.connection() as db:
        address = f"{services.settings.public_url}/invitations/{created.token}" if created else None
        shown = Form(viewer.language) if created else form
        return await _invitations(request, db, track_id, viewer, user, form=shown, created=address)


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(invitation_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Withdraw an invitation."""
    track_id = await invitations.withdraw(db, invitation_id=invitation_id, actor=user.actor, now=now)
    return redirect_to(f"/tracks/{track_id}/invitations", notice="invitation_withdrawn")


@router.post("/invitations/{invitation_id}/send")
async def send_again(invitation_id: Id, user: SignedIn, services: Running, db: Transaction, now: Now) -> Response:
    """Send the invitation of one person by email again."""
    ensure_sends_email(services)
    track_id = await invitation_mail.resend(
        db, invitation_id=invitation_id, limits=services.limits, actor=user.actor, now=now
    )
    return redirect_to(f"/tracks/{track_id}/invitations", notice="invitation_sent")


@router.get("/invitations/{token}")
async def show_invitation(request: Request, token: Token, viewer: CurrentViewer, services: Running) -> Response:
    """Show the track to an invited person, who may have no account yet."""
    found = await found_invitation(request, services, token=token, viewer=_actor(viewer))
    is_on_staff = not gains_by(found.role, present=found.track.staff_role)
    return page(request, "invitation.html", invited=found, token=token, track=found.track, is_on_staff=is_on_staff)


@router.post("/invitations/{token}/accept")
async def accept(request: Request, token: Token, viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """Enroll, or join the staff; a second click leads to the track, too."""
    found = await found_invitation(request, services, token=token, viewer=user.actor)
    track_path = f"/tracks/{found.track.id}"
    try:
        async with begin(services) as db:
            accepted = await accepting.accept(db, token=token, user_id=user.user_id, now=viewer.now)
    except (AlreadyEnrolled, AlreadyStaff):
        return redirect_to(track_path)
    if accepted.role != "participant":
        return redirect_to(track_path, notice="staff_joined")
    return redirect_to(track_path, notice="track_started" if accepted.track_started else "enrolled")


@router.post("/invitations/{token}/decline")
async def decline(request: Request, token: Token, user: SignedIn, services: Running, now: Now) -> Response:
    """Decline an invitation that was sent by email."""
    await found_invitation(request, services, token=token, viewer=user.actor)
    async with begin(services) as db:
        await accepting.decline(db, token=token, user_id=user.user_id, now=now)
    return redirect_to("/", notice="invitation_declined")


def _actor(viewer: Viewer) -> Actor:
    return VISITOR if viewer.session is None else viewer.session.actor


async def _invitations(
    request: Request,
    db: Connection,
    track_id: int,
    viewer: Viewer,
    user: LiveSession,
    *,
    form: Form,
    created: str | None = None,
    after: int = 0,
) -> Response:
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    found = await invitations.invitations(
        db, track_id=track_id, actor=user.actor, after=after, limit=INVITATIONS_PER_PAGE + 1, now=viewer.now
    )
    return page(
        request,
        "board_invitations.html",
        status=form.status,
        header=header,
        part=list_page(request, found, size=INVITATIONS_PER_PAGE, after=after),
        form=form,
        created=created,
        earliest=datetime_input_value(viewer.now, viewer.zone),
        usual_end=datetime_input_value(viewer.now + LINK_LIFETIME, viewer.zone),
    )
