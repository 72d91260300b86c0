"""Open the database of the settings or the embedded one, and apply migrations."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from learning_platform.core.clock import system_clock
from learning_platform.core.database import Database
from learning_platform.core.migrate import create_database, migrate
from learning_platform.core.pooler import ensure_session_pooling
from learning_platform.core.settings import Settings
from learning_platform.core.start import CannotStart
from learning_platform.core.start_problems import explained
from learning_platform.core.supervisor import Supervisor

if TYPE_CHECKING:
    from learning_platform.core.embedded import EmbeddedPostgres

log = logging.getLogger(__name__)

# The interval of checks whether the embedded server runs, and the longest one after failed restarts.
FIRST_LOOK_SECONDS, MAX_LOOK_SECONDS = 0.5, 30.0

EMBEDDED_DATABASE = "embedded database"


@asynccontextmanager
async def open_database(settings: Settings, background: Supervisor | None = None) -> AsyncIterator[Database]:
    """Yield the pool, after starting the embedded server and migrating; stop the server at the end. Raises CannotStart.

    `background` supervises the embedded server; short commands do not need it.
    """
    async with AsyncExitStack() as stack:
        with explained(settings):
            address = database_address(settings, background or Supervisor(system_clock))
            url = await stack.enter_async_context(address)
            await ensure_session_pooling(url)
            await migrate(url)
            database = await Database.open(url, size=settings.database_pool_size)
            stack.push_async_callback(_close, database)
        yield database


@asynccontextmanager
async def database_address(settings: Settings, background: Supervisor) -> AsyncIterator[str]:
    """Yield the address of the database, and run the embedded server meanwhile if it is used."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    from learning_platform.core.embedded import EmbeddedPostgres

    embedded = EmbeddedPostgres(settings.data_dir)
    url = await asyncio.to_thread(embedded.start)
    background.start(EMBEDDED_DATABASE, lambda: _keep_running(embedded))
    try:
        await create_database(embedded.maintenance_url)
        yield url
    finally:
        await background.stop_task(EMBEDDED_DATABASE)
        await asyncio.to_thread(embedded.stop)


async def _keep_running(embedded: "EmbeddedPostgres") -> None:
    """Restart the embedded server whenever it ends, until cancelled; the pause grows after failures."""
    pause = FIRST_LOOK_SECONDS
    while True:
        await asyncio.sleep(pause)
        if not embedded.is_gone():
            pause = FIRST_LOOK_SECONDS
            continue
        log.warning("the embedded PostgreSQL has stopped; restarting it")
        try:
            await asyncio.to_thread(embedded.revive)
        except (CannotStart, OSError) as error:
            log.error("the embedded PostgreSQL cannot be restarted: %s", error)  # noqa: TRY400 - a sentence says it
            pause = min(pause * 2, MAX_LOOK_SECONDS)


async def _close(database: Database) -> None:
    try:
        async with asyncio.timeout(1.0):
            await database.close()
    except TimeoutError:
        database.terminate()
