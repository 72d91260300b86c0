"""A school filled by commit a177c8e is brought to the newest migration: every row is found again, every page opens."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from learning_platform.core.database import Connection
from learning_platform.core.migrate import migrate
from tests.conftest import EMPTY_DATABASE, address, cloned_database, opened_school, test_settings
from tests.people import HandClock, School
from tests.upgrade.homes import DROPPED, HOMES, Home
from tests.upgrade.old_school import DUMPED_AT, PASSWORD, Rows, columns_of_tables, read_rows, restore
from tests.web.pages.browsing import Browser, every_kind_of_page, words

pytestmark = pytest.mark.anyio
ADVICE = "a migration has changed it: write into tests/upgrade/homes.py where its content is now"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The name of the migrated database, and all that it held before."""

    database: str
    columns: Mapping[str, Sequence[str]]
    rows: Mapping[str, Rows]


@pytest.fixture(scope="module")
async def upgraded(server: str) -> AsyncIterator[Upgraded]:
    """Restore the old school, read it, and migrate it."""
    maintenance = await asyncpg.connect(server)
    name = f"upgraded_{uuid4().hex[:12]}"
    url = address(server, name)
    await maintenance.execute(f"create database {name} template {EMPTY_DATABASE}")
    try:
        await restore(url)
        db = await asyncpg.connect(url)
        columns = await columns_of_tables(db)
        rows = {table: await read_rows(db, table, kept_columns(table, names)) for table, names in columns.items()}
        await db.close()
        await migrate(url)
        yield Upgraded(name, columns, rows)
    finally:
        await maintenance.execute(f"drop database {name} with (force)")
        await maintenance.close()


@pytest.fixture
async def url(server: str, upgraded: Upgraded) -> AsyncIterator[str]:
    """Return the address of a copy of the migrated school, for one test."""
    async with cloned_database(server, upgraded.database) as copied:
        yield copied


@pytest.fixture
async def old_school(app: FastAPI, url: str) -> AsyncIterator[School]:
    """Open the application on the migrated school, at the time of the dump."""
    async with opened_school(app, test_settings(url), HandClock(DUMPED_AT)) as opened:
        yield opened


@pytest.fixture
async def client(old_school: School) -> AsyncIterator[AsyncClient]:
    """Return a program that is not signed in."""
    async with AsyncClient(transport=ASGITransport(old_school.app), base_url="http://test") as visitor:
        yield visitor


def kept_columns(table: str, columns: Sequence[str]) -> list[str]:
    """Return the columns whose content must be found again."""
    return [column for column in columns if (table, column) not in DROPPED]


async def rows_as_they_were(db: "asyncpg.Connection[asyncpg.Record]", table: str, columns: Sequence[str]) -> Rows:
    """Read the rows of an old table from where they are now."""
    home = HOMES.get(table, Home(table))
    try:
        return await read_rows(db, home.table, [home.columns.get(column, column) for column in columns])
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        pytest.fail(f"{table}: {error}; {ADVICE}")


async def test_every_row_is_found_again(upgraded: Upgraded, url: str) -> None:
    db = await asyncpg.connect(url)
    try:
        for table, names in upgraded.columns.items():
            columns, before = kept_columns(table, names), upgraded.rows[table]
            after = await rows_as_they_were(db, table, columns)
            assert before, f"the old {table} is empty: nothing is compared"
            differences = [*sorted((before - after).elements(), key=str), *sorted((after - before).elements(), key=str)]
            assert not differences, f"{table} {columns}: {differences[0]} and {differences[-1]} differ; {ADVICE}"
    finally:
        await db.close()


async def test_what_the_mapping_names_has_existed(upgraded: Upgraded) -> None:
    named = {(table, column) for table, home in HOMES.items() for column in home.columns} | set(DROPPED)
    existed = {(table, column) for table, columns in upgraded.columns.items() for column in columns}
    assert set(HOMES) <= set(upgraded.columns)
    assert named <= existed


async def test_the_tables_are_like_those_of_a_fresh_database(url: str, db: Connection) -> None:
    migrated = await asyncpg.connect(url)
    fresh_columns, columns = await columns_of_tables(db), await columns_of_tables(migrated)
    await migrated.close()
    assert {table: set(names) for table, names in columns.items()} == {
        table: set(names) for table, names in fresh_columns.items()
    }


@pytest.mark.parametrize("username", ["alice", "bob", "author", "admin"])
async def test_every_kind_of_page_opens(old_school: School, username: str) -> None:
    browser = Browser(old_school)
    await browser.fill_in("/sign-in", username=username, password=PASSWORD)
    opened = set()
    async for path, response in every_kind_of_page(browser, "/"):
        assert response.status_code == 200, f"{path}: {response.status_code} {words(response)}"
        opened.add(re.sub(r"\d+", "0", path))
    assert opened >= {"/", "/notifications", "/settings", "/tracks", "/tracks/0", "/assignments/0"}


@pytest.mark.parametrize("username", ["alice", "bob"])
async def test_notifications_are_rendered(old_school: School, client: AsyncClient, username: str) -> None:
    answer = await client.post("/token", data={"username": username, "password": PASSWORD})
    token = answer.json()["access_token"]
    inbox = await client.get("/notifications", params={"limit": 200}, headers={"Authorization": f"Bearer {token}"})
    texts = [notification["text"] for notification in inbox.json()]
    assert texts
    assert not [text for text in texts if not text.strip() or "{" in text or "None" in text]


async def test_pending_times_still_come(old_school: School) -> None:
    async with old_school.services.database.connection() as db:
        waiting = await db.fetchrow(
            "select id, due_at from assignments where due_at > $1 order by due_at limit 1", DUMPED_AT
        )
        assert waiting is not None
        told = "select count(*) from announcements where type = 'review_started' and assignment_id = $1"
        await old_school.sweep()
        assert await db.fetchval(told, waiting["id"]) == 0
        old_school.clock.now = waiting["due_at"]
        await old_school.sweep()
        assert await db.fetchval(told, waiting["id"]) == 1
