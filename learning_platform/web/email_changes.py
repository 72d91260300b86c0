"""Change an email address: what pages and API do alike, with its emails."""

from datetime import datetime

from learning_platform.accounts import email_changes
from learning_platform.accounts.actions import lock_account
from learning_platform.accounts.email_changes import EmailChange
from learning_platform.accounts.queries import LiveSession
from learning_platform.accounts.rules import NoMail, TooManyEmails, WrongPassword, inbox_of
from learning_platform.core.database import Connection
from learning_platform.notifications.mail.queue import queue_change_email
from learning_platform.web.http.dependencies import begin
from learning_platform.web.identity_checks import check_identity, has_password
from learning_platform.web.services import Services


async def request_change(
    services: Services, *, user: LiveSession, email: str, password: str | None, address: str, now: datetime
) -> EmailChange:
    """Check who asks, store the change and send the emails: a link to the new address, a notice to the old one.

    Raises NoMail, SignInAgain, WrongPassword, TooManyAttempts, TooManyEmails, EmailUnchanged.
    """
    if not services.sends_mail:
        raise NoMail
    if password is None and await has_password(services, user):
        raise WrongPassword(loc=("body", "password"))
    checked_hash = await check_identity(services, user=user, password=password, address=address, now=now)
    async with begin(services) as db:
        whose = f"change of address by user {user.user_id}"
        await services.limits.use(db, "emails", whose, now=now, refusal=TooManyEmails)
        # Nothing is said of an inbox that has had enough: emails to it may be those of another account.
        is_within = await services.limits.try_use(db, "emails", inbox_of(email), now=now)
        await lock_account(db, user_id=user.user_id, checked_hash=checked_hash)
        change = await email_changes.request_change(db, user_id=user.user_id, email=email, now=now)
        if is_within:
            await queue_change_email(db, user_id=user.user_id, kind="email_change", change_id=change.id, now=now)
        await _notify_former_address(db, change, now=now)
    return change


async def confirm_change(db: Connection, services: Services, *, token: str, user_id: int, now: datetime) -> None:
    """Change the address and notify the former one; a link that was used does nothing. Raises as the action."""
    changed = await email_changes.confirm_change(db, token=token, links=services.links, user_id=user_id, now=now)
    if changed is not None and services.sends_mail:
        await _notify_former_address(db, changed, now=now)


async def _notify_former_address(db: Connection, change: EmailChange, *, now: datetime) -> None:
    if change.undo_until is not None:
        await queue_change_email(db, user_id=change.user_id, kind="email_change_notice", change_id=change.id, now=now)
