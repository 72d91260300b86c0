"""Write an email that was taken from the queue: what it says now, or that it is out of date."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.policy import SMTP as SMTP_POLICY

from learning_platform.accounts.email_links import Addressee, addressee, confirmation_token, reset_token
from learning_platform.accounts.links import Links
from learning_platform.core.database import Connection
from learning_platform.notifications.mail import preferences
from learning_platform.notifications.mail.addresses import ascii_address
from learning_platform.notifications.mail.composition import (
    CONFIRMATION,
    RESET,
    Content,
    Envelope,
    about,
    compose,
    requested,
)
from learning_platform.notifications.mail.digest_texts import digest
from learning_platform.notifications.mail.digests import bundled
from learning_platform.notifications.mail.invitation_texts import InvitedByEmail, invitation
from learning_platform.notifications.mail.postponing import StillTrue, postpone_unwanted
from learning_platform.notifications.mail.queue import Email
from learning_platform.notifications.queries import Notification, notification

# A requested email is out of date after this time: the user has asked again, or does not need it any more.
RESET_IS_STALE_AFTER = timedelta(days=1)
# Returns an invitation that can still be accepted, or None.
FindInvitation = Callable[[Connection, int, Links, datetime], Awaitable[InvitedByEmail | None]]


class UnsendableAddress(ValueError):
    """The address has no form in ASCII."""


@dataclass(frozen=True, slots=True)
class Written:
    """An email as it is sent, its address in ASCII, and the user it is for, if there is one."""

    address: str
    content: bytes
    to: Addressee | None


class EmailWriter:
    """Writes emails in the language of their recipients, as things are at the time."""

    def __init__(
        self, links: Links, public_url: str, *, sender: str, still_true: StillTrue, find_invitation: FindInvitation
    ) -> None:
        self._links = links
        self._public_url = public_url
        self._from = sender
        self._still_true = still_true
        self._find_invitation = find_invitation

    async def written(self, db: Connection, email: Email, *, now: datetime) -> Written | None:
        """Return the email, or None if it is out of date. Raises Postponed, UnsendableAddress."""
        if email.user_id is None:
            return await self._invitation(db, email, now=now)
        to = await addressee(db, user_id=email.user_id)
        content = None if to is None else await self._content(db, email, to, now=now)
        if to is None or content is None:
            return None
        envelope = Envelope(self._from, _sendable(to.email), to.username, to.locale)
        return self._composed(content, envelope, email, to=to, now=now)

    async def _invitation(self, db: Connection, email: Email, *, now: datetime) -> Written | None:
        assert email.invitation_id is not None
        found = await self._find_invitation(db, email.invitation_id, self._links, now)
        if found is None:
            return None
        envelope = Envelope(self._from, _sendable(found.email), found.greeted_as, found.locale)
        return self._composed(invitation(found, public_url=self._public_url), envelope, email, to=None, now=now)

    def _composed(
        self, content: Content, envelope: Envelope, email: Email, *, to: Addressee | None, now: datetime
    ) -> Written:
        composed = compose(content, envelope, email_id=email.id, public_url=self._public_url, now=now)
        return Written(envelope.to, composed.as_bytes(policy=SMTP_POLICY), to)

    async def _content(self, db: Connection, email: Email, to: Addressee, *, now: datetime) -> Content | None:
        """Return the present content of the email, or None if it is out of date. Raises Postponed."""
        if email.kind == "confirmation":
            token = confirmation_token(self._links, to, now=now)
            link = f"{self._public_url}/confirm/{token}"
            return None if to.is_confirmed else requested(CONFIRMATION, to.locale, link=link)
        if email.kind == "reset":
            token = reset_token(self._links, to, now=now)
            is_stale = now - email.created_at > RESET_IS_STALE_AFTER
            return None if is_stale else requested(RESET, to.locale, link=f"{self._public_url}/password/{token}")
        return await self._about_notifications(db, email, to, now=now)

    async def _about_notifications(
        self, db: Connection, email: Email, to: Addressee, *, now: datetime
    ) -> Content | None:
        """Return the content of an email about a notification or of a digest, or None. Raises Postponed."""
        choice = await preferences.mail_choice(db, user_id=to.id)
        true = await self._still_wanted(db, email, to, choice, now=now) if to.is_confirmed else []
        about_one = true[0] if email.kind == "notification" and true else None
        if not true:
            return None
        await postpone_unwanted(db, email, choice, about_one, time_zone=to.time_zone, now=now)
        kind = "digest" if about_one is None else about_one.type
        token = self._links.sign("unsubscription", user_id=to.id, about=kind, now=now)
        unsubscribe = f"{self._public_url}/unsubscribe/{token}"
        if about_one is None:
            return digest(true, public_url=self._public_url, unsubscribe=unsubscribe, now=now)
        return about(about_one, public_url=self._public_url, unsubscribe=unsubscribe, now=now)

    async def _still_wanted(
        self, db: Connection, email: Email, to: Addressee, choice: preferences.MailChoice, *, now: datetime
    ) -> list[Notification]:
        """Return the notifications of an email that are true and wanted now."""
        if email.kind == "digest":
            found = await bundled(db, digest_id=email.id)
        else:
            assert email.notification_id is not None
            one = await notification(db, user_id=to.id, notification_id=email.notification_id)
            found = [] if one is None else [one]
        checked = [await self._still_true(db, each, now) for each in found if choice.wants(each.type)]
        return [each for each in checked if each is not None]


def _sendable(email: str) -> str:
    """Return the address in ASCII. Raises UnsendableAddress."""
    address = ascii_address(email)
    if address is None:
        raise UnsendableAddress
    return address
