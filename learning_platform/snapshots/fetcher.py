"""The fetcher: freezes links that wait, and compares frozen ones with their repositories, until it is cancelled.

Any number of processes may run one. It sleeps until a link is due or a hand-in arrives.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Final

from learning_platform.core.clock import Clock
from learning_platform.core.database import Connection, Database, DatabaseUnavailable
from learning_platform.core.metrics import FETCH_SECONDS, FETCHES
from learning_platform.core.notifier import Notifier
from learning_platform.core.waiting import happens_within
from learning_platform.snapshots import links
from learning_platform.snapshots.git.extraction import Extracted
from learning_platform.snapshots.git.fetching import FetchFailed, Fetching, fetch_link, newest_commit
from learning_platform.snapshots.git.repositories import remove_leftovers
from learning_platform.snapshots.links import TakenCheck, TakenLink
from learning_platform.snapshots.rules import FailureCode, FreezeFailed
from learning_platform.snapshots.starters import starter_entries
from learning_platform.snapshots.warnings import warnings_of

log = logging.getLogger(__name__)

# Fetches of one process at a time.
LANES = 2
PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
# These may pass; the others would fail again.
TEMPORARY: frozenset[FailureCode] = frozenset({"host_unreachable", "too_slow"})
# A host that asks to be left alone is left alone, but not for longer than this, and not without end.
MAX_RETRY_AFTER = timedelta(hours=1)
MAX_PATIENCE = timedelta(days=1)
# A fetcher that is killed again and again while it fetches one link may be killed by that link.
MAX_TAKES = 10
MAX_SLEEP_SECONDS = 60.0
# Links may be due whose hosts are busy with other fetchers.
BUSY_SECONDS = 1.0
RETRY_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What follows from freezing above this layer (attempts/link_outcomes.py), in the same transaction.

    `warnings`: what is to be said of the time of a commit; `failed`, `changed`: notify the participant of the snapshot.
    """

    warnings: Callable[[Connection, int, Extracted, datetime], Awaitable[list[str]]]
    failed: Callable[[Connection, int, datetime], Awaitable[None]]
    changed: Callable[[Connection, int, datetime], Awaitable[None]]


class Fetcher:
    """Freezes links, two at a time."""

    def __init__(self, database: Database, clock: Clock, fetching: Fetching, outcomes: Outcomes) -> None:
        self._database = database
        self._clock = clock
        self._fetching = fetching
        self._outcomes = outcomes
        self._woken = [asyncio.Event() for _ in range(LANES)]
        self._last_track = 0
        # Hosts that have asked this process to come back later.
        self._paused: dict[str, datetime] = {}

    def listen_to(self, notifier: Notifier) -> None:
        """Wake the fetcher on notifications from the database."""
        notifier.on("hand_ins", self.wake)
        notifier.on_reconnect(self.wake)

    def wake(self, _payload: str = "") -> None:
        """Look for links now, because something was handed in."""
        for woken in self._woken:
            woken.set()

    async def run(self) -> None:
        """Run until cancelled; a database that is away for a while is waited for."""
        await asyncio.to_thread(remove_leftovers)
        async with asyncio.TaskGroup() as lanes:
            for woken in self._woken:
                lanes.create_task(self._run_lane(woken))

    async def run_due(self) -> int:
        """Fetch and compare, one after another, whatever is due now; return how much that was."""
        count = 0
        while await self._run_next():
            count += 1
        return count

    async def _run_lane(self, woken: asyncio.Event) -> None:
        while True:
            woken.clear()
            try:
                if await self._run_next():
                    continue
                seconds = await self._seconds_until_next()
            except DatabaseUnavailable:
                seconds = RETRY_PAUSE_SECONDS
            await happens_within(woken, seconds)

    async def _run_next(self) -> bool:
        """Freeze or compare one link; return False if none is due."""
        now = self._clock()
        self._paused = {host: until for host, until in self._paused.items() if until > now}
        async with self._database.transaction() as db:
            taken = await links.take_link(db, after_track=self._last_track, except_hosts=self._paused, now=now)
            check = None if taken is not None else await links.take_check(db, now=now)
        if taken is not None:
            self._last_track = taken.track_id
            await self._fetch(taken)
        elif check is not None:
            await self._check(check)
        return taken is not None or check is not None

    async def _fetch(self, taken: TakenLink) -> None:
        """Fetch a link outside of any transaction; then keep what has become of it in one."""
        try:
            if taken.tries > MAX_TAKES:
                raise FreezeFailed("bad_repository")
            with FETCH_SECONDS.time():
                extracted = await fetch_link(taken.repo_url, fetching=self._fetching)
        except FreezeFailed as failed:
            FETCHES.labels(failed.code).inc()
            await self._keep_failure(taken, failed)
            return
        FETCHES.labels("frozen").inc()
        about_files = await self._warnings(taken, extracted)
        now = self._clock()
        async with self._database.transaction() as db:
            warnings = [*about_files, *await self._outcomes.warnings(db, taken.id, extracted, now)]
            await links.mark_frozen(db, taken=taken, extracted=extracted, warnings=warnings, now=now)

    async def _warnings(self, taken: TakenLink, extracted: Extracted) -> tuple[str, ...]:
        async with self._database.connection() as db:
            starter = await starter_entries(db, assignment_id=taken.assignment_id)
        return await asyncio.to_thread(partial(warnings_of, extracted.tree, starter=starter))

    async def _keep_failure(self, taken: TakenLink, failed: FreezeFailed) -> None:
        now = self._clock()
        wait = retry_after(failed.retry_after, now=now) if isinstance(failed, FetchFailed) else None
        log.info("link %d was not fetched: %s", taken.id, failed.code)
        async with self._database.transaction() as db:
            if wait is not None and now - taken.received_at < MAX_PATIENCE:
                self._paused[taken.host] = now + wait
                await links.postpone(db, taken=taken, error=failed.code, try_at=now + wait, counts=False)
            elif failed.code in TEMPORARY and taken.tries <= len(PAUSES):
                await links.postpone(db, taken=taken, error=failed.code, try_at=now + PAUSES[taken.tries - 1])
            elif await links.mark_failed(db, taken=taken, error=failed.code):
                await self._outcomes.failed(db, taken.id, now)

    async def _check(self, check: TakenCheck) -> None:
        try:
            has_changed = await newest_commit(check.repo_url, fetching=self._fetching) != check.commit
        except FreezeFailed as failed:
            log.info("link %d was not compared: %s", check.id, failed.code)
            has_changed = False
        now = self._clock()
        async with self._database.transaction() as db:
            is_first = await links.end_check(db, snapshot_id=check.id, has_changed=has_changed, now=now)
            if is_first and has_changed:
                await self._outcomes.changed(db, check.id, now)

    async def _seconds_until_next(self) -> float:
        async with self._database.connection() as db:
            due_at = await links.next_due_at(db)
        if due_at is None:
            return MAX_SLEEP_SECONDS
        return min(max((due_at - self._clock()).total_seconds(), BUSY_SECONDS), MAX_SLEEP_SECONDS)


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Return how long a host wants to be left alone: seconds or a date, at most an hour, or None without either."""
    if value is None:
        return None
    if value.isascii() and value.isdecimal():
        wait = timedelta(seconds=min(int(value), MAX_RETRY_AFTER.total_seconds()))
    else:
        try:
            wait = parsedate_to_datetime(value) - now
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta(seconds=1)), MAX_RETRY_AFTER)
