"""Connections to PostgreSQL: a pool, a transaction, rows as values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeVar

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


class Json:
    """A column of type json: passed on as it is where JSON is written, read where it is looked at.

    (What is jsonb comes as Python values.)
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[Any]:
        """Yield what it lists."""
        return iter(orjson.loads(self.text))


async def fetch_values(db: Connection, kind: type[Value], statement: str, *arguments: object) -> list[Value]:
    """Run `statement`; each row becomes a `kind`, a dataclass, column by name."""
    rows = await db.fetch(statement, *arguments)
    if not rows:
        return []
    in_order = _orders.get((kind, statement)) or _note_order(kind, statement, rows[0])
    return [kind(*in_order(row)) for row in rows]


async def fetch_value(db: Connection, kind: type[Value], statement: str, *arguments: object) -> Value | None:
    """Run `statement`; its first row becomes a `kind`, a dataclass, or there is none."""
    row = await db.fetchrow(statement, *arguments)
    if row is None:
        return None
    in_order = _orders.get((kind, statement)) or _note_order(kind, statement, row)
    return kind(*in_order(row))


# Puts the columns of a row into the order of the fields: `kind(**row)` would take three times as long.
_orders: dict[tuple[type, str], Callable[[asyncpg.Record], Iterable[Any]]] = {}


def _note_order(kind: type, statement: str, row: asyncpg.Record) -> Callable[[asyncpg.Record], Iterable[Any]]:
    columns = list(row.keys())
    # Fields that are no columns have defaults, and stand last.
    names = [field.name for field in fields(kind)][: len(columns)]
    if sorted(names) != sorted(columns):
        raise TypeError(f"{kind.__name__} has not the columns of its statement: {columns}")
    _orders[kind, statement] = _as_it_is if names == columns else lambda row: [row[name] for name in names]
    return _orders[kind, statement]


def _as_it_is(row: asyncpg.Record) -> Iterable[Any]:
    return row


async def fetch_ids(db: Connection, statement: str, *arguments: object) -> Sequence[int]:
    """Run `statement`; return its first column."""
    return [row[0] for row in await db.fetch(statement, *arguments)]


async def connect(url: str) -> Connection:
    """Open a single connection outside the pool, for LISTEN or for an advisory lock that outlives statements."""
    return await asyncpg.connect(url, server_settings={"application_name": "learning_platform", "timezone": "UTC"})


async def prepare_connection(connection: Connection) -> None:
    """Teach a connection to read and write jsonb as Python values, and to leave json as it is."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_dump_json, decoder=orjson.loads, format="text"
    )
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=Json, format="text")


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()
