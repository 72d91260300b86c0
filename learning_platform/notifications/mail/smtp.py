"""A connection to the mail server, and the two steps of sending an email, each with a time limit.

Only in the second step, handing over the content, can the server accept an email without this process knowing it.
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
# Servers that scan emails before they respond may take long.
HAND_OVER_SECONDS = 90.0
QUIT_SECONDS = 2.0
CLOSING = 421
# Replies to a recipient by RFC 5321. Of these, enhanced codes 5.7 (RFC 3463) are about the sender: relaying is denied.
NO_SUCH_ADDRESS = frozenset({550, 551, 553, 554})
POLICY = "5.7."
TROUBLE = (aiosmtplib.SMTPException, OSError, TimeoutError)


class MailServerAway(Exception):
    """The server cannot be reached or accepts no emails; no email was handed over.

    `is_about_email`: it happened after the server was given the recipient, which may be the reason.
    """

    def __init__(self, problem: str, *, is_about_email: bool = False) -> None:
        super().__init__(problem)
        self.is_about_email = is_about_email


class Refused(Exception):
    """The server rejected an email. `reply`: the text of its answer to the recipient, or None for the content."""

    def __init__(self, code: int, *, reply: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self._reply = reply

    @property
    def is_final(self) -> bool:
        """Say whether the server would reject the same email again."""
        return 500 <= self.code < 600

    @property
    def is_about_address(self) -> bool:
        """Say whether the server would reject any email to the address, and not just what comes from here."""
        if self._reply is None or self.code not in NO_SUCH_ADDRESS:
            return False
        return not self._reply.lstrip().startswith(POLICY)


class DeliveryUnknown(Exception):
    """The connection broke or the server did not respond after an email was handed over."""


@asynccontextmanager
async def connected(smtp_url: str, *, own_name: str) -> AsyncIterator[SMTP]:
    """Connect and sign in for an `async with`; `own_name` is the name in EHLO. Raises MailServerAway."""
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
    """Send the sender and the recipient of the next email. Raises Refused, MailServerAway."""
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
                raise Refused(error.code, reply=error.message) from error
    except TROUBLE as error:
        raise MailServerAway(_described(error), is_about_email=is_about_email) from error


async def forget_address(server: SMTP) -> None:
    """Reset the sender and the recipient of the next email. Raises MailServerAway."""
    try:
        await server.rset()
    except TROUBLE as error:
        raise MailServerAway(_described(error)) from error


async def hand_over(server: SMTP, email: bytes) -> None:
    """Send the content of the email; the server has accepted it when this returns. Raises Refused, DeliveryUnknown."""
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
    """Return what may be logged of a response, because servers repeat addresses in it."""
    code = getattr(error, "code", None)
    return type(error).__name__ + ("" if code is None else f" {code}")
