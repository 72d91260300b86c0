"""An event costs the same number of statements however many people it concerns, and happens wholly or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Connection, Database
from learning_platform.core.sweep import Sweeper
from learning_platform.enrollment.actions import enroll
from learning_platform.scheduler import SWEEPS
from learning_platform.tracks.actions import cancel_track
from tests import make
from tests.events import close_hand_in, finish_track, remind, warn
from tests.people import HandClock

HOUR = timedelta(hours=1)
FEW, MANY, LARGE_GROUP = 30, 300, 10_000
NOTIFIED = """
select split_part(a.event, ':', 1), count(*) from notifications n join announcements a on a.id = n.announcement_id
where a.assignment_id = $1 group by 1
"""
OWED = "select reviews_required, count(*) from attempts where assignment_id = $1 group by 1"
FAIL_FOR_ONE = """
create function fail() returns trigger language plpgsql as $$ begin raise exception 'full disk'; end $$;
create trigger fail before insert on notifications for each row when (new.user_id % 10000 = 4999)
    execute function fail();
"""

HandledEvent = Callable[[Connection, Sequence[int]], Awaitable[int]]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, size=3)
    yield database
    await database.close()


async def statements(db: Connection, work: Awaitable[object]) -> int:
    """Return how many statements `work` runs on this connection."""
    seen: list[str] = []
    # Loggers are called soon, not immediately.
    with db.query_logger(lambda record: seen.append(record.query)):
        await work
        await asyncio.sleep(0)
    return len(seen)


async def start(db: Connection, people: Sequence[int]) -> int:
    track_id = await make.track(db, author_id=people[0], places=len(people))
    await db.execute(make.MANY_PARTICIPANTS, track_id, people[:-1], make.NOON)
    await db.execute(make.COUNT_PARTICIPANTS, track_id)
    return await statements(db, enroll(db, track_id=track_id, user_id=people[-1], now=make.NOON))


async def warning(db: Connection, people: Sequence[int]) -> int:
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    await make.submit_for_all(db, first, people[::2])
    return await statements(db, warn(db, first, make.NOON + 8 * HOUR))


async def deadline(db: Connection, people: Sequence[int]) -> int:
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    await make.submit_for_all(db, first, people[::2])
    return await statements(db, close_hand_in(db, first, make.NOON + 10 * HOUR))


async def deadline_without_submissions(db: Connection, people: Sequence[int]) -> int:
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    return await statements(db, close_hand_in(db, first, make.NOON + 10 * HOUR))


async def reminder(db: Connection, people: Sequence[int]) -> int:
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    await make.submit_for_all(db, first, people)
    await close_hand_in(db, first, make.NOON + 10 * HOUR)
    return await statements(db, remind(db, first, make.NOON + 18 * HOUR))


async def end(db: Connection, people: Sequence[int]) -> int:
    track_id = await make.running_track(db, people)
    return await statements(db, finish_track(db, track_id, make.NOON + 40 * HOUR))


async def cancelling(db: Connection, people: Sequence[int]) -> int:
    track_id = await make.running_track(db, people)
    return await statements(db, cancel_track(db, track_id=track_id, actor=Actor(people[0]), now=make.NOON))


async def extension(db: Connection, people: Sequence[int]) -> int:
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    to = make.NOON + 11 * HOUR
    return await statements(
        db,
        extend_deadline(db, assignment_id=first, due_at=to, actor=Actor(people[0]), now=make.NOON),
    )


@pytest.mark.parametrize(
    "event", [start, warning, deadline, deadline_without_submissions, reminder, end, cancelling, extension]
)
async def test_an_event_costs_the_same_number_of_statements_for_ten_times_as_many_people(
    db: Connection, event: HandledEvent
) -> None:
    people = await make.crowd(db, MANY)
    await event(db, people[:2])  # A connection asks once for the types it meets.
    few = await event(db, people[:FEW])
    assert 0 < few < 30
    assert await event(db, people) == few


async def test_a_deadline_of_ten_thousand_is_whole_or_has_not_been(
    database: Database, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.transaction() as db:
        people = await make.crowd(db, LARGE_GROUP)
        first, second = await make.assignment_ids(db, await make.running_track(db, people))
        await make.submit_for_all(db, first, people[:-1])
        await db.execute(FAIL_FOR_ONE)
    sweeper = Sweeper(database, SWEEPS, clock)

    clock.now += 10 * HOUR
    await sweeper.run_due()
    assert "full disk" in caplog.text
    assert await _rows(database, NOTIFIED, first) == {"assignment_opened": LARGE_GROUP}
    assert await _rows(database, OWED, first) == {None: LARGE_GROUP}
    assert await sweeper.overdue_since(clock.now) == clock.now - 2 * HOUR

    async with database.transaction() as db:
        await db.execute("drop trigger fail on notifications")
    clock.advance(seconds=1)
    await sweeper.run_due()
    # There may be further kinds of events.
    notified = {"assignment_opened": LARGE_GROUP, "deadline_warning": LARGE_GROUP, "review_started": LARGE_GROUP}
    assert (await _rows(database, NOTIFIED, first)).items() >= notified.items()
    assert await _rows(database, OWED, first) == {3: LARGE_GROUP}
    assert await sweeper.overdue_since(clock.now) is None

    clock.now = make.NOON + 30 * HOUR
    await sweeper.run_due()
    assert (await _rows(database, NOTIFIED, first)).items() >= {**notified, "reviews_overdue": LARGE_GROUP}.items()
    notified_of_second = await _rows(database, NOTIFIED, second)
    assert notified_of_second.items() >= {"deadline_warning": LARGE_GROUP, "review_started": LARGE_GROUP}.items()
    assert "assignment_opened" not in notified_of_second
    assert await _rows(database, OWED, second) == {}, "no participant is there yet"


async def _rows(database: Database, statement: str, assignment_id: int) -> dict[object, int]:
    async with database.connection() as db:
        rows: list[asyncpg.Record] = await db.fetch(statement, assignment_id)
    return {row[0]: row[1] for row in rows}


async def test_ten_thousand_who_owe_nothing_all_go_on_together(database: Database, clock: HandClock) -> None:
    async with database.transaction() as db:
        people = await make.crowd(db, LARGE_GROUP)
        first, second = await make.assignment_ids(db, await make.running_track(db, people))
    clock.now += 10 * HOUR
    await Sweeper(database, SWEEPS, clock).run_due()
    assert await _rows(database, OWED, first) == {0: LARGE_GROUP}
    assert await _rows(database, OWED, second) == {None: LARGE_GROUP}
    assert await _rows(database, NOTIFIED, second) == {"assignment_opened": LARGE_GROUP}
    async with database.connection() as db:
        opened: list[datetime] = [
            row[0] for row in await db.fetch("select distinct opened_at from attempts order by 1")
        ]
    assert opened == [make.NOON, clock.now]
