"""The scheduler: run what is due, sleep until the next event is due or a notification arrives.

Any number of processes may run one. It only announces what the rules decide from timestamps, so its being late, or not
there at all for a while, changes no user's rights.
"""

import asyncio
from datetime import datetime

from learning_platform.accounts import retention as accounts
from learning_platform.attempts import sweeps as attempts
from learning_platform.attempts.link_outcomes import OUTCOMES
from learning_platform.certificates import sweeps as certificates
from learning_platform.core.clock import Clock
from learning_platform.core.database import Database, DatabaseUnavailable
from learning_platform.core.retention import Cleaner
from learning_platform.core.settings import Settings
from learning_platform.core.sweep import Sweep, Sweeper
from learning_platform.core.waiting import happens_within
from learning_platform.enrollment import sweeps as enrollment
from learning_platform.notifications import retention as notifications
from learning_platform.people import retention as people
from learning_platform.reviews import sweeps as reviews
from learning_platform.snapshots.fetcher import Fetcher
from learning_platform.snapshots.git.fetching import fetching_of

SWEEPS: tuple[Sweep, ...] = (*enrollment.SWEEPS, *attempts.SWEEPS, *reviews.SWEEPS, *certificates.SWEEPS)

# A safety net for notifications lost with a connection, and for clocks that were set; not a poll.
MAX_SLEEP_SECONDS = 60.0
RETRY_PAUSE_SECONDS = 0.5


def cleaner(database: Database, settings: Settings, clock: Clock) -> Cleaner:
    """Return what removes old rows, wherever a scheduler runs."""
    kept = (*accounts.retentions(settings), *notifications.retentions(settings), *people.retentions())
    return Cleaner(database, kept, clock)


def fetcher(database: Database, settings: Settings, clock: Clock) -> Fetcher:
    """Return what freezes links, wherever a scheduler runs or in a process of its own. Raises CannotStart."""
    return Fetcher(database, clock, fetching_of(settings), OUTCOMES)


class Scheduler:
    """Runs the sweeps until cancelled; `wake` makes it look immediately."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.sweeper = Sweeper(database, SWEEPS, clock)
        self._database = database
        self._clock = clock
        self._rung = asyncio.Event()

    def wake(self, _payload: str = "") -> None:
        """Look now: an event was added or moved."""
        self._rung.set()

    async def run(self) -> None:
        """Run until cancelled; a database that is away for a while is waited for."""
        has_looked_for_unknown = False
        while True:
            self._rung.clear()
            try:
                if not has_looked_for_unknown:
                    async with self._database.connection() as db:
                        await attempts.note_unknown_events(db)
                    has_looked_for_unknown = True
                upcoming = await self.sweeper.run_due()
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
                continue
            await happens_within(self._rung, self._seconds_until(upcoming))

    def _seconds_until(self, due_at: datetime | None) -> float:
        if due_at is None:
            return MAX_SLEEP_SECONDS
        return min(max((due_at - self._clock()).total_seconds(), 0.0), MAX_SLEEP_SECONDS)
