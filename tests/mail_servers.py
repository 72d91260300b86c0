"""A mail server on loopback that keeps what it accepts, as fixtures: `smtp_server`, and `mailbox` to look into."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from learning_platform.accounts.links import Links
from learning_platform.attempts.email_facts import current_facts
from learning_platform.core.clock import Clock
from learning_platform.core.settings import Settings
from learning_platform.notifications.mail.worker import MailWorker
from learning_platform.people.invitation_mail import find_invitation
from tests.conftest import SECRET, test_settings


class Mailbox:
    """Keeps what it accepts; it answers what is set as its answers, and what is set for addresses it rejects."""

    def __init__(self) -> None:
        self.emails: list[EmailMessage] = []
        self.addressed: list[str] = []
        self.answers: list[str] = []
        self.rejected: dict[str, str] = {}
        self.is_silent = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take an address."""
        self.addressed.append(address)
        if address in self.rejected:
            return self.rejected[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Accept an email, unless another answer is set."""
        if self.is_silent:
            await asyncio.sleep(3600)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            email = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(email, EmailMessage)
            self.emails.append(email)
        return answer

    def times_accepted(self) -> Counter[int]:
        """Return how often each email was accepted, by its id."""
        return Counter(int(str(email["Message-ID"]).partition("-")[2].partition("@")[0]) for email in self.emails)


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    """Run a mail server on a free port."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


@pytest.fixture
def smtp_server() -> Iterator[tuple[Mailbox, int]]:
    """Run a mail server for one test; return what it keeps, and its port."""
    with mail_server() as served:
        yield served


@pytest.fixture
def mailbox(smtp_server: tuple[Mailbox, int]) -> Mailbox:
    """Return what the mail server of the test keeps."""
    return smtp_server[0]


def mail_settings(database_url: str, port: int, **values: str) -> Settings:
    """Return settings by which mail goes to the server on a port."""
    smtp_url = SecretStr(f"smtp://127.0.0.1:{port}")
    return test_settings(database_url, smtp_url=smtp_url, public_url="https://learn.example", **values)


def mail_worker(database: Any, settings: Settings, clock: Clock) -> MailWorker:
    """Return a worker that sends the emails of a database."""
    links = Links(SECRET)
    return MailWorker(database, settings, links, clock, current_facts=current_facts, find_invitation=find_invitation)
