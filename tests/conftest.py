"""A PostgreSQL for the whole run, a database for each worker or test, an application with a clock moved by hand."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from learning_platform.accounts.rate_limits import RULE_NAMES
from learning_platform.core.database import Connection, prepare_connection
from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.logs import configure_logging
from learning_platform.core.migrate import MIGRATIONS, migrate
from learning_platform.core.settings import PROJECT, Settings
from learning_platform.web.app import create_app
from learning_platform.web.services import open_services
from tests.databases import Shelf
from tests.people import HandClock, School

pytest_plugins = ["tests.git_hosts", "tests.mail_servers"]
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECRET = "a secret of the tests, 32 characters"
# For tests in which one person does more than anybody would.
NO_LIMITS = {f"limit_{rule}": "off" for rule in RULE_NAMES}
# A database without tables: the locale of the cluster itself may know no Cyrillic.
EMPTY_DATABASE = "template0 locale_provider builtin builtin_locale 'C.UTF-8'"
# Nothing here has to survive a power cut.
UNSAFE_BUT_FAST = (
    "alter system set fsync = off",
    "alter system set full_page_writes = off",
    "alter system set synchronous_commit = off",
    "select pg_reload_conf()",
)

# The same cases on every run, however slow the machine.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, the only loop the service runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start an embedded PostgreSQL, or share that of other workers; return the address of its maintenance database."""
    embedded = EmbeddedPostgres(PROJECT / ".data" / "tests")
    embedded.start()
    yield embedded.maintenance_url
    embedded.stop()


@pytest.fixture(scope="session")
async def template(server: str) -> str:
    """Build the database by the migrations, once for all workers; return its name."""
    name = f"template_{_fingerprint(MIGRATIONS / 'versions')}"
    db = await asyncpg.connect(server)
    try:
        await db.execute("select pg_advisory_lock(1)")
        if not await db.fetchval("select exists (select from pg_database where datname = $1)", name):
            for statement in UNSAFE_BUT_FAST:
                await db.execute(statement)
            await db.execute(f"drop database if exists {name}_draft")
            await _create_database(db, f"{name}_draft", f"template {EMPTY_DATABASE}")
            await migrate(address(server, f"{name}_draft"))
            await db.execute(f"alter database {name}_draft rename to {name}")
    finally:
        await db.close()
    return name


@pytest.fixture(scope="session")
async def worker_database(server: str, template: str) -> AsyncIterator[str]:
    """Clone a database for the tests of this worker that roll back."""
    async with cloned_database(server, template) as url:
        yield url


@pytest.fixture
async def db(worker_database: str) -> AsyncIterator[Connection]:
    """Connect; whatever the test writes is rolled back."""
    connection = await asyncpg.connect(worker_database)
    await prepare_connection(connection)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture(scope="session")
async def shelf(server: str, template: str) -> AsyncIterator[Shelf]:
    """Keep the databases that tests of this worker commit to, one test after another."""
    async with AsyncExitStack() as stack:
        yield Shelf(lambda: stack.enter_async_context(cloned_database(server, template)))


@pytest.fixture
async def database_url(shelf: Shelf) -> AsyncIterator[str]:
    """Hand out a database to one test that really commits; it is as if fresh from the migrations."""
    url = await shelf.take()
    yield url
    await shelf.put_back(url)


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """Build the application once: its routes are the same for every school."""
    return create_app(test_settings("postgresql:///never-connected"))


@pytest.fixture
def now() -> datetime:
    """Return noon of New Year's Day 2030, in UTC."""
    return NOON


@pytest.fixture
def clock() -> HandClock:
    """Return a clock that stands still until moved."""
    return HandClock(NOON)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return the settings of a web process without a scheduler: tests sweep by hand."""
    return test_settings(database_url)


@pytest.fixture
async def school(app: FastAPI, settings: Settings, clock: HandClock) -> AsyncIterator[School]:
    """Open the application on a database of its own, with a hand-moved clock."""
    async with opened_school(app, settings, clock) as opened:
        yield opened


@pytest.fixture
async def client(school: School) -> AsyncIterator[AsyncClient]:
    """Return a client that is not signed in."""
    async with AsyncClient(transport=ASGITransport(school.app), base_url="http://test") as visitor:
        yield visitor


def test_settings(database_url: str, **others: Any) -> Settings:
    """Return settings that read nothing from the environment of who runs the tests."""
    chosen: dict[str, Any] = {"_env_file": None, "scheduler": "off", "log_level": "warning", **others}
    return Settings(database_url=SecretStr(database_url), secret_key=SecretStr(SECRET), **chosen)


test_settings.__test__ = False  # type: ignore[attr-defined]  # A builder, not a test.


@asynccontextmanager
async def opened_school(app: FastAPI, settings: Settings, clock: HandClock) -> AsyncIterator[School]:
    """Open everything a process holds again, behind routes that were built before."""
    configure_logging(level=settings.log_level, format=settings.log_format)
    async with open_services(settings, clock) as services:
        app.state.services = services
        yield School(app, clock)


@asynccontextmanager
async def cloned_database(server: str, template: str) -> AsyncIterator[str]:
    """Clone the template; drop the clone at the end."""
    name = f"test_{os.getpid()}_{uuid4().hex[:12]}"
    db = await asyncpg.connect(server)
    try:
        await _create_database(db, name, f"template {template} strategy file_copy")
        yield address(server, name)
        await db.execute(f"drop database {name} with (force)")
    finally:
        await db.close()


def address(server: str, database: str) -> str:
    """Return the address of another database of the same server."""
    return server.replace("/postgres?", f"/{database}?", 1)


async def _create_database(db: "asyncpg.Connection[asyncpg.Record]", name: str, options: str) -> None:
    await db.execute(f"create database {name} {options}")


def _fingerprint(folder: Path) -> str:
    contents = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(contents).hexdigest()[:12]
