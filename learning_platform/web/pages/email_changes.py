"""Change one's email address, confirm the new one, and undo a change that another person made.

As with every link in an email, the link only shows a button (web.pages.mail).
"""

from fastapi import Request, Response

from learning_platform.accounts import email_changes
from learning_platform.accounts.email_links import reset_token
from learning_platform.accounts.rules import EmailTaken, WrongPassword
from learning_platform.web.email_changes import confirm_change, request_change
from learning_platform.web.http.client_address import client_address
from learning_platform.web.http.dependencies import Reader, Running, Token, Transaction, begin
from learning_platform.web.identity_checks import has_password
from learning_platform.web.pages.kit.cookies import forget_session
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn
from learning_platform.web.pages.security import security_page
from learning_platform.web.schemas.accounts import EmailChangeForm, NewEmail

router = page_router()


@router.post("/settings/email")
async def ask_for_change(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Send a link to a new address."""
    with form.refusing({WrongPassword: "email_password"}) as fields:
        asked = fields.read(EmailChangeForm if await has_password(services, user) else NewEmail)
        password = asked.email_password if isinstance(asked, EmailChangeForm) else None
        address = client_address(request)
        await request_change(services, user=user, email=asked.email, password=password, address=address, now=viewer.now)
        return redirect_to("/settings/security", notice="email_change_sent")
    return await security_page(request, viewer, services, email=form)


@router.get("/settings/email")
async def show_form(_user: SignedIn) -> Response:
    """Redirect a reload of a rejected form to its page."""
    return redirect_to("/settings/security")


@router.post("/settings/email/cancel")
async def cancel(viewer: CurrentViewer, user: SignedIn, db: Transaction) -> Response:
    """Cancel the change that waits."""
    await email_changes.cancel_change(db, user_id=user.user_id, now=viewer.now)
    return redirect_to("/settings/security", notice="email_change_cancelled")


@router.get("/email/confirm/{token}")
async def show_confirmation(
    request: Request, token: Token, viewer: CurrentViewer, user: SignedIn, services: Running, db: Reader
) -> Response:
    """Ask whether the address is to change."""
    change = await email_changes.change_to_confirm(
        db, token=token, links=services.links, user_id=user.user_id, now=viewer.now
    )
    return page(request, "email_change.html", token=token, change=change, form=Form(viewer.language))


@router.post("/email/confirm/{token}")
async def confirm(
    request: Request, token: Token, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change the address."""
    with form.refusing():
        async with begin(services) as db:
            await confirm_change(db, services, token=token, user_id=user.user_id, now=viewer.now)
        return redirect_to("/settings/security", notice="email_changed")
    if not isinstance(form.refusal, EmailTaken):
        form.raise_refusal()
    return page(request, "email_change.html", status=form.status, token=token, change=None, form=form)


@router.get("/email/undo/{token}")
async def show_undoing(
    request: Request, token: Token, viewer: CurrentViewer, services: Running, db: Reader
) -> Response:
    """Ask whether the change is to be undone."""
    change, holder = await email_changes.change_to_undo(db, token=token, links=services.links, now=viewer.now)
    return page(request, "email_undo.html", token=token, change=change, username=holder.username)


@router.post("/email/undo/{token}")
async def undo(token: Token, viewer: CurrentViewer, services: Running, db: Transaction) -> Response:
    """Restore the former address, end every session, and let its owner choose a new password."""
    restored = await email_changes.undo_change(db, token=token, links=services.links, now=viewer.now)
    onward = reset_token(services.links, restored, now=viewer.now)
    response = redirect_to(f"/password/{onward}", notice="email_restored")
    forget_session(response, services)
    return response
