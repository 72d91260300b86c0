"""Deadlines: how late, how many at the same time, for how many people: `python -m benchmarks.deadlines`.

A scheduler runs in a process of its own, as users may run it. A deadline is over when its announcement is committed:
that is when a listener receives the notification.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from statistics import median, quantiles

from benchmarks import servers
from benchmarks.data import Size, copy, postgres
from benchmarks.report import Verdict, show
from learning_platform.core.clock import system_clock
from learning_platform.core.database import Connection, connect, prepare_connection
from learning_platform.core.notifier import notify
from learning_platform.notifications.actions import Announcement, announce

CROWD, TURNS = 10_000, 5
# One assignment with a crowd; a thousand assignments (of the odd tracks) that end together; 200,000 events to come.
ASSEMBLY = Size("assembly", users=100_000, tracks=1, participants=CROWD)
SCHOOL = Size("deadlines", users=20_000, tracks=2_000, participants=10)
CALENDAR = Size("calendar", users=60_000, tracks=15_000, participants=4)
SAME_TIME = 1_000
ONE_AFTER_ANOTHER, APART = 200, timedelta(milliseconds=25)
IDLE_SECONDS = 10
LEAD = timedelta(seconds=1.5)
PATIENCE_SECONDS = 60.0

# The first assignments of the first odd tracks, in the order of their new deadlines.
BRING_FORWARD = """
with moved as (
    update assignments a set due_at = $1::timestamptz + $2::interval * (chosen.n - 1)
    from (select id, row_number() over (order by id) as n from assignments
          where position = 0 and track_id % 2 = 1 and review_started_at is null order by id limit $3) chosen
    where a.id = chosen.id returning a.id, a.due_at
), unwarned as (
    delete from scheduled_events e using moved where e.assignment_id = moved.id and e.kind = 'deadline_warning'
)
update scheduled_events e set due_at = moved.due_at from moved
where e.assignment_id = moved.id and e.kind = 'review_start'
"""
PENDING = "select count(*) from scheduled_events where pending"
DUE_AT = """
select n.id, a.due_at from announcements n join assignments a on a.id = n.assignment_id where n.id = any($1::bigint[])
"""
UNDO = (
    "update assignments set review_started_at = null, due_at = now() + interval '1 year' where id = 1",
    "update scheduled_events set pending = true where assignment_id = 1 and kind = 'review_start'",
    "update attempts set reviews_required = null where assignment_id = 1",
    "delete from announcements where type = 'review_started'",
    "vacuum analyze attempts, notifications, announcements",
)
BARE_ANNOUNCEMENT = """
insert into announcements (event, type, parameters, created_at) values ($1, 'track_finished', '{}', now()) returning id
"""
BARE_INSERT = "insert into notifications (user_id, announcement_id) select id, $1::bigint from users"
FORGET = "truncate notifications"


class ReceivedAnnouncements:
    """The announcements that were committed: their ids, and when each notification came."""

    def __init__(self) -> None:
        self._received_at: dict[int, float] = {}
        self._changed = asyncio.Event()

    def add(self, _db: object, _pid: int, _channel: str, payload: object) -> None:
        """Note one."""
        self._received_at[int(str(payload))] = time.time()
        self._changed.set()

    async def wait_for(self, number: int) -> dict[int, float]:
        """Return the next `number` of announcements, once they are made."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self._received_at) < number:
                self._changed.clear()
                await self._changed.wait()
        received_at, self._received_at = self._received_at, {}
        return received_at


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[tuple[Connection, ReceivedAnnouncements]]:
    """Yield a connection and the announcements that a listener receives."""
    listener, db, received = await connect(url), await connect(url), ReceivedAnnouncements()
    try:
        await prepare_connection(db)
        await listener.add_listener("announced", received.add)
        yield db, received
    finally:
        await listener.close()
        await db.close()


