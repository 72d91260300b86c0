"""Query the database over a separate connection within two seconds, also if other connections hang."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from learning_platform.core.connecting import Connection, connect
from learning_platform.core.outages import DRIVER_ERRORS

Seen = TypeVar("Seen")
# This is less than the two seconds within which /health responds.
LIMIT_SECONDS = 1.8


class Probe(Generic[Seen]):
    """Runs `look`; simultaneous requests share one result."""

    def __init__(self, url: str, look: Callable[[Connection, datetime], Awaitable[Seen]]) -> None:
        self._url = url
        self._look = look
        self._connection: Connection | None = None
        self._under_way: asyncio.Task[Seen | None] | None = None

    async def look(self, now: datetime) -> Seen | None:
        """Return the result, or None if the database does not respond in time."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._look_in_time(now))
        # A cancelled request must not cancel the shared query.
        return await asyncio.shield(self._under_way)

    def close(self) -> None:
        """Close the connection."""
        if self._under_way is not None:
            self._under_way.cancel()
        self._drop()

    async def _look_in_time(self, now: datetime) -> Seen | None:
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                return await self._look_twice(now)
        except DRIVER_ERRORS:
            self._drop()
            return None

    async def _look_twice(self, now: datetime) -> Seen:
        """Run the query; repeat it on a new connection if the old one broke since the last query."""
        if self._connection is not None:
            try:
                return await self._look(self._connection, now)
            except TimeoutError:
                raise
            except DRIVER_ERRORS:
                self._drop()
        self._connection = await connect(self._url)
        return await self._look(self._connection, now)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
