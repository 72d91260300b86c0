"""Connections to PostgreSQL: a pool, a transaction, rows as values."""

from collections.abc import Sequence
from typing import TypeVar

import asyncpg
import orjson

from learning_platform.core.pool import Connection as Connection
from learning_platform.core.pool import Loan, Pool, TransactionLoan

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
SESSION_SETTINGS = {
    "application_name": "learning_platform",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
    "timezone": "UTC",
    "jit": "off",
}
# More than there are in the code: each is prepared once for a connection, and stays so.
MOST_STATEMENTS = 1000


class Database:
    """The connections of one process. Open it once, close it at the end."""

    def __init__(self, pool: Pool, url: str) -> None:
        self.url = url
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, size: int) -> "Database":
        """Connect to `url` with at most `size` connections, one of them at once."""

        async def connect_one() -> Connection:
            connection = await asyncpg.connect(
                url,
                statement_cache_size=MOST_STATEMENTS,
                max_cached_statement_lifetime=0,
                server_settings=SESSION_SETTINGS,
            )
            await prepare_connection(connection)
            return connection

        pool = Pool(connect_one, size=size)
        async with Loan(pool):
            return cls(pool, url)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        await self._pool.close()

    def terminate(self) -> None:
        """Close every connection at once."""
        self._pool.terminate()

    def connection(self) -> Loan:
        """Lend a connection outside any transaction: for reads that are one statement each."""
        return Loan(self._pool)

    def transaction(self) -> TransactionLoan:
        """Lend a connection inside a transaction: committed at the end, rolled back on any exception."""
        return TransactionLoan(self._pool)


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


async def connect(url: str) -> Connection:
    """Open a single connection outside the pool, for LISTEN or for an advisory lock that outlives statements."""
    return await asyncpg.connect(url, server_settings={"application_name": "learning_platform", "timezone": "UTC"})


async def prepare_connection(connection: Connection) -> None:
    """Teach a connection to read and write jsonb as Python values."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_dump_json, decoder=orjson.loads, format="text"
    )


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()
