"""Connections lent one at a time: the last one given back first, those who wait served in the order they came.

asyncpg's own pool guards against users who change a session, and pays for it with a task and a proxy for each loan: as
much as a small statement costs (docs/performance.md). Nothing of ours changes a session, so a list is enough.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class PoolClosed(OSError):
    """The process is stopping: there is no database for it any more."""


class Pool:
    """At most `size` connections, opened when needed and kept; `connect` opens one."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, size: int) -> None:
        self._connect = connect
        self._size = size
        self._opened = 0  # Those being opened are counted too.
        self._idle: list[Connection] = []
        self._lent: set[Connection] = set()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._is_closed = False
        self._nobody_holds_one = asyncio.Event()

    async def acquire(self) -> Connection:
        """Borrow a connection, waiting for one if need be.

        Raises what connecting raises (OSError, asyncpg.PostgresError), and PoolClosed.
        """
        while not self._is_closed:
            connection = self._idle.pop() if self._idle else await self._another()
            if connection is None:
                continue  # Room was made to open one.
            if not connection.is_closed():
                self._lent.add(connection)
                return connection
            self._opened -= 1
        raise PoolClosed

    def release(self, connection: Connection) -> None:
        """Give a connection back; one that broke, or is still in a transaction, is lent to nobody again."""
        self._lent.discard(connection)
        if self._is_closed or connection.is_closed() or connection.is_in_transaction():
            self.discard(connection)
        elif (waiting := self._next_in_line()) is not None:
            waiting.set_result(connection)
        else:
            self._idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Give back a connection that nobody may use again: it may still be busy."""
        self._lent.discard(connection)
        connection.terminate()
        self._make_room()
        if self._is_closed and not self._lent:
            self._nobody_holds_one.set()

    async def close(self) -> None:
        """Lend no more, and close every connection, waiting for those that are lent."""
        self._is_closed = True
        while (waiting := self._next_in_line()) is not None:
            waiting.set_result(None)
        if self._lent:
            await self._nobody_holds_one.wait()
        while self._idle:
            await self._idle.pop().close()

    def terminate(self) -> None:
        """Close every connection at once."""
        self._is_closed = True
        for connection in (*self._idle, *self._lent):
            connection.terminate()
        self._idle.clear()

    async def _another(self) -> "Connection | None":
        """Open one more, or wait for one; None says that there is room to open one now."""
        if self._opened >= self._size:
            return await self._wait()
        self._opened += 1
        try:
            return await self._connect()
        except BaseException:
            self._make_room()
            raise

    async def _wait(self) -> "Connection | None":
        waiting: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            # It may have been served in the instant in which it gave up.
            if waiting.done() and not waiting.cancelled():
                self._pass_on(waiting.result())
            raise

    def _pass_on(self, connection: "Connection | None") -> None:
        if connection is not None:
            self.release(connection)
        elif (waiting := self._next_in_line()) is not None:
            waiting.set_result(None)

    def _make_room(self) -> None:
        self._opened -= 1
        if (waiting := self._next_in_line()) is not None:
            waiting.set_result(None)

    def _next_in_line(self) -> "asyncio.Future[Connection | None] | None":
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                return waiting
        return None


class Loan:
    """A connection for the length of an `async with`: outside any transaction, for reads of one statement each."""

    __slots__ = ("_connection", "_pool")
    _connection: Connection

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        """Borrow it."""
        self._connection = connection = await self._pool.acquire()
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back. Who was cancelled may have left a statement under way."""
        if isinstance(error, asyncio.CancelledError):
            self._pool.discard(self._connection)
        else:
            self._pool.release(self._connection)


class TransactionLoan(Loan):
    """A connection in a transaction: committed at the end of the `async with`, rolled back on any exception."""

    __slots__ = ("_transaction",)

    async def __aenter__(self) -> Connection:
        """Borrow it and begin."""
        connection = await super().__aenter__()
        self._transaction = connection.transaction()
        try:
            await self._transaction.__aenter__()
        except BaseException:
            self._pool.discard(connection)
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the transaction and give the connection back; a cancelled one ends with its connection."""
        if not isinstance(error, asyncio.CancelledError):
            try:
                await self._transaction.__aexit__(kind, error, trace)
            except BaseException:
                self._pool.discard(self._connection)
                raise
        await super().__aexit__(kind, error, trace)
