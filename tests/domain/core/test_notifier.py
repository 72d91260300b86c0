"""Notifications of PostgreSQL: received at commit, by every process, also after a lost connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from learning_platform.core.database import Database
from learning_platform.core.notifier import Notifier, notify
from tests.waiting import PATIENCE_SECONDS, until

# The connection of the notifier is the one whose last statement was LISTEN.
CUT_LISTENERS = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and query ilike 'listen%'
"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, size=2)
    yield database
    await database.close()


class Listener:
    """A process: what it received, and how often it had to read the database again."""

    def __init__(self, url: str) -> None:
        self.received: asyncio.Queue[str] = asyncio.Queue()
        self.resumed: asyncio.Queue[None] = asyncio.Queue()
        self.notifier = Notifier(url)
        self.notifier.on("announced", self.received.put_nowait)
        self.notifier.on_reconnect(lambda: self.resumed.put_nowait(None))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Listener"]:
        task = asyncio.create_task(self.notifier.listen())
        await asyncio.wait_for(self.resumed.get(), PATIENCE_SECONDS)
        yield self
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_notification_is_received_by_every_process_once_it_is_committed(database: Database) -> None:
    async with Listener(database.url).listening() as one, Listener(database.url).listening() as other:
        async with database.transaction() as db:
            await notify(db, "announced", "17")
        for listener in (one, other):
            assert await asyncio.wait_for(listener.received.get(), PATIENCE_SECONDS) == "17"


async def test_a_notification_that_was_rolled_back_is_never_received(database: Database) -> None:
    async with Listener(database.url).listening() as listener:
        async with database.connection() as db:
            transaction = db.transaction()
            await transaction.start()
            await notify(db, "announced", "17")
            await transaction.rollback()
        async with database.transaction() as db:
            await notify(db, "announced", "18")
        assert await asyncio.wait_for(listener.received.get(), PATIENCE_SECONDS) == "18"


async def test_a_notification_on_another_channel_is_ignored(database: Database) -> None:
    async with Listener(database.url).listening() as listener:
        async with database.transaction() as db:
            await notify(db, "revoked")
            await notify(db, "announced", "1")
        assert await asyncio.wait_for(listener.received.get(), PATIENCE_SECONDS) == "1"


async def test_after_a_lost_connection_a_process_resumes_and_is_notified_again(
    database: Database,
) -> None:
    async with Listener(database.url).listening() as listener:
        async with database.connection() as db:
            assert await db.fetchval(CUT_LISTENERS) == 1
        await asyncio.wait_for(listener.resumed.get(), PATIENCE_SECONDS)
        async with database.transaction() as db:
            await notify(db, "announced", "after")
        assert await asyncio.wait_for(listener.received.get(), PATIENCE_SECONDS) == "after"


async def test_a_database_that_refuses_connections_for_a_while_is_waited_for(database: Database, server: str) -> None:
    name = database.url.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(server)
    async with Listener(database.url).listening() as listener:
        await admin.execute(f"alter database {name} allow_connections false")
        async with database.connection() as db:
            assert await db.fetchval(CUT_LISTENERS) == 1
        await until(lambda: not listener.notifier.is_connected.is_set())
        assert listener.resumed.empty()
        await admin.execute(f"alter database {name} allow_connections true")
        await asyncio.wait_for(listener.resumed.get(), PATIENCE_SECONDS)
        async with database.transaction() as db:
            await notify(db, "announced", "back")
        assert await asyncio.wait_for(listener.received.get(), PATIENCE_SECONDS) == "back"
    await admin.close()
