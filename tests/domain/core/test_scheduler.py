"""The scheduler of a process: it asks nothing while nothing is due, and wakes by itself or by a notification."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

import asyncpg
import pytest

from learning_platform.core.clock import system_clock
from learning_platform.core.database import Database
from learning_platform.scheduler import Scheduler
from tests import make

# Of every connection but the one that asks.
LAST_ASKED_AT = """
select max(state_change), bool_and(state = 'idle'), clock_timestamp() - max(state_change) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
SET_WARNING = """
update scheduled_events set due_at = $2 where assignment_id = $1 and kind = 'deadline_warning'
"""
IS_WARNED = "select not pending from scheduled_events where assignment_id = $1 and kind = 'deadline_warning'"
QUIET_FOR, WATCHED_FOR = timedelta(seconds=0.3), 1.0


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, size=1)
    yield database
    await database.close()


async def test_while_nothing_is_due_the_database_is_not_asked(database: Database, database_url: str) -> None:
    async with database.transaction() as db:
        await make.running_track(db, await make.users(db, 2), now=system_clock())
    running = asyncio.create_task(Scheduler(database, system_clock).run())
    watching = await asyncpg.connect(database_url)
    asked_at = await _quiet(watching)
    await asyncio.sleep(WATCHED_FOR)
    assert await watching.fetchval(LAST_ASKED_AT) == asked_at
    await watching.close()
    await _end(running)


async def test_an_event_that_falls_due_is_noticed_by_itself_and_one_that_moved_by_a_notification(
    database: Database, database_url: str
) -> None:
    soon = system_clock() + timedelta(seconds=0.5)
    async with database.transaction() as db:
        track_id = await make.running_track(db, await make.users(db, 2), now=system_clock())
        first, second = await make.assignment_ids(db, track_id)
        await db.execute(SET_WARNING, first, soon)
    scheduler = Scheduler(database, system_clock)
    running = asyncio.create_task(scheduler.run())
    watching = await asyncpg.connect(database_url)
    await _warned(watching, first)
    assert system_clock() >= soon

    await _quiet(watching)
    await watching.execute(SET_WARNING, second, system_clock())
    assert not await watching.fetchval(IS_WARNED, second)
    scheduler.wake()
    await _warned(watching, second)
    await watching.close()
    await _end(running)


async def _quiet(watching: "asyncpg.Connection[asyncpg.Record]") -> datetime:
    """Wait until there was no query for a while; return when the last was."""
    async with asyncio.timeout(30):
        while True:
            asked_at, is_idle, ago = await watching.fetchrow(LAST_ASKED_AT) or (None, False, timedelta())
            if is_idle and ago > QUIET_FOR:
                assert isinstance(asked_at, datetime)
                return asked_at
            await asyncio.sleep(0.05)


async def _warned(watching: "asyncpg.Connection[asyncpg.Record]", assignment_id: int) -> None:
    async with asyncio.timeout(30):
        while not await watching.fetchval(IS_WARNED, assignment_id):  # noqa: ASYNC110 - only the database says so
            await asyncio.sleep(0.01)


async def _end(running: "asyncio.Task[None]") -> None:
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
