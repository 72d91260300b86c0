"""How late notifications reach an open WebSocket, one after another: `python -m benchmarks.lateness`.

A served process with its scheduler, one participant with a WebSocket, the warnings and deadlines of one track, each at
a time of its own. Measured from the time in the calendar to the message at the client: the scheduler's sleep, the
sweep and its commit, the notifier, the query, the socket. Before the first of these times nothing happens.
"""

import asyncio
from collections.abc import AsyncIterable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

import asyncpg
import orjson
from websockets.asyncio.client import connect

from benchmarks import servers
from benchmarks.data import empty_database, postgres
from benchmarks.report import Verdict, show
from learning_platform.accounts.actions import register
from learning_platform.core.clock import system_clock
from learning_platform.core.database import Database
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import AssignmentDraft, CriterionDraft, TrackDraft, create_track

ASSIGNMENTS = 20
# Prime, so that the times fall anywhere between the ticks of whatever else the machine does.
APART = timedelta(milliseconds=311)
IDLE_SECONDS = 5
# Nothing is submitted: at each deadline the next assignment opens. Later events are kept out of the way.
SET_DUE_TIMES = (
    """
    update assignments set due_at = $2::timestamptz + (2 * position + 1) * $3::interval,
        reviews_due_at = $2::timestamptz + interval '2 days'
    where track_id = $1
    """,
    """
    update scheduled_events e set due_at = case e.kind
        when 'deadline_warning' then $2::timestamptz + (2 * a.position) * $3::interval
        when 'review_start' then a.due_at else $2::timestamptz + interval '1 day' end
    from assignments a where a.id = e.assignment_id and a.track_id = $1
    """,
)
DUE_TIMES = """
select assignment_id, case kind when 'review_start' then 'review_started' else kind end as type, due_at
from scheduled_events where kind in ('deadline_warning', 'review_start')
"""
TRANSACTIONS = """
select xact_commit + xact_rollback from pg_stat_database where datname = current_database()
"""


async def main() -> bool:
    """Measure; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "lateness") as url:
        user_id, track_id = await _running_track(url)
        with servers.ours(url) as ours:
            address = f"ws://127.0.0.1:{ours.port}/ws/{servers.token(user_id)}"
            async with connect(address, compression=None) as socket:
                transactions = await _while_idle(url)
                due_times = await _bring_forward(url, track_id)
                late = sorted([one * 1000 for one in await _lateness(socket, due_times)])
    note = f"of {len(late)} notifications, the earliest after {late[0]:.1f} ms"
    verdicts = [
        Verdict("from the due time to the message, median", median(late), 50, "less", " ms", note),
        Verdict("the latest", late[-1], 500, "less", " ms"),
        Verdict(f"transactions in {IDLE_SECONDS} s without anything due", transactions, 2, "less"),
    ]
    return show("Lateness at an open socket", verdicts)


async def _running_track(url: str) -> tuple[int, int]:
    """Start a track of two people; return one of them and the track. Its first event is a long way off."""
    database = await Database.open(url, size=1)
    now = system_clock()
    draft = TrackDraft(
        title="Python basics",
        description="From zero to a command-line program",
        required_participants=2,
        review_hours=1,
        criteria=[CriterionDraft("Correctness", "", 10)],
        assignments=[AssignmentDraft(f"Task {number}", "", 10) for number in range(ASSIGNMENTS)],
    )
    async with database.transaction() as db:
        people = [
            await register(db, email=f"{name}@example.com", username=name, password_hash="none", locale="en", now=now)
            for name in ("alice", "bob")
        ]
        track_id = await create_track(db, author_id=people[0].id, draft=draft, now=now)
        for person in people:
            await enroll(db, track_id=track_id, user_id=person.id, now=now)
    await database.close()
    return people[0].id, track_id


async def _while_idle(url: str) -> int:
    """Return how many transactions the process makes while nothing is due; asking is one of them."""
    db = await asyncpg.connect(url)
    # An idle connection reports what it did before within ten seconds.
    await asyncio.sleep(11)
    before = await db.fetchval(TRANSACTIONS)
    await asyncio.sleep(IDLE_SECONDS)
    after: int = await db.fetchval(TRANSACTIONS)
    await db.close()
    return after - int(before)


async def _bring_forward(url: str, track_id: int) -> dict[tuple[int, str], datetime]:
    """Let the events of the track fall due one after another, soon; return them."""
    db = await asyncpg.connect(url)
    async with db.transaction():
        starts_at = datetime.now(UTC) + timedelta(seconds=1)
        for statement in SET_DUE_TIMES:
            await db.execute(statement, track_id, starts_at, APART)
        await db.execute("select pg_notify('scheduled', '')")
    due_times = {(id, type): due_at for id, type, due_at in await db.fetch(DUE_TIMES)}
    await db.close()
    return due_times


async def _lateness(socket: AsyncIterable[str | bytes], due_times: dict[tuple[int, str], datetime]) -> Sequence[float]:
    """Return by how many seconds each notification came too late."""
    late: list[float] = []
    async with asyncio.timeout(60):
        async for message in socket:
            received_at, notification = datetime.now(UTC), orjson.loads(message)
            due_at = due_times.get((notification["assignment_id"], notification["type"]))
            if due_at is not None:
                late.append((received_at - due_at).total_seconds())
            if len(late) == len(due_times):
                break
    return late


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
