"""A connection is acquired by one task at a time, in turn, and never in a state that another left behind."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from learning_platform.core.database import Database, DatabaseUnavailable

BACKEND = "select pg_backend_pid()"


@pytest.fixture
async def database(worker_database: str) -> AsyncIterator[Database]:
    """Open two connections at most."""
    database = await Database.open(worker_database, size=2)
    yield database
    database.terminate()


async def backend(database: Database) -> int:
    """Return which connection one gets."""
    async with database.connection() as db:
        return int(await db.fetchval(BACKEND))


async def settle() -> None:
    """Let everything that can happen now happen."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_after_another_the_same_connection_serves_all(database: Database) -> None:
    assert len({await backend(database) for _ in range(10)}) == 1


async def test_there_are_never_more_than_allowed_and_every_task_is_served(database: Database) -> None:
    assert len(set(await asyncio.gather(*(backend(database) for _ in range(50))))) == 2


async def test_a_task_that_waits_is_served_in_the_order_they_came(database: Database) -> None:
    served = []

    async def wait_in_line(number: int) -> None:
        async with database.connection():
            served.append(number)

    waiting = []
    async with database.connection(), database.connection():
        for number in range(5):
            waiting.append(asyncio.create_task(wait_in_line(number)))
            await settle()
    await asyncio.gather(*waiting)
    assert served == [0, 1, 2, 3, 4]


async def test_a_task_that_gives_up_waiting_takes_no_connection_along(database: Database) -> None:
    async with database.connection(), database.connection():
        impatient = [asyncio.create_task(backend(database)) for _ in range(5)]
        await settle()
        for task in impatient:
            task.cancel()
    await asyncio.gather(*impatient, return_exceptions=True)
    assert len(set(await asyncio.gather(*(backend(database) for _ in range(10))))) == 2


async def test_a_task_that_is_cancelled_in_the_instant_of_being_served_passes_the_connection_on(
    database: Database,
) -> None:
    async with database.connection():
        async with database.connection():
            first = asyncio.create_task(backend(database))
            second = asyncio.create_task(backend(database))
            await settle()
        first.cancel()
        assert await second
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_statement_that_was_cancelled_ends_with_its_connection(database: Database) -> None:
    before = await backend(database)

    has_begun = asyncio.Event()

    async def sleep() -> None:
        async with database.transaction() as db:
            has_begun.set()
            await db.execute("select pg_sleep(30)")

    sleeping = asyncio.create_task(sleep())
    await has_begun.wait()
    await settle()
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert await backend(database) != before


async def test_a_refusal_rolls_back_and_leaves_the_connection_as_it_was(database: Database) -> None:
    before = await backend(database)

    async def change_and_refuse() -> None:
        async with database.transaction() as db:
            await db.execute("create table left_behind ()")
            raise LookupError

    with pytest.raises(LookupError):
        await change_and_refuse()
    async with database.connection() as db:
        assert await db.fetchval("select to_regclass('left_behind')") is None
        assert await db.fetchval(BACKEND) == before


async def test_a_transaction_left_open_by_hand_is_not_passed_to_the_next(database: Database) -> None:
    async with database.connection() as db:
        before = await db.fetchval(BACKEND)
        await db.execute("begin")
    assert await backend(database) != before


async def test_a_connection_that_broke_is_replaced(database: Database) -> None:
    async def use_what_breaks() -> None:
        async with database.connection() as db, database.connection() as other:
            await other.execute("select pg_terminate_backend($1)", await db.fetchval(BACKEND))
            await db.fetchval(BACKEND)

    with pytest.raises(DatabaseUnavailable):
        await use_what_breaks()
    assert len(set(await asyncio.gather(*(backend(database) for _ in range(10))))) <= 2


async def test_a_task_that_waits_for_a_connection_that_broke_gets_another(database: Database) -> None:
    async with database.connection(), database.connection() as db:
        waiting = asyncio.create_task(backend(database))
        await settle()
        db.terminate()
    assert await waiting


async def test_a_connection_that_cannot_be_opened_leaves_its_slot_to_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    async with database.connection():
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg, "connect", refuse)
            for _ in range(5):
                with pytest.raises(DatabaseUnavailable):
                    await backend(database)
        assert await backend(database)


async def test_closing_waits_for_acquired_connections_and_refuses_later_tasks(database: Database) -> None:
    async with database.connection(), database.connection():
        late = asyncio.create_task(backend(database))
        await settle()
        closing = asyncio.create_task(database.close())
        await settle()
        assert not closing.done()
        with pytest.raises(DatabaseUnavailable):
            await late
    await closing
    with pytest.raises(DatabaseUnavailable):
        await backend(database)
