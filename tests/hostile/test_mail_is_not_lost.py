"""Whatever stops a mail worker, and wherever: only an email being handed over may be lost, and none comes twice."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import pytest

from learning_platform.core.database import Connection, Database, DatabaseUnavailable
from learning_platform.core.settings import PROJECT, Settings
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.mail.queue import LEASE, queue_invitations, queue_requested_email
from learning_platform.notifications.mail.worker import MailWorker
from tests.hostile.mail_victim import APPLICATION_NAME
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import Person, School
from tests.suspensions import Suspensions
from tests.waiting import PATIENCE_SECONDS, PAUSE_SECONDS

pytestmark = pytest.mark.anyio
CONFIRM = "update users set email_confirmed_at = now()"
HAS_SESSIONS = "select exists (select from pg_stat_activity where application_name = $1)"
STATES = "select id, state from emails order by id"


@pytest.fixture
def settings(database_url: str, smtp_server: tuple[Mailbox, int]) -> Settings:
    return mail_settings(database_url, smtp_server[1])


class Queue:
    """Emails to send, in rounds of four: two about a notification, one that was asked for, and an invitation."""

    def __init__(self, school: School, people: list[Person], mailbox: Mailbox, *, invitation_id: int) -> None:
        self.school = school
        self._invitation_id = invitation_id
        self._people = people
        self._mailbox = mailbox
        self._rounds = count()
        self.lost = 0

    def worker(self, database: Any = None) -> MailWorker:
        services = self.school.services
        return mail_worker(database or services.database, services.settings, self.school.clock)

    async def fill(self) -> None:
        """Let another round fall due."""
        now = self.school.clock.advance(seconds=1)
        announcement = Announcement(
            f"round {next(self._rounds)}", "track_finished", track_id=1, parameters={"track": "Python"}
        )
        async with self.school.services.database.transaction() as db:
            await announce(db, announcement, to=[person.id for person in self._people], now=now)
            await queue_requested_email(db, user_id=self._people[0].id, kind="reset", now=now)
            await queue_invitations(db, invitation_ids=[self._invitation_id], now=now)

    async def check(self) -> int:
        """Send what was put back or falls due again; return how many emails are lost. None may have come twice."""
        await _without_sessions_of_victims(self.school.services.database)
        self.school.clock.advance(seconds=LEASE.total_seconds() + 1)
        await self.worker().send_due()
        async with self.school.services.database.connection() as db:
            states = {row["id"]: row["state"] for row in await db.fetch(STATES)}
        accepted = self._mailbox.times_accepted()
        assert set(accepted.values()) <= {1}
        lost = [state for id, state in states.items() if id not in accepted]
        assert set(lost) <= {"sending"}, lost
        newly, self.lost = len(lost) - self.lost, len(lost)
        assert newly <= 1
        return newly


@pytest.fixture
async def queue(school: School, mailbox: Mailbox) -> Queue:
    people = await school.people(2)
    async with school.services.database.transaction() as db:
        await db.execute(CONFIRM)
    track = await school.track(people[0])
    roster = {"csv": "invited@example.com", "confirm": True, "send": False}
    await people[0].ok("POST", f"/tracks/{track['id']}/roster", json=roster)
    [invitation] = await people[0].ok("GET", f"/tracks/{track['id']}/invitations")
    queue = Queue(school, people, mailbox, invitation_id=invitation["id"])
    await queue.worker().send_due()  # The first time it only marks where mail begins.
    return queue


async def test_a_process_killed_at_any_wait_loses_only_what_it_was_handing_over(
    queue: Queue, settings: Settings, mailbox: Mailbox
) -> None:
    lost_at = []
    async with _victim(settings) as victim:
        for stop_at in count(1):
            await queue.fill()
            seen = len(mailbox.addressed)
            answer = await _run(victim, stop_at, queue.school.clock.now.isoformat())
            was_addressing = len(mailbox.addressed) > seen
            if await queue.check():
                lost_at.append(stop_at)
                assert was_addressing
            if answer != "killed":
                assert answer == "done 0"
                break
    assert stop_at > 30
    # For each of four emails: while it is marked, while it is handed over.
    assert len(lost_at) <= stop_at // 3


async def test_a_worker_stopped_at_any_wait_loses_nothing(queue: Queue) -> None:
    loop = asyncio.get_running_loop()
    for stop_at in count(1):
        await queue.fill()
        stopping = Suspensions(stop_at, lambda: task.cancel())  # noqa: B023 - called before the next round
        stopping.install(loop)
        task = asyncio.ensure_future(queue.worker().send_due())
        try:
            with suppress(asyncio.CancelledError):
                await task
        finally:
            loop.set_task_factory(None)
        assert await queue.check() == 0
        if not stopping.has_acted:
            break
    assert stop_at > 30


async def test_a_database_that_fails_at_any_statement_loses_nothing(queue: Queue) -> None:
    for fail_at in count(1):
        await queue.fill()
        failing = FailingDatabase(queue.school.services.database, fail_at)
        with suppress(DatabaseUnavailable):
            await queue.worker(failing).send_due()
        assert await queue.check() == 0
        if not failing.has_failed:
            break
    assert fail_at > 30


async def test_several_workers_killed_together_send_nothing_twice(
    queue: Queue, settings: Settings, mailbox: Mailbox
) -> None:
    async with _victim(settings) as one, _victim(settings) as another, _victim(settings) as third:
        for stop_at in range(5, 105, 20):
            for _ in range(3):
                await queue.fill()
            now = queue.school.clock.now.isoformat()
            await asyncio.gather(*(_run(each, stop_at + i, now) for i, each in enumerate((one, another, third))))
            await _without_sessions_of_victims(queue.school.services.database)
            queue.school.clock.advance(seconds=LEASE.total_seconds() + 1)
            await queue.worker().send_due()
            assert set(mailbox.times_accepted().values()) <= {1}


class FailingDatabase:
    """A database that is away once: before or after the n-th statement, beginning or commit."""

    def __init__(self, database: Database, fail_at: int) -> None:
        self._database = database
        self._left = fail_at
        self.has_failed = False

    def step(self) -> None:
        """Fail, if this is the time."""
        self._left -= 1
        if self._left == 0:
            self.has_failed = True
            raise DatabaseUnavailable

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["_FailingConnection"]:
        """Acquire a connection in a transaction."""
        self.step()
        async with self._database.transaction() as db:
            yield _FailingConnection(db, self)
            self.step()
        self.step()  # Committed, and the answer was lost.

    def connection(self) -> object:
        """Acquire a connection."""
        return self.transaction()


class _FailingConnection:
    def __init__(self, connection: Connection, database: FailingDatabase) -> None:
        self._connection = connection
        self._database = database

    def __getattr__(self, name: str) -> Any:
        self._database.step()
        return getattr(self._connection, name)


@asynccontextmanager
async def _victim(settings: Settings) -> AsyncIterator[Process]:
    assert settings.database_url is not None
    assert settings.smtp_url is not None
    urls = settings.database_url.get_secret_value(), settings.smtp_url.get_secret_value()
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hostile.mail_victim", *urls, stdin=PIPE, stdout=PIPE, cwd=PROJECT
    )
    assert victim.stdout is not None
    assert await victim.stdout.readline() == b"ready\n"
    try:
        yield victim
    finally:
        assert victim.stdin is not None
        victim.stdin.close()
        await victim.wait()


async def _run(victim: Process, stop_at: int, now: str) -> str:
    assert victim.stdin is not None
    assert victim.stdout is not None
    victim.stdin.write(f"{stop_at} {now}\n".encode())
    await victim.stdin.drain()
    return (await victim.stdout.readline()).decode().strip()


async def _without_sessions_of_victims(database: Database) -> None:
    """Wait until the server has noticed the death of its clients: until then their locks are held."""
    async with database.connection() as db, asyncio.timeout(PATIENCE_SECONDS):
        while await db.fetchval(HAS_SESSIONS, APPLICATION_NAME):  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(PAUSE_SECONDS)
