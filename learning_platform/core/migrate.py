"""Bring the database's tables up to date: Alembic under an advisory lock, so that many processes may start together."""

import asyncio
from contextlib import suppress
from pathlib import Path

import asyncpg

from learning_platform.core.database import connect
from learning_platform.core.settings import PROJECT

MIGRATIONS = PROJECT / "migrations"
# `lower()` and regular expressions on Cyrillic do nothing under the embedded server's own locale, C.
CREATE_DATABASE = (
    "create database learning_platform template template0 locale_provider builtin builtin_locale 'C.UTF-8'"
)
LOCK = "select pg_advisory_lock(hashtext('learning_platform.migrations'))"
HAS_VERSION_TABLE = "select to_regclass('alembic_version') is not null"
CURRENT_VERSION = "select version_num from alembic_version"


async def create_database(maintenance_url: str) -> None:
    """Create the database of the embedded server unless it is there."""
    db = await connect(maintenance_url)
    try:
        # UniqueViolation is what the loser of two simultaneous CREATE DATABASE sees.
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await db.execute(CREATE_DATABASE)
    finally:
        await db.close()


async def migrate(url: str) -> None:
    """Apply what is missing. Processes that start together wait for the first; the others then find nothing to do."""
    db = await connect(url)
    try:
        if await _is_current(db):
            return
        await db.execute(LOCK)
        if not await _is_current(db):
            await asyncio.to_thread(_upgrade, url)
    finally:
        await db.close()


def newest_version() -> str:
    """Return the newest revision: files are named by it, `0001_what_it_does.py`, so Alembic need not be imported."""
    return max(path.name.partition("_")[0] for path in Path(MIGRATIONS / "versions").glob("[0-9]*.py"))


async def _is_current(db: "asyncpg.Connection[asyncpg.Record]") -> bool:
    if not await db.fetchval(HAS_VERSION_TABLE):
        return False
    return bool(await db.fetchval(CURRENT_VERSION) == newest_version())


def _upgrade(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = url
    command.upgrade(configuration, "head")
