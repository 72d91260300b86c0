"""Connections to PostgreSQL: a pool, a transaction, rows as values."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import asyncpg

from learning_platform.core.connecting import Connection as Connection
from learning_platform.core.connecting import Json as Json
from learning_platform.core.connecting import WatchedConnection, connect_for_pool
from learning_platform.core.connecting import connect as connect
from learning_platform.core.connecting import prepare_connection as prepare_connection
from learning_platform.core.outages import DRIVER_ERRORS, outage_of, unavailable
from learning_platform.core.outages import DatabaseUnavailable as DatabaseUnavailable

Value = TypeVar("Value")

# The limit for getting a connection, which may include opening it.
ACQUIRE_SECONDS = 10.0
# Connections are not replaced because of their age.
MANY = 2**62
# After these exceptions a statement may still run on the connection.
UNFINISHED = (asyncio.CancelledError, TimeoutError)


@dataclass(frozen=True, slots=True)
class PoolUse:
    """The maximum number of connections, the number in use, and the number of waiting tasks."""

    size: int
    in_use: int
    waiting: int


class Database:
    """The connections of a process, opened at start and closed at the end.

    A connection that broke, whose task was cancelled, or that is still in a transaction is not used again.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", url: str) -> None:
        self.url = url
        self._pool = pool
        # Tasks are served in their order; the pool of asyncpg lets later tasks overtake waiting ones.
        self._free = asyncio.Semaphore(pool.get_max_size())
        self._in_use = 0
        self._waiting = 0

    @classmethod
    async def open(cls, url: str, *, size: int) -> Self:
        """Connect to `url` with at most `size` connections, one of them now. Raises what connecting raises."""
        pool = await asyncpg.create_pool(
            url,
            # Typed as a copy of the driver's own signature.
            connect=cast("Any", connect_for_pool),
            connection_class=WatchedConnection,
            reset=_keep_session,
            init_size=1,
            # Connections are opened when needed and kept.
            min_size=0,
            max_size=size,
            max_queries=MANY,
            max_inactive_connection_lifetime=0,
        )
        return cls(pool, url)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        await self._pool.close()

    def terminate(self) -> None:
        """Close every connection without waiting."""
        self._pool.terminate()

    def use(self) -> PoolUse:
        """Return the present use of the pool."""
        return PoolUse(self._pool.get_max_size(), self._in_use, self._waiting)

    def connection(self) -> "Acquired":
        """Acquire a connection without a transaction, for reads of one statement each.

        Raises DatabaseUnavailable, also if the connection is lost inside the block.
        """
        return Acquired(self)

    def transaction(self) -> "InTransaction":
        """Acquire a connection inside a transaction: committed at the end, rolled back on any exception.

        Raises DatabaseUnavailable, also if the connection is lost inside the block.
        """
        return InTransaction(self)

    async def acquire(self) -> Connection:
        """Acquire a connection, which has to be released. Raises DatabaseAway."""
        self._waiting += 1
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                connection = await self._acquired()
        except DRIVER_ERRORS as error:
            raise unavailable(error) from error
        finally:
            self._waiting -= 1
        self._in_use += 1
        return connection

    async def release(self, connection: Connection) -> None:
        """Release a connection to the pool, which replaces a closed one."""
        self._in_use -= 1
        try:
            await self._pool.release(cast("Any", connection))
        finally:
            self._free.release()

    async def _acquired(self) -> Connection:
        await self._free.acquire()
        try:
            # A proxy of the connection, which has all its methods.
            return cast("Connection", await self._pool.acquire())
        except BaseException:
            self._free.release()
            raise


class Acquired:
    """A connection for an `async with` block."""

    __slots__ = ("_connection", "_database")
    _connection: Connection

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> Connection:
        """Acquire the connection."""
        self._connection = connection = await self._database.acquire()
        return connection

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Release the connection; raise DatabaseUnavailable if that is why the block ended."""
        connection = self._connection
        is_lost = _is_lost(connection)
        away = None if error is None else outage_of(error, connection_is_lost=is_lost)
        if not is_lost and (away is not None or isinstance(error, UNFINISHED) or connection.is_in_transaction()):
            connection.terminate()
        await self._database.release(connection)
        if away is not None:
            raise away from error


class InTransaction(Acquired):
    """A connection in a transaction for an `async with` block, committed unless there is an error."""

    __slots__ = ("_transaction",)

    async def __aenter__(self) -> Connection:
        """Acquire the connection and begin the transaction."""
        connection = await super().__aenter__()
        self._transaction = connection.transaction()
        try:
            await self._transaction.__aenter__()
        except BaseException as error:
            await super().__aexit__(type(error), error, error.__traceback__)
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the transaction and release the connection, which is closed if it cannot be rolled back."""
        try:
            if error is None or not (isinstance(error, UNFINISHED) or _is_lost(self._connection)):
                await self._transaction.__aexit__(kind, error, trace)
        except BaseException as failure:
            await super().__aexit__(type(failure), failure, failure.__traceback__)
            raise
        await super().__aexit__(kind, error, trace)


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # The connection broke, and the pool has released it already.


async def _keep_session(_connection: object) -> None:
    """Skip the reset of a released connection, because no statement changes the session."""


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


# Positional arguments in the order of the fields are three times as fast as `kind(**row)`.
_orders: dict[tuple[type, str], Callable[[asyncpg.Record], Iterable[Any]]] = {}


def _note_order(kind: type, statement: str, row: asyncpg.Record) -> Callable[[asyncpg.Record], Iterable[Any]]:
    columns = list(row.keys())
    # Fields without a column have defaults and come last.
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
