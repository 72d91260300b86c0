"""What the links in emails lead to: confirm an address, stop emails, choose a new password.

Programs that look through mail follow its links, so a link only shows a button; what it does is done by the button.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from learning_platform.accounts import email_links as mailbox
from learning_platform.accounts.networks import network_of
from learning_platform.accounts.password_rules import ensure_hard_to_guess
from learning_platform.accounts.rules import BadLink, TooManyEmails, inbox_of
from learning_platform.core.database import Connection
from learning_platform.core.languages import N_
from learning_platform.notifications.mail import preferences
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.messages import WORDINGS
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Reader, Running, Token, Transaction, begin
from learning_platform.web.http.redirects import safe_path
from learning_platform.web.pages.kit.cookies import NEXT_COOKIE, next_of
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, Viewer, viewer_of
from learning_platform.web.schemas.accounts import ForgottenPassword, NewPassword
from learning_platform.web.services import Services

router = page_router()
# A mail program unsubscribes its reader by one POST, without a cookie and from elsewhere (RFC 8058).
one_click = APIRouter(dependencies=[Depends(viewer_of)], include_in_schema=False)
Sent = Annotated[bool, Query()]
# What a link in a digest is about, and how it is called: it stops all emails about notifications.
DIGEST, DIGEST_LABEL = "digest", N_("Daily digest")


@router.get("/confirm/{token}")
async def show_confirmation(request: Request, token: Token) -> Response:
    """Ask whether the address is to be confirmed."""
    return page(request, "confirm.html", token=token)


@router.post("/confirm/{token}")
async def confirm(
    request: Request, token: Token, viewer: CurrentViewer, services: Running, db: Transaction
) -> Response:
    """Confirm an address."""
    await mailbox.confirm_email(db, token=token, links=services.links, now=viewer.now)
    onward = safe_path(next_of(request) or ("/" if viewer.session is None else "/settings/mail"))
    response = redirect_to(onward, notice="confirmed")
    response.delete_cookie(NEXT_COOKIE, httponly=True, samesite="lax")
    return response


@router.get("/password/forgotten")
async def show_forgotten(request: Request, viewer: CurrentViewer, sent: Sent = False) -> Response:
    """Show the form that sends a link; then what happens next."""
    return _forgotten(request, Form(viewer.language), sent=sent)


@router.post("/password/forgotten")
async def ask_for_reset(request: Request, viewer: CurrentViewer, services: Running, form: TypedForm) -> Response:
    """Send a link to choose a new password, if a user has this address; the answer does not say so."""
    with form.refusing() as fields:
        asked = fields.read(ForgottenPassword)
        await _send_reset(services, asked.email, network_of(client_address(request)), viewer)
        return redirect_to("/password/forgotten?sent=true")
    return _forgotten(request, form, sent=False)


@router.get("/password/{token}")
async def show_reset(request: Request, token: Token, viewer: CurrentViewer, services: Running, db: Reader) -> Response:
    """Show the form to choose a new password with."""
    return await _reset(request, db, services, token, viewer, form=Form(viewer.language))


@router.post("/password/{token}")
async def reset(request: Request, token: Token, viewer: CurrentViewer, services: Running, form: TypedForm) -> Response:
    """Replace a forgotten password; every session ends, and one signs in with the new one."""
    async with services.database.connection() as db:
        whose = await mailbox.ensure_reset_link(db, token=token, links=services.links, now=viewer.now)
    with form.refusing() as fields:
        chosen, address = fields.read(NewPassword), client_address(request)
        ensure_hard_to_guess(chosen.password, username=whose.username, email=whose.email)
        password_hash = await services.passwords.hash(chosen.password, network=network_of(address))
        async with begin(services) as db:
            user_id = await mailbox.reset_password(
                db, token=token, password_hash=password_hash, links=services.links, now=viewer.now
            )
            await services.sign_in.remember_network(db, user_id=user_id, address=address, now=viewer.now)
        return redirect_to("/sign-in", notice="password_chosen")
    async with services.database.connection() as db:
        return await _reset(request, db, services, token, viewer, form=form)


@router.get("/unsubscribe/{token}")
async def show_unsubscription(request: Request, token: Token, viewer: CurrentViewer, services: Running) -> Response:
    """Ask whether mail of this kind is to stop."""
    return page(request, "unsubscribe.html", token=token, kind=_kind(services, token, viewer), is_done=False)


@one_click.post("/unsubscribe/{token}")
async def unsubscribe(
    request: Request, token: Token, viewer: CurrentViewer, services: Running, db: Transaction
) -> Response:
    """Stop mail of one kind. The link is enough: it came with an email of this kind."""
    link = services.links.read("unsubscription", token, now=viewer.now)
    kind = _kind(services, token, viewer)
    if link.about == DIGEST:
        await preferences.stop_mail(db, user_id=link.user_id)
    else:
        await preferences.stop_mail_type(db, user_id=link.user_id, type=link.about)
    return page(request, "unsubscribe.html", token=token, kind=kind, is_done=True)


async def _send_reset(services: Services, email: str, network: str, viewer: Viewer) -> None:
    """Send the email if there is a user to send it to. Raises TooManyEmails after too many requests."""
    now, limits = viewer.now, services.limits
    async with begin(services) as db:
        await limits.use(db, "emails_address", network, now=now, refusal=TooManyEmails)
        to = await mailbox.addressee_by_email(db, email=email)
        # That an inbox has had enough is not said: what was sent is on its way all the same.
        if to is not None and await limits.try_use(db, "emails", inbox_of(to.email), now=now):
            await mail.queue_requested_email(db, user_id=to.id, kind="reset", now=now)


def _forgotten(request: Request, form: Form, *, sent: bool) -> Response:
    return page(request, "password_forgotten.html", status=form.status, form=form, sent=sent)


async def _reset(
    request: Request, db: Connection, services: Services, token: str, viewer: Viewer, *, form: Form
) -> Response:
    whose = await mailbox.ensure_reset_link(db, token=token, links=services.links, now=viewer.now)
    return page(request, "password_reset.html", status=form.status, token=token, username=whose.username, form=form)


def _kind(services: Services, token: str, viewer: Viewer) -> str:
    """Return the title of the kind of mail that a link stops. Raises BadLink."""
    link = services.links.read("unsubscription", token, now=viewer.now)
    if link.about == DIGEST:
        return DIGEST_LABEL
    for type, wording in WORDINGS.items():
        if type == link.about:
            return wording.label
    raise BadLink
