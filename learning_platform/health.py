"""How a process is doing: what the health page, /health and the metrics say."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.core.database import Connection, Database, DatabaseUnavailable
from learning_platform.core.metrics import (
    DATABASE_READ_ONLY,
    DATABASE_UP,
    EMAILS,
    LINKS_WAITING,
    LINKS_WAITING_SECONDS,
    LISTENER_CONNECTED,
    OVERDUE_SECONDS,
    POOL_IN_USE,
    POOL_SIZE,
    POOL_WAITING,
)
from learning_platform.core.notifier import Notifier
from learning_platform.core.probe import LIMIT_SECONDS, Probe
from learning_platform.core.server_check import clock_skew
from learning_platform.notifications.mail.queue import emails_by_state
from learning_platform.scheduler import Scheduler
from learning_platform.snapshots.links import WaitingLinks, waiting_links

UNKNOWN = float("nan")
IS_READ_ONLY = "select current_setting('transaction_read_only')::boolean"


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What the database says: whether it refuses changes, since when something is overdue, how far its clock is ahead.

    The clock is compared with that of this process, whatever `now` a test passes.
    """

    is_read_only: bool
    overdue_since: datetime | None
    clock_skew: timedelta
    links: WaitingLinks

    def overdue_seconds(self, now: datetime) -> float:
        """Return for how long the earliest unhandled event has been due."""
        return _seconds_since(self.overdue_since, now)

    def overdue_link_seconds(self, now: datetime) -> float:
        """Return for how long a link that should have been fetched has been due."""
        return _seconds_since(self.links.overdue_since, now)


class HealthMonitor:
    """Looks at the database over a connection of its own; keeps the gauges."""

    def __init__(self, database: Database, scheduler: Scheduler, listener: Notifier) -> None:
        self._database = database
        self._sweeper = scheduler.sweeper
        self._listener = listener
        self._probe = Probe(database.url, self._look)

    async def report(self, now: datetime) -> HealthReport | None:
        """Return what the database says, or None if it does not answer within two seconds."""
        report = await self._probe.look(now)
        if report is not None and report.is_read_only:
            # A session may stay read-only when the database is not any more, or belong to a server that was replaced.
            self._probe.close()
        return report

    async def measure(self, now: datetime) -> None:
        """Set the gauges to what is true now; what cannot be known is not a number."""
        report, emails = await asyncio.gather(self.report(now), self._emails())
        use = self._database.use()
        POOL_SIZE.set(use.size)
        POOL_IN_USE.set(use.in_use)
        POOL_WAITING.set(use.waiting)
        LISTENER_CONNECTED.set(self._listener.is_connected.is_set())
        DATABASE_UP.set(report is not None)
        DATABASE_READ_ONLY.set(UNKNOWN if report is None else report.is_read_only)
        OVERDUE_SECONDS.set(UNKNOWN if report is None else report.overdue_seconds(now))
        LINKS_WAITING.set(UNKNOWN if report is None else report.links.count)
        LINKS_WAITING_SECONDS.set(UNKNOWN if report is None else _seconds_since(report.links.since, now))
        EMAILS.clear()
        for state, count in emails.items():
            EMAILS.labels(state).set(count)

    def close(self) -> None:
        """Close the connection."""
        self._probe.close()

    async def _look(self, db: Connection, now: datetime) -> HealthReport:
        return HealthReport(
            is_read_only=await db.fetchval(IS_READ_ONLY),
            overdue_since=await self._sweeper.overdue_on(db, now),
            clock_skew=await clock_skew(db),
            links=await waiting_links(db, now=now),
        )

    async def _emails(self) -> dict[str, int]:
        """Return how many emails there are in each state, or nothing where that cannot be found out soon."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS), self._database.connection() as db:
                return await emails_by_state(db)
        except (TimeoutError, DatabaseUnavailable):
            return {}


def _seconds_since(time: datetime | None, now: datetime) -> float:
    return 0.0 if time is None else (now - time).total_seconds()
