"""The mail worker: queues and sends emails until cancelled, if SMTP_URL is set.

Any number of processes may run one. It sleeps until an email is due or it is notified of a new one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email.policy import SMTP as SMTP_POLICY
from typing import Any, TypeVar

from aiosmtplib import SMTP

from learning_platform.accounts.email_links import Addressee, addressee, confirmation_token, reset_token
from learning_platform.accounts.links import Links
from learning_platform.core.clock import Clock
from learning_platform.core.database import Connection, Database, DatabaseUnavailable
from learning_platform.core.notifier import Notifier
from learning_platform.core.settings import Settings
from learning_platform.core.waiting import happens_within
from learning_platform.notifications.mail import preferences, smtp
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.mail.addresses import ascii_address, ascii_sender
from learning_platform.notifications.mail.composition import (
    CONFIRMATION,
    RESET,
    Content,
    Envelope,
    about,
    compose,
    mail_host,
    requested,
)
from learning_platform.notifications.mail.digest_texts import digest
from learning_platform.notifications.mail.digests import bundled, close_due_digests
from learning_platform.notifications.mail.postponing import Postponed, StillTrue, postpone_unwanted
from learning_platform.notifications.mail.queue import Email
from learning_platform.notifications.queries import Notification, notification

log = logging.getLogger(__name__)

# The number of emails that a process takes together.
BATCH = 20
MAX_SLEEP_SECONDS = 60.0
PAUSE_SECONDS, MAX_PAUSE_SECONDS = 5.0, 300.0
# How long a stopping process waits for the response to an email that it has handed over.
GRACE_SECONDS = 3.0
# A requested email is out of date after this time: the user has asked again, or does not need it any more.
RESET_IS_STALE_AFTER = timedelta(days=1)

T = TypeVar("T")


class UnsendableAddress(ValueError):
    """The address has no form in ASCII."""


class MailWorker:
    """Sends emails, several over each SMTP connection."""

    def __init__(
        self, database: Database, settings: Settings, links: Links, clock: Clock, *, current_facts: StillTrue
    ) -> None:
        assert settings.smtp_url is not None
        self._database = database
        self._smtp_url = settings.smtp_url.get_secret_value()
        self._public_url = settings.public_url
        self._from, self._sender = ascii_sender(settings.mail_from)
        self._links = links
        self._clock = clock
        self._still_true = current_facts
        self._woken = asyncio.Event()
        self._failures = 0

    def listen_to(self, notifier: Notifier) -> None:
        """Wake the worker on notifications from the database."""
        notifier.on("announced", self.wake)
        notifier.on("mail", self.wake)
        notifier.on_reconnect(self.wake)

    def wake(self, _payload: str = "") -> None:
        """Look for emails now, because an event was announced or an email requested."""
        self._woken.set()

    async def run(self) -> None:
        """Run until cancelled; wait while the database or the mail server is unavailable."""
        while True:
            self._woken.clear()
            try:
                await self.send_due()
                self._failures = 0
                seconds = await self._seconds_until_next()
            except DatabaseUnavailable as error:
                log.warning("emails are delayed: the database is unavailable (%s)", error)
                seconds = PAUSE_SECONDS
            except smtp.MailServerAway as error:
                log.warning("emails are delayed: the mail server is unavailable (%s)", error)
                await asyncio.sleep(self._pause_seconds())
                continue
            await happens_within(self._woken, seconds)

    async def send_due(self) -> int:
        """Queue and send all emails that are due; return how many were accepted. Raises MailServerAway."""
        more = True
        while more:
            async with self._database.transaction() as db:
                more = await mail.queue_announced_emails(db, now=self._clock())
        sent = await self._send_waiting()
        while await self._close_digests():
            sent += await self._send_waiting()
        return sent

    async def _send_waiting(self) -> int:
        sent = 0
        while emails := await self._take():
            sent += await self._send_batch(emails)
        return sent

    async def _close_digests(self) -> bool:
        async with self._database.transaction() as db:
            return await close_due_digests(db, now=self._clock())

    async def _take(self) -> list[Email]:
        async with self._database.transaction() as db:
            return await mail.take_emails(db, limit=BATCH, now=self._clock())

    async def _send_batch(self, emails: Sequence[Email]) -> int:
        """Send the taken emails over one connection. Raises MailServerAway, unless at least one was sent."""
        sent, waiting = 0, deque(emails)
        try:
            async with smtp.connected(self._smtp_url, own_name=mail_host(self._public_url)) as server:
                while waiting:
                    sent += await self._send(server, waiting[0])
                    waiting.popleft()
        except smtp.DeliveryUnknown as error:
            # The email may have been accepted, so it stays marked as being sent and is never sent again.
            log.warning("it is unknown whether the mail server accepted email %d (%s)", waiting[0].id, error)
            if not sent:
                raise smtp.MailServerAway(str(error)) from error
        except smtp.MailServerAway as error:
            if error.is_about_email:
                await self._refuse(waiting[0], is_final=False)
            if not sent:
                raise
        finally:
            await self._put_back(list(waiting))
        return sent

    async def _send(self, server: SMTP, email: Email) -> bool:
        """Send an email; return whether it was accepted. Raises DeliveryUnknown, MailServerAway."""
        composed = await self._composed(email)
        if composed is None:
            return False
        to, content = composed
        try:
            await smtp.address(server, sender=self._sender, to=to)
            return await _even_when_stopping(self._hand_over(server, email, content))
        except smtp.Refused as error:
            log.warning("the mail server rejected email %d (%d)", email.id, error.code)
            await self._refuse(email, is_final=error.is_final)
            return False

    async def _hand_over(self, server: SMTP, email: Email, content: bytes) -> bool:
        if not await self._marked(email):
            await smtp.forget_address(server)
            return False
        await smtp.hand_over(server, content)
        async with self._database.transaction() as db:
            await mail.note_sent(db, email)
        return True

    async def _marked(self, email: Email) -> bool:
        try:
            async with self._database.transaction() as db:
                return await mail.mark_sending(db, email)
        except DatabaseUnavailable:
            # The mark may have been committed although the commit failed here.
            with suppress(DatabaseUnavailable):
                async with self._database.transaction() as db:
                    await mail.unmark_sending(db, email, now=self._clock())
            raise

    async def _composed(self, email: Email) -> tuple[str, bytes] | None:
        """Return the address and the email, or None and store the reason if it should or can not be sent."""
        async with self._database.transaction() as db:
            to = await addressee(db, user_id=email.user_id)
            try:
                content = None if to is None else await self._content(db, email, to)
                if to is None or content is None:
                    await mail.note_skipped(db, email)
                    return None
                return self._written(email, to, content)
            except Postponed:
                return None
            except (ValueError, LookupError) as error:
                # A defect, or an address from before such addresses were refused, must not delay the other emails.
                log.exception("email %d cannot be composed", email.id)
                is_final = isinstance(error, UnsendableAddress)
                await mail.note_refused(db, email, is_final=is_final, now=self._clock())
                return None

    async def _content(self, db: Connection, email: Email, to: Addressee) -> Content | None:
        """Return the present content of the email, or None if it is out of date. Raises Postponed."""
        now = self._clock()
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
        choice = await preferences.mail_choice(db, user_id=email.user_id)
        true = await self._still_wanted(db, email, choice, now=now) if to.is_confirmed else []
        about_one = true[0] if email.kind == "notification" and true else None
        if not true:
            return None
        await postpone_unwanted(db, email, choice, about_one, time_zone=to.time_zone, now=now)
        kind = "digest" if about_one is None else about_one.type
        token = self._links.sign("unsubscription", user_id=email.user_id, about=kind, now=now)
        unsubscribe = f"{self._public_url}/unsubscribe/{token}"
        if about_one is None:
            return digest(true, public_url=self._public_url, unsubscribe=unsubscribe, now=now)
        return about(about_one, public_url=self._public_url, unsubscribe=unsubscribe, now=now)

    async def _still_wanted(
        self, db: Connection, email: Email, choice: preferences.MailChoice, *, now: datetime
    ) -> list[Notification]:
        """Return the notifications of an email that are true and wanted now."""
        if email.kind == "digest":
            found = await bundled(db, digest_id=email.id)
        else:
            assert email.notification_id is not None
            one = await notification(db, user_id=email.user_id, notification_id=email.notification_id)
            found = [] if one is None else [one]
        checked = [await self._still_true(db, each, now) for each in found if choice.wants(each.type)]
        return [each for each in checked if each is not None]

    def _written(self, email: Email, to: Addressee, content: Content) -> tuple[str, bytes]:
        address = ascii_address(to.email)
        if address is None:
            raise UnsendableAddress
        envelope = Envelope(self._from, address, to.username, to.locale)
        written = compose(content, envelope, email_id=email.id, public_url=self._public_url, now=self._clock())
        return address, written.as_bytes(policy=SMTP_POLICY)

    async def _refuse(self, email: Email, *, is_final: bool) -> None:
        async with self._database.transaction() as db:
            await mail.note_refused(db, email, is_final=is_final, now=self._clock())

    async def _put_back(self, emails: Sequence[Email]) -> None:
        """Put back the emails that were not handed over; without a database their lease ends by itself."""
        with suppress(DatabaseUnavailable):
            async with self._database.transaction() as db:
                await mail.put_back(db, emails, now=self._clock())

    async def _seconds_until_next(self) -> float:
        async with self._database.connection() as db:
            due_at = await mail.next_try_at(db)
        if due_at is None:
            return MAX_SLEEP_SECONDS
        return min(max((due_at - self._clock()).total_seconds(), 0.1), MAX_SLEEP_SECONDS)

    def _pause_seconds(self) -> float:
        self._failures += 1
        return min(PAUSE_SECONDS * 2.0 ** min(self._failures - 1, 16), MAX_PAUSE_SECONDS)


async def _even_when_stopping(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; when the process stops, wait shortly for it to end."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=GRACE_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
