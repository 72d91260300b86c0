"""A real Chromium before a real server: one of each per worker, and a context of its own for every person."""

import os
import shutil
from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Browser, async_playwright, expect

from learning_platform.core.clock import system_clock
from learning_platform.core.database import Connection, Database, prepare_connection
from learning_platform.demo.school import fill
from tests.browser.people import Crowd
from tests.browser.school import Places, add_what_is_missing
from tests.conftest import cloned_database
from tests.processes import served

# The shell is the same engine without the windows of a browser, which take most of its time.
NAMES = (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = (
    "The browser tests need a Chromium, and there is none. Install it (apt-get install chromium-headless-shell), "
    "or name one: CHROMIUM=/path/to/chromium."
)
# Nothing that is not asked for: no updates, no telemetry, no first-run page.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
# With it there are pages about mail; nothing is sent.
UNUSED_PORT = "smtp://127.0.0.1:1"
PATIENCE_MS = 30_000


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium, without a window."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(NO_CHROMIUM)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
async def site_database(server: str, template: str) -> AsyncIterator[str]:
    """Clone a database for the server of this worker."""
    async with cloned_database(server, template) as url:
        yield url


@pytest.fixture(scope="session")
async def site(site_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Serve the platform, with its scheduler and the real time; return its address."""
    folder = tmp_path_factory.mktemp("site")
    # More people come from this address in a run than usually do in an hour.
    settings = {"data_dir": str(folder), "log_level": "warning", "limit_registrations": "off"}
    async with served(cwd=folder, database_url=site_database, **settings) as server:
        yield server.url


@pytest.fixture(scope="session")
async def demo(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, Places]]:
    """Serve the demo school, where every page has something on it; return its address, and where what is."""
    folder = tmp_path_factory.mktemp("demo")
    async with cloned_database(server, template) as url:
        database = await Database.open(url, size=2)
        await fill(database, fast=False, now=system_clock())
        async with database.transaction() as connection:
            places = await add_what_is_missing(connection, now=system_clock())
        await database.close()
        async with served(
            cwd=folder, database_url=url, data_dir=str(folder), log_level="warning", smtp_url=UNUSED_PORT
        ) as demo:
            yield demo.url, places


@pytest.fixture
async def db(site_database: str) -> AsyncIterator[Connection]:
    """Connect to the database of the server; what is written there stays."""
    connection = await asyncpg.connect(site_database)
    await prepare_connection(connection)
    yield connection
    await connection.close()


@pytest.fixture
async def crowd(browser: Browser, site: str) -> AsyncIterator[Crowd]:
    """Return who can call people to the site; no browser may have met an error by the end."""
    crowd = Crowd(browser, site)
    yield crowd
    await crowd.leave()
    assert crowd.trouble == []


@pytest.fixture
def places(demo: tuple[str, Places]) -> Places:
    """Return where the demo school has what only some users have."""
    return demo[1]


@pytest.fixture
async def school(browser: Browser, demo: tuple[str, Places]) -> AsyncIterator[Crowd]:
    """Return who can call the demo's people; no browser may have met an error by the end."""
    crowd = Crowd(browser, demo[0])
    yield crowd
    await crowd.leave()
    assert crowd.trouble == []
