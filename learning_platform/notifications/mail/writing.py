"""Write an email that was taken from the queue: what it says now, or that it is out of date."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.policy import SMTP as SMTP_POLICY

from learning_platform.accounts.email_changes import EmailChange, change_of, change_token, undo_token
from learning_platform.accounts.email_links import Addressee, addressee, confirmation_token, reset_token
from learning_platform.accounts.links import Links
from learning_platform.accounts.queries import is_held_by_other
from learning_platform.core.database import Connection
from learning_platform.notifications.mail import preferences
from learning_platform.notifications.mail.address_texts import (
    Change,
    about_taken_address,
    to_confirm,
    to_former_address,
)
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
        if to is not None and email.email_change_id is not None:
            return await self._about_change(db, email, to, now=now)
        content = None if to is None else await self._content(db, email, to, now=now)
        if to is None or content is None:
            return None
        envelope = Envelope(self._from, _sendable(to.email), to.username, to.locale)
        return self._composed(content, envelope, email, to=to, now=now)

    async def _about_change(self, db: Connection, email: Email, to: Addressee, *, now: datetime) -> Written | None:
        """Return an email about a change of the address, or None. It goes to the new address or to the former one."""
        assert email.email_change_id is not None
        change = await change_of(db, user_id=to.id, change_id=email.email_change_id)
        if change is None:
            return None
        if email.kind == "email_change":
            found = await self._to_new_address(db, change, to, now=now)
        else:
            found = self._to_former_address(change, to, now=now)
        if found is None:
            return None
        address, name, content = found
        envelope = Envelope(self._from, _sendable(address), name, to.locale)
        return self._composed(content, envelope, email, to=replace(to, email=address), now=now)

    async def _to_new_address(
        self, db: Connection, change: EmailChange, to: Addressee, *, now: datetime
    ) -> tuple[str, str | None, Content] | None:
        if not change.is_pending(now=now):
            return None
        if await is_held_by_other(db, email=change.new_email, user_id=to.id, now=now):
            # The name of the user who asked is not for the owner of the other account.
            return change.new_email, None, about_taken_address(self._said(change, to))
        token = change_token(self._links, change, now=now)
        return change.new_email, to.username, to_confirm(self._said(change, to), token=token)

    def _to_former_address(
        self, change: EmailChange, to: Addressee, *, now: datetime
    ) -> tuple[str, str | None, Content] | None:
        is_done = change.confirmed_at is not None
        is_true = change.undone_at is None and change.is_undoable(now=now) and (is_done or change.is_pending(now=now))
        if not is_true:
            return None
        token = undo_token(self._links, change, now=now)
        return change.old_email, to.username, to_former_address(self._said(change, to), is_done=is_done, token=token)

    def _said(self, change: EmailChange, to: Addressee) -> Change:
        return Change(to.username, self._public_url, change.new_email, change.undo_until, to.locale)

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
