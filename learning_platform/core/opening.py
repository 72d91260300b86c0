"""Open the database as the settings say: given or embedded, its tables up to date."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from learning_platform.core.database import Database
from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.migrate import create_database, migrate
from learning_platform.core.settings import Settings


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Yield the pool; start the embedded server and migrate first, stop the server afterwards."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database_address(settings))
        await migrate(url)
        database = await Database.open(url, size=settings.database_pool_size)
        stack.push_async_callback(_close, database)
        yield database


@asynccontextmanager
async def database_address(settings: Settings) -> AsyncIterator[str]:
    """Yield the address of the database, with the embedded server running if that is where it is."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    embedded = EmbeddedPostgres(settings.data_dir)
    url = await asyncio.to_thread(embedded.start)
    try:
        await create_database(embedded.maintenance_url)
        yield url
    finally:
        await asyncio.to_thread(embedded.stop)


async def _close(database: Database) -> None:
    try:
        await asyncio.wait_for(database.close(), timeout=1.0)
    except TimeoutError:
        database.terminate()
