"""Migrations: tables appear by themselves, however many processes start together."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from learning_platform.core.migrate import migrate, newest_version
from tests.conftest import address

VERSIONS = "select version_num from alembic_version"


@pytest.fixture
async def empty_database(server: str) -> AsyncIterator[str]:
    name = f"empty_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"create database {name} template template0 locale_provider builtin builtin_locale 'C.UTF-8'")
    yield address(server, name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def test_four_that_start_together_on_an_empty_database_migrate_it_once(empty_database: str) -> None:
    await asyncio.gather(*(migrate(empty_database) for _ in range(4)))
    db = await asyncpg.connect(empty_database)
    assert [row[0] for row in await db.fetch(VERSIONS)] == [newest_version()]
    assert await db.fetchval("select count(*) from tracks") == 0
    await db.close()


# What hosts of databases hand out; the driver under Alembic must understand it as asyncpg does.
@pytest.mark.parametrize("option", ["sslmode=prefer", "sslmode=disable", "application_name=school"])
async def test_an_address_may_carry_the_options_that_other_tools_write(empty_database: str, option: str) -> None:
    await migrate(f"{empty_database}&{option}")
    db = await asyncpg.connect(empty_database)
    assert await db.fetchval("select count(*) from tracks") == 0
    await db.close()