async def main(*, turns: int = TURNS) -> bool:
    """Measure everything; return whether every target is reached."""
    async with postgres() as server:
        async with copy(server, ASSEMBLY) as url, listening(url) as (db, received):
            with servers.scheduler(url):
                crowd = [await _large_group(db, received) for _ in range(turns)]
            verdicts = [
                Verdict(
                    f"{CROWD:,} participants, from due to the last row", max(crowd), 1, "less", " s", _turns(crowd)
                ),
                await _against_bare_insert(db, turns=turns),
            ]
        async with copy(server, SCHOOL) as url, listening(url) as (db, received):
            with servers.scheduler(url):
                lateness = await _lateness(db, received, number=SAME_TIME, apart=timedelta())
            verdicts.append(
                Verdict(f"{SAME_TIME:,} deadlines at the same time, the last", max(lateness), 2, "less", " s")
            )
        async with copy(server, CALENDAR) as url, listening(url) as (db, received):
            verdicts += await _with_many_pending(db, received, url)
    return show("Deadlines", verdicts)


def _turns(seconds: Sequence[float]) -> str:
    return "turns " + ", ".join(f"{each:.2f}" for each in seconds)


async def _large_group(db: Connection, received: ReceivedAnnouncements) -> float:
    """Return the seconds from the deadline of a large group to the commit of what it does."""
    (seconds,) = await _lateness(db, received, number=1, apart=timedelta())
    for statement in UNDO:
        await db.execute(statement)
    return seconds


async def _lateness(db: Connection, received: ReceivedAnnouncements, *, number: int, apart: timedelta) -> list[float]:
    """Bring some deadlines forward; return by how many seconds each was announced too late."""
    due_at = system_clock() + LEAD
    await db.execute(BRING_FORWARD, due_at, apart, number)
    await notify(db, "scheduled")
    received_at = await received.wait_for(number)
    due_at_of: dict[int, datetime] = {id: at for id, at in await db.fetch(DUE_AT, list(received_at))}
    return [received_at[id] - due_at_of[id].timestamp() for id in received_at]


async def _against_bare_insert(db: Connection, *, turns: int) -> Verdict:
    """Compare notifying 100,000 people with one bare INSERT … SELECT into the same table."""
    ours, bare = [], []
    for turn in range(turns):
        ours.append(await _notify_all(db, turn))
        bare.append(await _insert_bare(db, turn))
    ratio, note = median(ours) / median(bare), f"{median(ours):.2f} and {median(bare):.2f} s here"
    return Verdict(f"{ASSEMBLY.users:,} notifications, as a multiple of a bare INSERT", ratio, 1.5, "less", note=note)


async def _notify_all(db: Connection, turn: int) -> float:
    await db.execute(FORGET)
    user_ids = range(1, ASSEMBLY.users + 1)
    began_at = time.perf_counter()
    async with db.transaction():
        announcement = Announcement(event=f"benchmark:{turn}", type="track_finished", parameters={"track": "Python"})
        await announce(db, announcement, to=user_ids, now=system_clock())
    return time.perf_counter() - began_at


async def _insert_bare(db: Connection, turn: int) -> float:
    await db.execute(FORGET)
    began_at = time.perf_counter()
    async with db.transaction():
        await db.execute(BARE_INSERT, await db.fetchval(BARE_ANNOUNCEMENT, f"bare:{turn}"))
    return time.perf_counter() - began_at


async def _with_many_pending(db: Connection, received: ReceivedAnnouncements, url: str) -> list[Verdict]:
    pending = await db.fetchval(PENDING)
    with servers.scheduler(url) as scheduler:
        await asyncio.sleep(1)
        before = sum(scheduler.cpu_times()[:2])
        await asyncio.sleep(IDLE_SECONDS)
        idle = (sum(scheduler.cpu_times()[:2]) - before) / IDLE_SECONDS
        late = await _lateness(db, received, number=ONE_AFTER_ANOTHER, apart=APART)
    percentiles = [one * 1000 for one in quantiles(late, n=100)]
    return [
        Verdict(f"lateness with {pending:,} events pending, p50", percentiles[49], 5, "less", " ms"),
        Verdict("p99", percentiles[98], 20, "less", " ms", note=f"of {len(late)} deadlines"),
        Verdict("idle, of a core", idle * 100, 0.5, "less", " %"),
    ]


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
