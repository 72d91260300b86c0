"""Reacting to time: in order, each row on its own, and never stopped by a row that cannot be handled."""

import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, repeat

import pytest

from learning_platform.core.database import Connection, Database, DatabaseUnavailable
from learning_platform.core.sweep import BATCH, MAX_PAUSE, Sweep, Sweeper
from tests.people import HandClock

CREATE_CHORES = """
create table chores (
    id bigint generated always as identity primary key,
    kind text not null,
    due_at timestamptz not null,
    is_poisoned boolean not null default false,
    done_at timestamptz
);
create table diary (id bigint generated always as identity, chore_id bigint not null);
"""
INSERT_CHORE = "insert into chores (kind, due_at, is_poisoned) values ($1, $2, $3) returning id"
WASH_DUE = "select id, due_at from chores where kind = 'wash' and done_at is null and due_at <= $1 order by 2 limit $2"
WASH_UPCOMING = "select min(due_at) from chores where kind = 'wash' and done_at is null and due_at > $1"
COOK_DUE = "select id, due_at from chores where kind = 'cook' and done_at is null and due_at <= $1 order by 2 limit $2"
COOK_UPCOMING = "select min(due_at) from chores where kind = 'cook' and done_at is null and due_at > $1"
LOCK_CHORE = """
select is_poisoned from chores where id = $1 and done_at is null and due_at <= $2 for update skip locked
"""


class Spoiled(Exception):
    """What a poisoned row does to the code that handles it."""


async def do_chore(db: Connection, chore_id: int, now: datetime) -> bool:
    is_poisoned = await db.fetchval(LOCK_CHORE, chore_id, now)
    if is_poisoned is None:
        return False
    await db.execute("update chores set done_at = $2 where id = $1", chore_id, now)
    await db.execute("insert into diary (chore_id) values ($1)", chore_id)
    if is_poisoned:
        raise Spoiled
    return True


SWEEPS = (Sweep("wash", WASH_DUE, WASH_UPCOMING, do_chore), Sweep("cook", COOK_DUE, COOK_UPCOMING, do_chore))


class House:
    """A database with chores in it, and who does them."""

    def __init__(self, database: Database, clock: HandClock) -> None:
        self.database = database
        self.clock = clock
        self.sweeper = Sweeper(database, SWEEPS, clock)

    async def chore(self, kind: str = "wash", *, in_seconds: float = 0, is_poisoned: bool = False) -> int:
        due_at = self.clock.now + timedelta(seconds=in_seconds)
        async with self.database.transaction() as db:
            return int(await db.fetchval(INSERT_CHORE, kind, due_at, is_poisoned))

    async def cure(self, chore_id: int) -> None:
        async with self.database.transaction() as db:
            await db.execute("update chores set is_poisoned = false where id = $1", chore_id)

    async def done(self) -> list[int]:
        async with self.database.connection() as db:
            return [row[0] for row in await db.fetch("select chore_id from diary order by id")]


@pytest.fixture
async def house(database_url: str, clock: HandClock) -> AsyncIterator[House]:
    database = await Database.open(database_url, size=3)
    async with database.transaction() as db:
        await db.execute(CREATE_CHORES)
    yield House(database, clock)
    await database.close()


async def test_what_fell_due_together_is_handled_in_order_whatever_its_kind(house: House) -> None:
    last = await house.chore("wash", in_seconds=-1)
    second = await house.chore("cook", in_seconds=-2)
    first = await house.chore("wash", in_seconds=-3)
    await house.sweeper.run_due()
    assert await house.done() == [first, second, last]


async def test_what_is_not_due_is_left_and_its_time_is_returned(house: House) -> None:
    later = await house.chore("wash", in_seconds=60)
    await house.chore("cook", in_seconds=90)
    assert await house.sweeper.run_due() == house.clock.now + timedelta(seconds=60)
    assert await house.done() == []
    house.clock.advance(seconds=60)
    assert await house.sweeper.run_due() == house.clock.now + timedelta(seconds=30)
    assert await house.done() == [later]


async def test_where_nothing_is_to_come_there_is_no_next_time(house: House) -> None:
    await house.chore()
    assert await house.sweeper.run_due() is None


