"""The mail server: a connection, and the two steps of sending an email, each with a time limit.

Only while an email is handed over may the server have accepted it without our knowing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP

CONNECT_SECONDS = 30.0
COMMAND_SECONDS = 20.0
ADDRESS_SECONDS = 30.0
# Servers that scan an email before they answer take their time.
HAND_OVER_SECONDS = 90.0
QUIT_SECONDS = 2.0
CLOSING = 421
TROUBLE = (aiosmtplib.SMTPException, OSError, TimeoutError)


class MailServerAway(Exception):
    """The server cannot be reached or takes nothing now; no email was handed over.

    `is_about_email`: it happened when the server had been told whom the email is for, so that may be the reason.
    """

    def __init__(self, problem: str, *, is_about_email: bool = False) -> None:
        super().__init__(problem)
        self.is_about_email = is_about_email


class Refused(Exception):
    """The server answered no to one email: it was not accepted."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def is_final(self) -> bool:
        """Say whether the same email will be refused again."""
        return 500 <= self.code < 600


class DeliveryUnknown(Exception):
    """The connection broke, or no answer came, after an email was handed over."""


@asynccontextmanager
async def connected(smtp_url: str, *, own_name: str) -> AsyncIterator[SMTP]:
    """Connect and sign in for the length of an `async with`; `own_name` introduces us. Raises MailServerAway."""
    server = _client(smtp_url, own_name)
    try:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await server.connect()
        except TROUBLE as error:
            raise MailServerAway(_described(error)) from error
        yield server
        with suppress(*TROUBLE):
            await server.quit(timeout=QUIT_SECONDS)
    finally:
        server.close()


async def address(server: SMTP, *, sender: str, to: str) -> None:
    """Say from whom and to whom the next email goes. Raises Refused, MailServerAway."""
    is_about_email = False
    try:
        async with asyncio.timeout(ADDRESS_SECONDS):
            await server.mail(sender)
            is_about_email = True
            try:
                await server.rcpt(to)
            except aiosmtplib.SMTPRecipientRefused as error:
                if error.code == CLOSING:
                    raise
                await server.rset()
                raise Refused(error.code) from error
    except TROUBLE as error:
        raise MailServerAway(_described(error), is_about_email=is_about_email) from error


async def forget_address(server: SMTP) -> None:
    """Take back what was said of the next email. Raises MailServerAway."""
    try:
        await server.rset()
    except TROUBLE as error:
        raise MailServerAway(_described(error)) from error


async def hand_over(server: SMTP, email: bytes) -> None:
    """Hand over an addressed email; the server has accepted it when this returns. Raises Refused, DeliveryUnknown."""
    try:
        async with asyncio.timeout(HAND_OVER_SECONDS):
            await server.data(email, timeout=HAND_OVER_SECONDS)
    except aiosmtplib.SMTPDataError as error:
        raise Refused(error.code) from error
    except TROUBLE as error:
        raise DeliveryUnknown(_described(error)) from error


def _client(smtp_url: str, own_name: str) -> SMTP:
    parts = urlsplit(smtp_url)
    return SMTP(
        hostname=parts.hostname or "localhost",
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        start_tls=True if parts.scheme == "smtp+starttls" else None,
        local_hostname=own_name,
        timeout=COMMAND_SECONDS,
    )


def _described(error: Exception) -> str:
    """Return what may be logged: servers repeat addresses in their answers."""
    code = getattr(error, "code", None)
    return type(error).__name__ + ("" if code is None else f" {code}")
