"""Handle scheduled events: a sweep finds the rows that are due, and has a function that handles one.

The due rows are the jobs; there is no queue. Each due row is handled in a transaction of its own, which locks the row
and checks again that it is due, so any number of processes can sweep at the same time and a crash leaves nothing half
done. If a row fails, its transaction rolls back, the error is logged, and the row is tried again after a growing pause.
An unavailable database ends the pass without counting as a failure of a row, and the caller tries again shortly.
"""

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from learning_platform.core.clock import Clock
from learning_platform.core.database import Connection, Database
from learning_platform.core.metrics import SWEEP_FAILURES, SWEEP_ROWS
from learning_platform.core.outages import DatabaseAway

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(minutes=5)
BATCH = 200
# The number of rows with the same due time that are handled concurrently.
LANES = 4
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of scheduled event.

    `due` selects `(id, due_at)` of at most $2 rows due at $1, earliest first; `upcoming` selects the earliest time
    after $1 that is not yet handled; `arguments` follow, in both. `handle(db, id, now)` locks the row with SKIP LOCKED
    and handles the event; it returns False without changes if the row is locked or no longer due.
    """

    name: str
    due: str
    upcoming: str
    handle: Callable[[Connection, int, datetime], Awaitable[bool]]
    arguments: tuple[object, ...] = ()

    async def due_rows(self, db: Connection, now: datetime, *, limit: int) -> list[tuple[int, datetime]]:
        """Return the ids of due rows and their due times, earliest first."""
        return [(id, due_at) for id, due_at in await db.fetch(self.due, now, limit, *self.arguments)]

    async def next_due_at(self, db: Connection, *, after: datetime) -> datetime | None:
        """Return the earliest due time after `after` that is not handled yet."""
        due_at: datetime | None = await db.fetchval(self.upcoming, after, *self.arguments)
        return due_at


@dataclass(frozen=True, slots=True, order=True)
class _DueRow:
    due_at: datetime
    rank: int
    id: int


def _kind_and_due_at(row: _DueRow) -> tuple[datetime, int]:
    return row.due_at, row.rank


class Sweeper:
    """Handles the due rows of all sweeps in the order of their due times."""

    def __init__(self, database: Database, sweeps: tuple[Sweep, ...], clock: Clock) -> None:
        self._database = database
        self._sweeps = sweeps
        self._clock = clock
        self._failures: dict[tuple[int, int], tuple[int, datetime]] = {}
        # Rows that were handled when the database became unavailable. One of them may be the cause (for example by
        # needing too much memory), and must not delay the others.
        self._interrupted: set[tuple[int, int]] = set()
        for sweep in sweeps:
            SWEEP_FAILURES.labels(sweep.name)

    async def run_due(self) -> datetime | None:
        """Handle all due rows; return the earliest future due time, or None.

        Rows of all kinds are handled in the order of their due times, for example after a time without a scheduler.
        Raises DatabaseAway, having handled some of them.
        """
        while True:
            looked_at = self._clock()
            rows = await self._due_rows(looked_at)
            handled = [await self._handle_together(list(same)) for _, same in groupby(rows, key=_kind_and_due_at)]
            if not any(handled):
                break  # The remaining rows are locked by other processes.
        self._interrupted.clear()
        return await self._next_due_at(looked_at, is_something_left=bool(rows))

    async def overdue_since(self, now: datetime) -> datetime | None:
        """Return the earliest due time before `now` that is not handled, or None."""
        async with self._database.connection() as db:
            return await self.overdue_on(db, now)

    async def overdue_on(self, db: Connection, now: datetime) -> datetime | None:
        """Return the same as `overdue`, over the given connection."""
        due_at = await self._earliest_on(db, after=LONG_AGO)
        return due_at if due_at is not None and due_at < now else None

    async def _due_rows(self, now: datetime) -> list[_DueRow]:
        found: list[list[_DueRow]] = []
        async with self._database.connection() as db:
            for rank, sweep in enumerate(self._sweeps):
                rows = await sweep.due_rows(db, now, limit=BATCH + len(self._failures) + len(self._interrupted))
                found.append([_DueRow(due_at, rank, id) for id, due_at in rows if not self._is_paused(rank, id, now)])
        in_order = heapq.merge(*found)
        return sorted(in_order, key=lambda row: (row.rank, row.id) in self._interrupted)[:BATCH]

    def _is_paused(self, rank: int, id: int, now: datetime) -> bool:
        failure = self._failures.get((rank, id))
        return failure is not None and failure[1] > now

    async def _handle_together(self, rows: Sequence[_DueRow]) -> bool:
        """Handle the rows with one due time, a few concurrently; return whether any was handled."""
        waiting = iter(rows)
        lanes = [self._handle_in_turn(waiting) for _ in range(min(LANES, len(rows)))]
        outcomes = await asyncio.gather(*lanes, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return any(outcomes)

    async def _handle_in_turn(self, rows: Iterator[_DueRow]) -> bool:
        return any([await self._handle(row) for row in rows])

    async def _handle(self, row: _DueRow) -> bool:
        sweep = self._sweeps[row.rank]
        try:
            async with self._database.transaction() as db:
                handled = await sweep.handle(db, row.id, self._clock())
        except DatabaseAway:
            self._interrupted.add((row.rank, row.id))
            raise
        except Exception:
            # No error of one row may delay the others.
            self._note_failure(row)
            log.exception("sweep %s failed for row %d", sweep.name, row.id)
            return False
        self._failures.pop((row.rank, row.id), None)
        self._interrupted.discard((row.rank, row.id))
        if handled:
            SWEEP_ROWS.labels(sweep.name).inc()
        return handled

    def _note_failure(self, row: _DueRow) -> None:
        SWEEP_FAILURES.labels(self._sweeps[row.rank].name).inc()
        count = self._failures.get((row.rank, row.id), (0, None))[0] + 1
        pause = min(FIRST_PAUSE * 2 ** min(count - 1, 16), MAX_PAUSE)
        self._failures[row.rank, row.id] = (count, self._clock() + pause)

    async def _next_due_at(self, looked_at: datetime, *, is_something_left: bool) -> datetime | None:
        """Return the time of the next pass: the first due time after the last pass, or the end of a pause of a row.

        It may have passed already. Rows locked by another process are checked again shortly, in case it dies.
        """
        due_times = [retry_at for _, retry_at in self._failures.values() if retry_at > looked_at]
        if is_something_left:
            due_times.append(self._clock() + FIRST_PAUSE)
        upcoming = await self._earliest_due_at(after=looked_at)
        return min(due_times if upcoming is None else [*due_times, upcoming], default=None)

    async def _earliest_due_at(self, *, after: datetime) -> datetime | None:
        async with self._database.connection() as db:
            return await self._earliest_on(db, after=after)

    async def _earliest_on(self, db: Connection, *, after: datetime) -> datetime | None:
        due_times = [await sweep.next_due_at(db, after=after) for sweep in self._sweeps]
        return min((due_at for due_at in due_times if due_at is not None), default=None)
