"""Apply migrations with Alembic under an advisory lock, so that several processes can start together."""

import asyncio
from contextlib import suppress
from pathlib import Path

import asyncpg

from learning_platform.core.database import connect
from learning_platform.core.outages import DRIVER_ERRORS
from learning_platform.core.server_check import clock_skew, ensure_usable, warn_of_skew
from learning_platform.core.settings import PROJECT
from learning_platform.core.start import CannotStart

MIGRATIONS = PROJECT / "migrations"
# With the default locale of the embedded server, C, `lower()` does not change Cyrillic letters.
CREATE_DATABASE = (
    "create database learning_platform template template0 locale_provider builtin builtin_locale 'C.UTF-8'"
)
# Another process may be applying a long migration.
PATIENCE_SECONDS = 3600.0
LOCK = "select pg_advisory_lock(hashtext('learning_platform.migrations'))"
HAS_VERSION_TABLE = "select to_regclass('alembic_version') is not null"
CURRENT_VERSION = "select version_num from alembic_version"
DATABASE_NAME = "select current_database()"


async def create_database(maintenance_url: str) -> None:
    """Create the database of the embedded server unless it exists."""
    db = await connect(maintenance_url)
    try:
        # The second of two simultaneous CREATE DATABASE gets UniqueViolation.
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await db.execute(CREATE_DATABASE, timeout=PATIENCE_SECONDS)
    finally:
        await db.close()


async def migrate(url: str) -> None:
    """Apply missing migrations. Processes that start together wait for the first one.

    Raises CannotStart for a database that cannot be used or has unknown migrations.
    """
    db = await connect(url)
    try:
        await ensure_usable(db)
        warn_of_skew(await clock_skew(db))
        if await _is_current(db):
            return
        await db.execute(LOCK, timeout=PATIENCE_SECONDS)
        if not await _is_current(db):
            await asyncio.to_thread(_upgrade, url)
    finally:
        await db.close()


def newest_version() -> str:
    """Return the newest revision: files are named by it, `0001_what_it_does.py`, so Alembic need not be imported."""
    return max(_versions())


async def _is_current(db: "asyncpg.Connection[asyncpg.Record]") -> bool:
    if not await db.fetchval(HAS_VERSION_TABLE):
        return False
    version = await db.fetchval(CURRENT_VERSION)
    if version is not None and version not in _versions():
        raise CannotStart(
            f'The tables in database "{await db.fetchval(DATABASE_NAME)}" have version {version}, which is newer'
            f" than this code (version {newest_version()}). Update the code, or use another database."
        )
    return bool(version == newest_version())


def _versions() -> set[str]:
    return {path.name.partition("_")[0] for path in Path(MIGRATIONS / "versions").glob("[0-9]*.py")}


def _upgrade(url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = url
    try:
        command.upgrade(configuration, "head")
    except DBAPIError as error:
        # The error of the driver has no statement in it.
        raise _driver_error(error) from error


def _driver_error(error: BaseException) -> BaseException:
    while not isinstance(error, DRIVER_ERRORS) and error.__cause__ is not None:
        error = error.__cause__
    return error
