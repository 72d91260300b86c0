"""The email that confirms an address when an account is made."""

from datetime import datetime

from learning_platform.accounts.rules import inbox_of
from learning_platform.core.database import Connection
from learning_platform.notifications.mail.queue import queue_requested_email
from learning_platform.web.services import Services


async def send_confirmation(db: Connection, services: Services, *, user_id: int, email: str, now: datetime) -> None:
    """Send the email, unless its inbox has had too many: the address may belong to another person.

    It can be sent again from the settings.
    """
    if services.sends_mail and await services.limits.try_use(db, "emails", inbox_of(email), now=now):
        await queue_requested_email(db, user_id=user_id, kind="confirmation", now=now)
