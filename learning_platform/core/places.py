"""Places for tasks of two kinds: those that a user waits for, and those that can be postponed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Places:
    """A number of places. A task that can be postponed gets one only when no other task waits for one."""

    def __init__(self, number: int) -> None:
        # No place is free while a task waits.
        self._free = number
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._postponed: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def taken(self, *, can_be_postponed: bool) -> AsyncIterator[None]:
        """Wait for a place, in the order of arrival, and hold it for an `async with` block."""
        await self._take(self._postponed if can_be_postponed else self._waiting)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, line: deque["asyncio.Future[None]"]) -> None:
        if self._free:
            self._free -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                self._pass_on()  # The place was given to this task just as it was cancelled.
            raise

    def _pass_on(self) -> None:
        for line in (self._waiting, self._postponed):
            while line:
                following = line.popleft()
                if not following.done():
                    following.set_result(None)
                    return
        self._free += 1
