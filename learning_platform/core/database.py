"""Connections to PostgreSQL: a pool, a transaction, rows as values."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias, TypeVar

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Value = TypeVar("Value")

# What is raised when the database is away or a connection breaks; InternalClientError, when it breaks within a reply.
DATABASE_TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# Of these, what says that the database is away, and not that a statement is wrong.
DATABASE_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InternalClientError,
)
# No statement of ours needs longer; one that does is stuck behind a lock and must let go of its connection.
STATEMENT_TIMEOUT_MS = "30000"
IDLE_IN_TRANSACTION_TIMEOUT_MS = "60000"


class Database:
    """The pool of one process. Open it once, close it at the end."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", url: str) -> None:
        self.url = url
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, size: int) -> "Database":
        """Connect to `url` with at most `size` connections."""
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=prepare_connection,
            reset=_keep_as_it_is,
            server_settings={
                "application_name": "learning_platform",
                "statement_timeout": STATEMENT_TIMEOUT_MS,
                "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_MS,
                "timezone": "UTC",
                "jit": "off",
            },
        )
        return cls(pool, url)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        await self._pool.close()

    def terminate(self) -> None:
        """Close every connection at once."""
        self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection outside any transaction: for reads that are one statement each."""
        async with self._pool.acquire() as db:
            yield db

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction: committed at the end, rolled back on any exception."""
        async with self._pool.acquire() as db, db.transaction():
            yield db


async def fetch_values(db: Connection, kind: type[Value], statement: str, *arguments: object) -> list[Value]:
    """Run `statement`; each row becomes a `kind`, column by name."""
    return [kind(**row) for row in await db.fetch(statement, *arguments)]


async def fetch_value(db: Connection, kind: type[Value], statement: str, *arguments: object) -> Value | None:
    """Run `statement`; its first row becomes a `kind`, or there is none."""
    row = await db.fetchrow(statement, *arguments)
    return None if row is None else kind(**row)


async def fetch_ids(db: Connection, statement: str, *arguments: object) -> Sequence[int]:
    """Run `statement`; return its first column."""
    return [row[0] for row in await db.fetch(statement, *arguments)]


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Open a single connection outside the pool, for LISTEN or for an advisory lock that outlives statements."""
    return await asyncpg.connect(url, server_settings={"application_name": "learning_platform", "timezone": "UTC"})


async def prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Teach a connection to read and write jsonb as Python values."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_dump_json, decoder=orjson.loads, format="text"
    )


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _keep_as_it_is(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Skip the pool's reset query: nothing of ours changes a session (no SET, LISTEN, cursor or session lock)."""
