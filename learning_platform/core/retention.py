"""Delete old rows in small batches.

Each batch is a transaction of its own, so others do not wait for long; locked rows are left for later.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.core.clock import Clock
from learning_platform.core.database import Connection, Database, DatabaseUnavailable

log = logging.getLogger(__name__)

BATCH_SIZE = 500
PAUSE_BETWEEN_PARTS_SECONDS = 0.05
PAUSE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows of a table are kept: `delete` deletes and returns at most $2 rows that ended at $1 or before."""

    name: str
    age: timedelta
    delete: str


class Cleaner:
    """Deletes old rows periodically, until cancelled. Several processes may run it."""

    def __init__(self, database: Database, retentions: Sequence[Retention], clock: Clock) -> None:
        self._database = database
        self._retentions = retentions
        self._clock = clock

    async def run(self) -> None:
        """Run until cancelled; try again later if the database is unavailable."""
        while True:
            try:
                await self.clean()
            except DatabaseUnavailable as error:
                log.warning("old rows are not deleted for now: the database is unavailable (%s)", type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    async def clean(self) -> dict[str, int]:
        """Delete all rows that are old now; return the number for each table."""
        return {one.name: await self._remove(one, self._clock()) for one in self._retentions}

    async def _remove(self, retention: Retention, now: datetime) -> int:
        removed = 0
        while True:
            async with self._database.transaction() as db:
                part = await remove_part(db, retention, now=now)
            removed += part
            if part < BATCH_SIZE:
                return removed
            await asyncio.sleep(PAUSE_BETWEEN_PARTS_SECONDS)


async def remove_part(db: Connection, retention: Retention, *, now: datetime) -> int:
    """Delete one batch; return the number of rows."""
    return len(await db.fetch(retention.delete, now - retention.age, BATCH_SIZE))