async def test_more_than_fits_into_one_look_is_all_handled(house: House) -> None:
    async with house.database.transaction() as db:
        await db.execute(
            "insert into chores (kind, due_at) select 'wash', $1 from generate_series(1, $2)",
            house.clock.now,
            BATCH + 50,
        )
    await house.sweeper.run_due()
    assert len(set(await house.done())) == BATCH + 50


async def test_a_row_that_fails_rolls_back_alone_and_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    poisoned = await house.chore(in_seconds=-2, is_poisoned=True)
    healthy = [await house.chore(in_seconds=-1), await house.chore("cook")]
    with caplog.at_level(logging.ERROR):
        await house.sweeper.run_due()
    assert await house.done() == healthy
    assert f"sweep wash failed for row {poisoned}" in caplog.text


async def test_a_row_that_fails_is_tried_again_after_a_pause_that_grows(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.chore(is_poisoned=True)
    tried_at = []
    began_at = house.clock.now
    for _ in range(20):
        caplog.clear()
        await house.sweeper.run_due()
        if "failed" in caplog.text:
            tried_at.append((house.clock.now - began_at).total_seconds())
        house.clock.advance(seconds=1)
    assert tried_at == [0, 1, 3, 7, 15]


async def test_the_pause_has_an_upper_bound(house: House, caplog: pytest.LogCaptureFixture) -> None:
    chore_id = await house.chore(is_poisoned=True)
    for _ in range(30):
        await house.sweeper.run_due()
        house.clock.advance(hours=1)
    await house.sweeper.run_due()
    await house.cure(chore_id)
    house.clock.now += MAX_PAUSE
    await house.sweeper.run_due()
    assert await house.done() == [chore_id]


async def test_a_row_that_recovered_is_handled_and_its_failures_are_forgotten(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    chore_id = await house.chore(is_poisoned=True)
    await house.sweeper.run_due()
    house.clock.advance(seconds=1)
    await house.sweeper.run_due()
    await house.cure(chore_id)
    house.clock.advance(seconds=2)
    await house.sweeper.run_due()
    assert await house.done() == [chore_id]

    async with house.database.transaction() as db:
        await db.execute("update chores set done_at = null, is_poisoned = true where id = $1", chore_id)
    caplog.clear()
    await house.sweeper.run_due()
    await house.cure(chore_id)
    house.clock.advance(seconds=1)
    await house.sweeper.run_due()
    assert await house.done() == [chore_id, chore_id], "the first failure of a row pauses it for a second, not for four"


async def test_while_a_row_is_paused_it_is_looked_at_no_more_than_once_a_second(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.chore(in_seconds=-5, is_poisoned=True)
    assert await house.sweeper.run_due() == house.clock.now + timedelta(seconds=1)


async def test_a_row_that_another_session_locks_is_left_to_them(house: House) -> None:
    chore_id = await house.chore()
    async with house.database.transaction() as db:
        await db.fetchval(LOCK_CHORE, chore_id, house.clock.now)
        assert await house.sweeper.run_due() == house.clock.now + timedelta(seconds=1), "they might die"
        assert await house.done() == []
    await house.sweeper.run_due()
    assert await house.done() == [chore_id]


async def test_what_falls_due_between_two_looks_is_next_and_not_taken_for_held_by_others(house: House) -> None:
    looked_at = house.clock.now
    await house.chore(in_seconds=3)
    times = chain([looked_at], repeat(looked_at + timedelta(seconds=5)))
    sweeper = Sweeper(house.database, SWEEPS, lambda: next(times))
    assert await sweeper.run_due() == looked_at + timedelta(seconds=3)


async def test_a_row_that_cannot_be_handled_makes_no_other_event_late(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.chore(in_seconds=-5, is_poisoned=True)
    await house.chore("cook", in_seconds=0.25)
    assert await house.sweeper.run_due() == house.clock.now + timedelta(seconds=0.25)


async def test_a_row_that_another_session_locks_makes_no_other_event_late(house: House) -> None:
    held = await house.chore()
    await house.chore("cook", in_seconds=0.25)
    async with house.database.transaction() as db:
        await db.fetchval(LOCK_CHORE, held, house.clock.now)
        assert await house.sweeper.run_due() == house.clock.now + timedelta(seconds=0.25)


async def test_what_is_overdue_is_known_even_if_it_cannot_be_handled(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    assert await house.sweeper.overdue_since(house.clock.now) is None
    await house.chore(in_seconds=-30, is_poisoned=True)
    await house.chore("cook", in_seconds=10)
    await house.sweeper.run_due()
    assert await house.sweeper.overdue_since(house.clock.now) == house.clock.now - timedelta(seconds=30)


async def test_a_database_that_is_away_is_no_fault_of_a_row(house: House) -> None:
    await house.chore()
    await house.database.close()
    with pytest.raises(DatabaseUnavailable):
        await house.sweeper.run_due()


# Not only the project's own exceptions poison a row.
async def test_a_row_on_which_the_database_itself_refuses_does_not_hold_up_the_rest(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async def divide(db: Connection, chore_id: int, now: datetime, *, by_zero_for: int) -> bool:
        if chore_id == by_zero_for:
            await db.execute("select 1 / 0")
        return await do_chore(db, chore_id, now)

    poisoned = await house.chore(in_seconds=-1)
    healthy = await house.chore()
    sweep = Sweep("wash", WASH_DUE, WASH_UPCOMING, partial(divide, by_zero_for=poisoned))
    await Sweeper(house.database, (sweep,), house.clock).run_due()
    assert await house.done() == [healthy]


async def test_what_was_not_expected_is_handled_as_well(house: House) -> None:
    await house.chore("wash", in_seconds=60)
    await house.sweeper.run_due()
    await house.chore("cook", in_seconds=30)
    house.clock.advance(seconds=60)
    await house.sweeper.run_due()
    assert len(await house.done()) == 2


async def test_many_that_fall_due_at_the_same_time_are_each_handled_once(house: House) -> None:
    chores = [await house.chore("wash", is_poisoned=number == 7) for number in range(20)]
    poisoned = chores.pop(7)
    await house.sweeper.run_due()
    assert sorted(await house.done()) == chores
    assert poisoned not in await house.done()


DISK_IS_FULL = "do $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$"


async def test_what_is_wrong_with_the_whole_database_counts_against_no_row(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    chores = [await house.chore(in_seconds=-number) for number in range(3)]
    is_full = True

    async def write_on_full_disk(db: Connection, chore_id: int, now: datetime) -> bool:
        if is_full:
            await db.execute(DISK_IS_FULL)
        return await do_chore(db, chore_id, now)

    sweeper = Sweeper(house.database, (Sweep("wash", WASH_DUE, WASH_UPCOMING, write_on_full_disk),), house.clock)
    for _ in range(10):
        with pytest.raises(DatabaseUnavailable):
            await sweeper.run_due()
    is_full = False
    await sweeper.run_due()
    assert sorted(await house.done()) == chores, "at the same time, without any pause"


async def test_a_row_for_which_there_is_not_enough_of_something_keeps_no_other_from_its_turn(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    greedy, others = await house.chore(in_seconds=-9), [await house.chore(in_seconds=-number) for number in range(6)]

    async def need_too_much(db: Connection, chore_id: int, now: datetime) -> bool:
        if chore_id == greedy:
            await db.execute(DISK_IS_FULL)
        return await do_chore(db, chore_id, now)

    sweeper = Sweeper(house.database, (Sweep("wash", WASH_DUE, WASH_UPCOMING, need_too_much),), house.clock)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await sweeper.run_due()
    assert sorted(await house.done()) == others


async def test_a_statement_that_takes_too_long_is_the_fault_of_its_row(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    slow, other = await house.chore(in_seconds=-1), await house.chore()

    async def take_long(db: Connection, chore_id: int, now: datetime) -> bool:
        if chore_id == slow:
            await db.execute("set local statement_timeout = '10ms'")
            await db.execute("select pg_sleep(30)")
        return await do_chore(db, chore_id, now)

    sweeper = Sweeper(house.database, (Sweep("wash", WASH_DUE, WASH_UPCOMING, take_long),), house.clock)
    await sweeper.run_due()
    assert await house.done() == [other]
    assert f"sweep wash failed for row {slow}" in caplog.text
