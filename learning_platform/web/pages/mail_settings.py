"""Settings: which messages come by email, and when."""

from fastapi import Request, Response

from learning_platform.accounts import email_links
from learning_platform.accounts.rules import TooManyEmails, inbox_of
from learning_platform.notifications.groups import GROUPS
from learning_platform.notifications.mail import preferences
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.messages import WORDINGS, NotificationType
from learning_platform.web.http.dependencies import Running, Transaction, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn
from learning_platform.web.schemas.mail import MailChange
from learning_platform.web.services import Services

router = page_router()


@router.get("/settings/mail")
async def show_mail(request: Request, viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """Show what comes by email."""
    if not services.sends_mail:
        return redirect_to("/settings")
    return await _mail_page(request, services, user.user_id, Form(viewer.language))


@router.post("/settings/mail")
async def choose_mail(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Choose what comes by email, and when."""
    with form.refusing() as fields:
        wanted: list[NotificationType] = [type for type in WORDINGS if form[type] == "yes"]
        off = {name: None for name in ("quiet_from", "quiet_until") if form.values.get(name) == ""}
        change = fields.read(MailChange, types=wanted, **off)
        async with begin(services) as db:
            await preferences.choose_mail(
                db, user_id=user.user_id, seen=form.seen, now=viewer.now, **change.model_dump(exclude_unset=True)
            )
        return redirect_to("/settings/mail", notice="saved")
    return await _mail_page(request, services, user.user_id, form)


@router.post("/settings/mail/confirmation")
async def send_confirmation(viewer: CurrentViewer, user: SignedIn, services: Running, db: Transaction) -> Response:
    """Send the email that confirms the user's address again."""
    to = await email_links.addressee(db, user_id=user.user_id)
    if to is not None and not to.is_confirmed and services.sends_mail:
        await services.limits.use(db, "emails", inbox_of(to.email), now=viewer.now, refusal=TooManyEmails)
        await mail.queue_requested_email(db, user_id=user.user_id, kind="confirmation", now=viewer.now)
    return redirect_to("/settings/security", notice="email_sent")


async def _mail_page(request: Request, services: Services, user_id: int, form: Form) -> Response:
    async with services.database.connection() as db:
        return page(
            request,
            "settings_mail.html",
            status=form.status,
            form=form,
            to=await email_links.addressee(db, user_id=user_id),
            choice=await preferences.mail_choice(db, user_id=user_id),
            groups=GROUPS.values(),
            wordings=WORDINGS,
        )
