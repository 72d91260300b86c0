"""A queue with one turn at a time, fair between origins: one with many requests delays itself and is refused first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class QueueFull(Exception):
    """The queue is full, and most waiting requests come from the same origin."""


class FairQueue:
    """Gives one turn at a time; waiting origins are served in rotation, each in the order of its requests."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._is_taken = False
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._waiting.values())

    @property
    def is_taken(self) -> bool:
        """Say whether a turn is taken, so that others would have to wait."""
        return self._is_taken

    @asynccontextmanager
    async def turn(self, origin: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it for an `async with` block. Raises QueueFull."""
        await self._take(origin)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, origin: str) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        if len(self) >= self._size:
            self._make_space(origin)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(origin, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._pass_on()  # The turn was given to this request just as it was cancelled.
            else:
                self._leave(origin, mine)
            raise

    def _make_space(self, origin: str) -> None:
        """Refuse the last request of the longest line, or raise QueueFull if that would be the new one."""
        longest, line = max(self._waiting.items(), key=lambda each: len(each[1]))
        if len(self._waiting.get(origin, ())) + 1 >= len(line):
            raise QueueFull
        last = line[-1]
        self._leave(longest, last)
        last.set_exception(QueueFull())

    def _pass_on(self) -> None:
        while self._waiting:
            origin, line = next(iter(self._waiting.items()))
            following = line.popleft()
            # An origin that was served goes to the end of the rotation.
            del self._waiting[origin]
            if line:
                self._waiting[origin] = line
            if not following.done():
                following.set_result(None)
                return
        self._is_taken = False

    def _leave(self, origin: str, mine: "asyncio.Future[None]") -> None:
        line = self._waiting.get(origin)
        if line is not None and mine in line:
            line.remove(mine)
            if not line:
                del self._waiting[origin]
