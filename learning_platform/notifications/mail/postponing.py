"""Decide whether an email that was taken goes out now, after the quiet hours, or with a digest."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.mail.digests import LOOK_AGAIN_AFTER, add_to_digest
from learning_platform.notifications.mail.preferences import MailChoice
from learning_platform.notifications.mail.queue import Email
from learning_platform.notifications.mail.timing import digest_due_at, held_until, is_urgent
from learning_platform.notifications.queries import Notification

# Returns the notification with present facts, or None if it is out of date.
StillTrue = Callable[[Connection, Notification, datetime], Awaitable[Notification | None]]


class Postponed(Exception):
    """The email goes out later, or with a digest."""


async def postpone_unwanted(
    db: Connection, email: Email, choice: MailChoice, present: Notification | None, *, time_zone: str, now: datetime
) -> None:
    """Postpone an email if its user wants it later. `present`: what it is about, if it is no digest.

    What is due before it would arrive, or soon after, goes out now. Raises Postponed, which is no reason to roll back.
    """
    due_at = None if present is None else present.due_at
    if present is not None and choice.delivery == "daily":
        since = _since(email, present, now=now)
        if not is_urgent(due_at, held_until=digest_due_at(choice, time_zone, after=since)):
            await add_to_digest(db, email, since=since, now=now)
            raise Postponed
    quiet_until = held_until(choice, time_zone, now=now)
    if quiet_until is not None and not is_urgent(due_at, held_until=quiet_until):
        await mail.put_off(db, email, until=min(quiet_until, now + LOOK_AGAIN_AFTER))
        raise Postponed


def _since(email: Email, present: Notification, *, now: datetime) -> datetime:
    """Return the time whose next digest is wanted: that of the event if mail was down since, or that of the email."""
    was_delayed = now - present.created_at > LOOK_AGAIN_AFTER and not present.shows_day_only
    return min(email.created_at, present.created_at) if was_delayed else email.created_at
