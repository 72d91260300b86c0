"""The embedded server: shared by all who use its folder, and stopped by the last."""

from pathlib import Path

import asyncpg

from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.migrate import create_database


async def is_there(url: str) -> bool:
    try:
        db = await asyncpg.connect(url)
    except (OSError, asyncpg.CannotConnectNowError):
        return False
    await db.close()
    return True


async def test_the_server_is_shared_and_stopped_by_the_last_who_uses_it(tmp_path: Path) -> None:
    first, second = EmbeddedPostgres(tmp_path), EmbeddedPostgres(tmp_path)
    url = first.start()
    assert second.start() == url
    maintenance_url = first.maintenance_url
    await create_database(maintenance_url)
    await create_database(maintenance_url)

    first.stop()
    assert await is_there(url), "somebody still uses it"
    db = await asyncpg.connect(url)
    assert await db.fetchval("select lower('ПРИВЕТ')") == "привет"
    await db.close()

    second.stop()
    assert not await is_there(url)

    third = EmbeddedPostgres(tmp_path)
    assert third.start() == url
    assert await is_there(url), "what was kept is there again"
    third.stop()
    assert not await is_there(url)
