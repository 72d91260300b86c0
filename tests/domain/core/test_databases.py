"""The tests' own databases: what one test wrote or changed, the next one never meets."""

from contextlib import AsyncExitStack

import asyncpg

from learning_platform.core.database import prepare_connection
from tests import make
from tests.conftest import cloned_database
from tests.databases import Shelf


async def test_a_database_is_empty_for_the_next_test_and_ids_begin_again(server: str, template: str) -> None:
    async with AsyncExitStack() as stack:
        shelf = Shelf(lambda: stack.enter_async_context(cloned_database(server, template)))
        url = await shelf.take()
        first = await _a_running_track(url)
        # A transaction that was left open does not hold up the next test.
        careless = await asyncpg.connect(url)
        await careless.execute("begin; lock table tracks")
        await shelf.put_back(url)
        assert await shelf.take() == url
        db = await asyncpg.connect(url)
        for table in ("users", "tracks", "assignments", "participants", "attempts", "announcements", "notifications"):
            assert await db.fetchval(f"select count(*) from {table}") == 0
            assert await db.fetchval("select pg_relation_size($1::regclass)", table) == 0
        await db.close()
        assert await _a_running_track(url) == first
        careless.terminate()


async def test_a_database_whose_tables_a_test_changed_is_not_used_again(server: str, template: str) -> None:
    changes = (
        "alter table tracks rename column title to name",
        "create function fail() returns trigger language plpgsql as $$ begin return new; end $$",
        "alter table users alter column email drop not null",
    )
    async with AsyncExitStack() as stack:
        shelf = Shelf(lambda: stack.enter_async_context(cloned_database(server, template)))
        handed_out = set()
        for change in changes:
            url = await shelf.take()
            db = await asyncpg.connect(url)
            await db.execute(change)
            await db.close()
            await shelf.put_back(url)
            handed_out.add(url)
        assert len(handed_out) == len(changes)


async def _a_running_track(url: str) -> int:
    db = await asyncpg.connect(url)
    await prepare_connection(db)
    track_id = await make.running_track(db, await make.users(db, 2))
    await db.close()
    return track_id
