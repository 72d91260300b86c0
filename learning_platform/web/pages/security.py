"""Settings: what one signs in with, the password, and the sessions."""

from fastapi import Request, Response

from learning_platform.accounts import actions, email_changes, email_links, queries, sessions
from learning_platform.accounts.external.identities import ways_in
from learning_platform.accounts.networks import network_of
from learning_platform.accounts.password_rules import ensure_hard_to_guess
from learning_platform.accounts.rules import WrongPassword
from learning_platform.core.database import Connection
from learning_platform.notifications.mail import queue as mail
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Id, Running, begin
from learning_platform.web.identity_checks import check_identity, has_password
from learning_platform.web.pages.kit.external_accounts import shown_ways_in
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.accounts import NewPassword, PasswordChange
from learning_platform.web.services import Services

router = page_router()


@router.get("/settings/security")
async def show_security(request: Request, viewer: CurrentViewer, services: Running, _user: SignedIn) -> Response:
    """Show the email address, the password, linked accounts and sessions."""
    return await security_page(request, viewer, services)


@router.get("/settings/password")
async def show_form(_user: SignedIn) -> Response:
    """Redirect a reload of a rejected form to its page."""
    return redirect_to("/settings/security#password-title")


@router.post("/settings/password")
async def change_password(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change the password; every other session ends."""
    address = client_address(request)
    with form.refusing({WrongPassword: "current_password"}) as fields:
        with_password = await has_password(services, user)
        chosen: NewPassword = fields.read(PasswordChange if with_password else NewPassword)
        typed = chosen.current_password if isinstance(chosen, PasswordChange) else None
        checked_hash = await check_identity(services, user=user, password=typed, address=address, now=viewer.now)
        async with services.database.connection() as db:
            email = (await queries.signed_in_user(db, user_id=user.user_id)).email
        ensure_hard_to_guess(chosen.password, username=user.username, email=email)
        password_hash = await services.passwords.hash(chosen.password, network=network_of(address))
        async with begin(services) as db:
            await actions.change_password(
                db,
                user_id=user.user_id,
                password_hash=password_hash,
                checked_hash=checked_hash,
                except_session_id=user.session_id,
                now=viewer.now,
            )
        notice = "password_changed" if with_password else "password_set"
        return redirect_to("/settings/security#password-title", notice=notice)
    return await security_page(request, viewer, services, password=form)


@router.post("/settings/sessions")
async def sign_out_elsewhere(viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """End every session but this one."""
    async with begin(services) as db:
        await sessions.revoke_other_sessions(
            db, user_id=user.user_id, except_session_id=user.session_id, now=viewer.now
        )
    return redirect_to("/settings/security#sessions", notice="signed_out_elsewhere")


@router.post("/settings/sessions/{session_id}/end")
async def end_session(session_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """End one session."""
    async with begin(services) as db:
        await sessions.end_session(db, user_id=user.user_id, session_id=session_id, now=viewer.now)
    services.revocations.note_session(session_id)
    return redirect_to("/settings/security#sessions", notice="session_ended")


async def security_page(
    request: Request,
    viewer: Viewer,
    services: Services,
    *,
    email: Form | None = None,
    password: Form | None = None,
) -> Response:
    """Return the page, with a form that was refused."""
    assert viewer.session is not None
    user_id, now = viewer.session.user_id, viewer.now
    refused = email or password
    async with services.database.connection() as db:
        return page(
            request,
            "settings_security.html",
            status=refused.status if refused else 200,
            email_form=email or Form(viewer.language),
            password_form=password or Form(viewer.language),
            to=await email_links.addressee(db, user_id=user_id),
            **await _change_of_email(db, viewer),
            sessions=await queries.sessions_of(db, user_id=user_id, now=now),
            session_lifetime=services.refresh_lifetime,
            is_fresh=viewer.session.is_fresh(now=now),
            **shown_ways_in(services, await ways_in(db, user_id=user_id)),
        )


async def _change_of_email(db: Connection, viewer: Viewer) -> dict[str, object]:
    """Return the change of the address that waits for its link."""
    assert viewer.session is not None
    change = await email_changes.pending_change(db, user_id=viewer.session.user_id, now=viewer.now)
    is_rejected = change is not None and await mail.is_change_rejected(db, change_id=change.id)
    return {"email_change": change, "is_change_rejected": is_rejected}
