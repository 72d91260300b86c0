"""The postman: writes and sends letters until cancelled, where SMTP_URL is set.

Any number of processes may run one. It sleeps until a letter is due, or until the doorbell rings.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from learning_platform.accounts.links import Links
from learning_platform.accounts.mailbox import Addressee, addressee, confirmation_token, reset_token
from learning_platform.core.clock import Clock
from learning_platform.core.database import Connection, Database, DatabaseUnavailable
from learning_platform.core.doorbell import Doorbell
from learning_platform.core.languages import translate
from learning_platform.core.settings import Settings
from learning_platform.notifications.letters import CONFIRMATION, OPEN_LINK, RESET, Wording, compose, wording_of
from learning_platform.notifications.mail import (
    Letter,
    next_try_at,
    note_refused,
    note_sent,
    take_letters,
    write_letters,
)
from learning_platform.notifications.queries import Notification, notification

log = logging.getLogger(__name__)

BATCH = 50
LONGEST_SLEEP_SECONDS = 60.0
PAUSE_AFTER_TROUBLE_SECONDS = 5.0
SMTP_TIMEOUT_SECONDS = 30.0
# The server answered, and the answer was no: nothing was accepted.
REFUSALS = (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)
# Nothing was said yet when these happened.
UNREACHABLE = (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError, aiosmtplib.SMTPAuthenticationError)
UNCERTAIN = (aiosmtplib.SMTPException, OSError, TimeoutError)


class Postman:
    """Sends letters, one SMTP connection a batch."""

    def __init__(self, database: Database, settings: Settings, links: Links, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._links = links
        self._clock = clock
        self._rung = asyncio.Event()

    def listen_to(self, doorbell: Doorbell) -> None:
        """Let the doorbell wake the postman."""
        doorbell.on("announced", self.wake)
        doorbell.on("mail", self.wake)
        doorbell.on_reconnect(self.wake)

    def wake(self, _payload: str = "") -> None:
        """Look now: something was announced, or a letter asked for."""
        self._rung.set()

    async def run(self) -> None:
        """Run until cancelled; a database or a mail server that is away for a while is waited for."""
        while True:
            self._rung.clear()
            try:
                await self.send_due()
                seconds = await self._seconds_until_next()
            except DatabaseUnavailable as error:
                log.warning("mail waits for the database (%s)", type(error).__name__)
                seconds = PAUSE_AFTER_TROUBLE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), seconds)

    async def send_due(self) -> int:
        """Write and send everything that is due; return how many letters were accepted."""
        more = True
        while more:
            async with self._database.transaction() as db:
                more = await write_letters(db, now=self._clock())
        sent = 0
        while letters := await self._take():
            sent += await self._send_batch(letters)
        return sent

    async def _take(self) -> list[Letter]:
        async with self._database.transaction() as db:
            return await take_letters(db, limit=BATCH, now=self._clock())

    async def _send_batch(self, letters: list[Letter]) -> int:
        sent = 0
        waiting = deque(letters)
        try:
            async with self._connected() as server:
                while waiting:
                    sent += await self._send(server, waiting.popleft())
        except UNREACHABLE as error:
            log.warning("the mail server cannot be reached (%s)", type(error).__name__)
        except UNCERTAIN as error:
            # The letter in hand may have been accepted, or not: it stays marked as being sent, and is never sent again.
            log.warning("the fate of a letter is not known (%s)", type(error).__name__)
        await self._refuse(waiting, is_final=False)
        return sent

    async def _send(self, server: aiosmtplib.SMTP, letter: Letter) -> bool:
        async with self._database.connection() as db:
            to = await addressee(db, user_id=letter.user_id)
            wording = None if to is None else await self._wording(db, letter, to)
        if to is None or wording is None:
            await self._refuse([letter], is_final=True)
            return False
        try:
            await server.send_message(self._composed(letter, to, wording))
        except REFUSALS as error:
            code = _code_of(error)
            log.warning("a letter was refused (%d)", code)
            await self._refuse([letter], is_final=500 <= code < 600)
            return False
        async with self._database.transaction() as db:
            await note_sent(db, letter)
        return True

    async def _refuse(self, letters: Iterable[Letter], *, is_final: bool) -> None:
        async with self._database.transaction() as db:
            for letter in letters:
                await note_refused(db, letter, is_final=is_final, now=self._clock())

    async def _wording(self, db: Connection, letter: Letter, to: Addressee) -> Wording | None:
        if letter.kind == "confirmation":
            token = confirmation_token(self._links, to, now=self._clock())
            return wording_of(CONFIRMATION, to.locale, link=f"{self._settings.public_url}/confirm/{token}")
        if letter.kind == "reset":
            token = reset_token(self._links, to, now=self._clock())
            return wording_of(RESET, to.locale, link=f"{self._settings.public_url}/password/{token}")
        assert letter.notification_id is not None
        found = await notification(db, user_id=to.id, notification_id=letter.notification_id)
        return None if found is None else self._about(found, to)

    def _about(self, told: Notification, to: Addressee) -> Wording:
        place = f"/assignments/{told.assignment_id}" if told.assignment_id else f"/tracks/{told.track_id}"
        token = self._links.sign("unsubscription", user_id=to.id, about=told.type, now=self._clock())
        return Wording(
            subject=told.title,
            text=told.text,
            link=f"{self._settings.public_url}{place}",
            link_label=translate(OPEN_LINK, to.locale),
            unsubscribe=f"{self._settings.public_url}/unsubscribe/{token}",
        )

    def _composed(self, letter: Letter, to: Addressee, wording: Wording) -> EmailMessage:
        host = urlsplit(self._settings.public_url).hostname or "localhost"
        return compose(
            wording,
            sender=self._settings.mail_from,
            to=to.email,
            name=to.username,
            language=to.locale,
            # The same at every try, so that a mail server that saw it before may say so.
            message_id=f"<letter-{letter.id}@{host}>",
        )

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        assert self._settings.smtp_url is not None
        parts = urlsplit(self._settings.smtp_url.get_secret_value())
        server = aiosmtplib.SMTP(
            hostname=parts.hostname or "localhost",
            port=parts.port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=True if parts.scheme == "smtp+starttls" else None,
            timeout=SMTP_TIMEOUT_SECONDS,
        )
        async with server:
            yield server

    async def _seconds_until_next(self) -> float:
        async with self._database.connection() as db:
            moment: datetime | None = await next_try_at(db)
        if moment is None:
            return LONGEST_SLEEP_SECONDS
        return min(max((moment - self._clock()).total_seconds(), 0.1), LONGEST_SLEEP_SECONDS)


def _code_of(error: Exception) -> int:
    """Return the server's answer: that of the only recipient, or that to the whole letter."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return error.recipients[0].code
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0
