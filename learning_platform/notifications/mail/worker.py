"""The mail worker: queues and sends emails until cancelled, if SMTP_URL is set.

Any number of processes may run one. It sleeps until an email is due or it is notified of a new one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from aiosmtplib import SMTP

from learning_platform.accounts.email_links import Addressee, note_refused_address
from learning_platform.accounts.links import Links
from learning_platform.core.clock import Clock
from learning_platform.core.database import Database, DatabaseUnavailable
from learning_platform.core.notifier import Notifier
from learning_platform.core.settings import Settings
from learning_platform.core.waiting import happens_within
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.mail import smtp
from learning_platform.notifications.mail.addresses import ascii_sender
from learning_platform.notifications.mail.composition import mail_host
from learning_platform.notifications.mail.digests import close_due_digests
from learning_platform.notifications.mail.postponing import Postponed, StillTrue
from learning_platform.notifications.mail.queue import Email
from learning_platform.notifications.mail.writing import EmailWriter, FindInvitation, UnsendableAddress, Written

log = logging.getLogger(__name__)

# The number of emails that a process takes together.
BATCH = 20
MAX_SLEEP_SECONDS = 60.0
PAUSE_SECONDS, MAX_PAUSE_SECONDS = 5.0, 300.0
# How long a stopping process waits for the response to an email that it has handed over.
GRACE_SECONDS = 3.0

T = TypeVar("T")


class MailWorker:
    """Sends emails, several over each SMTP connection."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        links: Links,
        clock: Clock,
        *,
        current_facts: StillTrue,
        find_invitation: FindInvitation,
    ) -> None:
        assert settings.smtp_url is not None
        self._database = database
        self._smtp_url = settings.smtp_url.get_secret_value()
        self._public_url = settings.public_url
        sender, self._sender = ascii_sender(settings.mail_from)
        self._writer = EmailWriter(
            links, settings.public_url, sender=sender, still_true=current_facts, find_invitation=find_invitation
        )
        self._clock = clock
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
        written = await self._composed(email)
        if written is None:
            return False
        try:
            await smtp.address(server, sender=self._sender, to=written.address)
            return await _even_when_stopping(self._hand_over(server, email, written.content))
        except smtp.Refused as error:
            log.warning("the mail server rejected email %d (%d)", email.id, error.code)
            await self._refuse(email, is_final=error.is_final, no_such=written.to if error.is_about_address else None)
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

    async def _composed(self, email: Email) -> Written | None:
        """Return the email, or None and store the reason if it should or can not be sent."""
        async with self._database.transaction() as db:
            try:
                written = await self._writer.written(db, email, now=self._clock())
            except Postponed:
                return None
            except (ValueError, LookupError) as error:
                # A defect, or an address from before such addresses were refused, must not delay the other emails.
                log.exception("email %d cannot be composed", email.id)
                is_final = isinstance(error, UnsendableAddress)
                await mail.note_refused(db, email, is_final=is_final, now=self._clock())
                return None
            if written is None:
                await mail.note_skipped(db, email)
            return written

    async def _refuse(self, email: Email, *, is_final: bool, no_such: Addressee | None = None) -> None:
        async with self._database.transaction() as db:
            await mail.note_refused(db, email, is_final=is_final, now=self._clock())
            if no_such is not None:
                await note_refused_address(db, to=no_such, now=self._clock())

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
