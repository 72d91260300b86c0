"""What stands in the code and what stands in the database are one."""

import asyncio
import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

import learning_platform
from learning_platform.core.database import Connection
from learning_platform.core.migrate import MIGRATIONS

STATEMENT = re.compile(r"\s*(select|insert|update|delete|with)\b", re.IGNORECASE)
KEYS_WITHOUT_INDEX = """
select c.conrelid::regclass::text, c.conname from pg_constraint c
where c.contype = 'f' and not exists (
    select from pg_index i where i.indrelid = c.conrelid and i.indpred is null
        and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
        and c.conkey @> (i.indkey::int2[])[0:cardinality(c.conkey) - 1])
"""
TIMES_WITHOUT_ZONE = """
select table_name, column_name from information_schema.columns
where table_schema = 'public' and data_type in ('timestamp without time zone', 'time without time zone', 'date')
"""
TIMES = """
select count(*) from information_schema.columns
where table_schema = 'public' and data_type = 'timestamp with time zone'
"""


def modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(learning_platform.__path__, "learning_platform."):
        yield importlib.import_module(module.name)


def statements() -> dict[str, str]:
    """Return every SQL constant of the project by its full name."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if name.strip("_").isupper() and isinstance(value, str) and STATEMENT.match(value)
    }


def test_the_statements_are_found() -> None:
    found = statements()
    assert len(found) > 100
    assert "learning_platform.enrollment.actions.INSERT_PARTICIPANT" in found


async def test_every_statement_fits_the_tables(db: Connection) -> None:
    refused = {}
    for name, statement in statements().items():
        try:
            async with db.transaction():
                await db.prepare(statement)
        except asyncpg.PostgresError as error:
            refused[name] = str(error)
    assert refused == {}


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
async def test_the_tables_are_those_that_the_models_declare(worker_database: str) -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = worker_database
    await asyncio.to_thread(command.check, configuration)


async def test_every_foreign_key_has_an_index(db: Connection) -> None:
    assert [tuple(row) for row in await db.fetch(KEYS_WITHOUT_INDEX)] == []


async def test_every_time_is_aware(db: Connection) -> None:
    assert [tuple(row) for row in await db.fetch(TIMES_WITHOUT_ZONE)] == []
    assert await db.fetchval(TIMES) > 20
