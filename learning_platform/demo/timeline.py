"""What people did and what fell due, replayed in the order of time."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from learning_platform.core.database import Connection
from learning_platform.core.sweep import BATCH, LONG_AGO
from learning_platform.scheduler import SWEEPS

Deed = Callable[[datetime], Awaitable[None]]


class Timeline:
    """Deeds to come, the earliest first. A deed may plan others; what would be after `until` has not happened yet."""

    def __init__(self, db: Connection, *, until: datetime) -> None:
        self.until = until
        self._db = db
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._numbers = count()

    def plan(self, at: datetime, deed: Deed) -> None:
        """Do this at that time."""
        if at <= self.until:
            heappush(self._deeds, (at, next(self._numbers), deed))

    async def play(self) -> None:
        """Do everything planned; in between, time does what a scheduler that is never late would do."""
        while self._deeds:
            at, _, deed = heappop(self._deeds)
            await self._let_time_pass(at)
            await deed(at)
        await self._let_time_pass(self.until)

    async def _let_time_pass(self, until: datetime) -> None:
        while (due_at := await self._next_due_at()) is not None and due_at <= until:
            if not await self._sweep(due_at):
                return  # A running scheduler holds the row; it does not need us.

    async def _next_due_at(self) -> datetime | None:
        due_times = [await sweep.next_due_at(self._db, after=LONG_AGO) for sweep in SWEEPS]
        return min((due_at for due_at in due_times if due_at is not None), default=None)

    async def _sweep(self, now: datetime) -> bool:
        handled = [
            await sweep.handle(self._db, id, now)
            for sweep in SWEEPS
            for id, _ in await sweep.due_rows(self._db, now, limit=BATCH)
        ]
        return any(handled)
