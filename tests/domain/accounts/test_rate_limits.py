"""Counters: what is free, what is not, and for how long."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.rate_limits import RULE_NAMES, Counted, RateLimits
from learning_platform.accounts.rules import TooManyActions
from learning_platform.core.database import Connection, Database
from learning_platform.core.limit import Limit
from learning_platform.core.settings import Settings

MINUTE = timedelta(minutes=1)
FIVE = RateLimits({"tracks": Limit(5, MINUTE), "sign_in": Limit(5, MINUTE)}, secret="of the tests")


async def wait(db: Connection, *, rule: str = "tracks", now: datetime) -> int:
    assert rule in {"tracks", "sign_in"}
    return await FIVE.seconds_until_free(db, [Counted(rule, "alice")], now=now)  # type: ignore[arg-type]  # Asserted.


async def test_so_many_in_a_row_and_then_one_each_interval(db: Connection, now: datetime) -> None:
    assert [await FIVE.try_use(db, "tracks", "alice", now=now) for _ in range(6)] == [True] * 5 + [False]
    assert await wait(db, now=now) == 12
    with pytest.raises(TooManyActions) as refused:
        await FIVE.use(db, "tracks", "alice", now=now)
    assert refused.value.retry_after == 12
    later = now + timedelta(seconds=12)
    assert await FIVE.try_use(db, "tracks", "alice", now=later), "after exactly as long as was said"
    assert not await FIVE.try_use(db, "tracks", "alice", now=later)
    assert not await FIVE.try_use(db, "tracks", "alice", now=now), "a clock that goes back frees nothing"


async def test_after_the_whole_period_everything_is_free_again(db: Connection, now: datetime) -> None:
    for _ in range(5):
        await FIVE.use(db, "tracks", "alice", now=now)
    later = now + MINUTE
    assert [await FIVE.try_use(db, "tracks", "alice", now=later) for _ in range(6)] == [True] * 5 + [False]


async def test_each_counts_alone_by_rule_and_by_whom(db: Connection, now: datetime) -> None:
    for _ in range(5):
        await FIVE.use(db, "tracks", "alice", now=now)
    assert await FIVE.try_use(db, "tracks", "bob", now=now)
    assert await wait(db, rule="sign_in", now=now) == 0


async def test_looking_counts_nothing(db: Connection, now: datetime) -> None:
    for _ in range(10):
        await FIVE.ensure_free(db, "tracks", "alice", now=now)
    assert await db.fetchval("select count(*) from rate_limits") == 0


async def test_a_rule_that_is_off_counts_nothing(db: Connection, now: datetime) -> None:
    for _ in range(10):
        await FIVE.use(db, "writes", "alice", now=now)
    assert await db.fetchval("select count(*) from rate_limits") == 0


async def test_each_failure_beyond_the_limit_doubles_the_time_to_the_next(db: Connection, now: datetime) -> None:
    failed, waits = [Counted("sign_in", "alice")], []
    for _ in range(10):
        counters = await FIVE.counters(db, failed, now=now)
        await FIVE.count_failures(db, failed, counters, now=now)
        waits.append(seconds := await wait(db, rule="sign_in", now=now))
        now += timedelta(seconds=seconds)
    assert waits == [0, 0, 0, 0, 12, 24, 48, 60, 60, 60]
    assert await wait(db, rule="sign_in", now=now + MINUTE) == 0


async def test_neither_names_nor_addresses_are_stored(db: Connection, now: datetime) -> None:
    await FIVE.use(db, "tracks", "alice@example.com", now=now)
    assert b"alice" not in await db.fetchval("select key from rate_limits")
    other = RateLimits({"tracks": Limit(5, MINUTE)}, secret="of others")
    assert other.key_of("tracks", "alice") != FIVE.key_of("tracks", "alice")
    assert FIVE.key_of("tracks", "alice") != FIVE.key_of("sign_in", "alice")


async def test_what_is_rolled_back_does_not_count(database_url: str, now: datetime) -> None:
    database = await Database.open(database_url, size=1)
    for _ in range(10):
        with suppress(ZeroDivisionError):
            async with database.transaction() as db:
                await FIVE.use(db, "tracks", "alice", now=now)
                raise ZeroDivisionError
    async with database.connection() as db:
        assert await wait(db, now=now) == 0
    await database.close()


async def test_processes_count_together_and_nothing_is_forgotten_when_they_stop(
    database_url: str, now: datetime
) -> None:
    async def use_one(database: Database) -> bool:
        async with database.transaction() as db:
            return await FIVE.try_use(db, "tracks", "alice", now=now)

    processes = [await Database.open(database_url, size=5) for _ in range(2)]
    allowed = await asyncio.gather(*(use_one(database) for database in processes for _ in range(5)))
    assert sum(allowed) == 5
    for database in processes:
        await database.close()
    restarted = await Database.open(database_url, size=1)
    assert not await use_one(restarted)
    await restarted.close()


async def test_two_that_fail_at_the_same_counters_do_not_wait_in_a_circle(database_url: str, now: datetime) -> None:
    database = await Database.open(database_url, size=10)
    failed = [Counted("sign_in", "alice"), Counted("tracks", "alice"), Counted("tracks", "bob")]

    async def fail(counted: list[Counted]) -> None:
        async with database.connection() as db:
            await FIVE.count_failures(db, counted, [], now=now)

    await asyncio.gather(*(fail(failed if number % 2 else failed[::-1]) for number in range(40)))
    async with database.connection() as db:
        assert [row[0] for row in await db.fetch("select uses from rate_limits")] == [40, 40, 40]
    await database.close()


def test_every_rule_is_a_setting_and_every_setting_a_rule() -> None:
    settings = {name.removeprefix("limit_") for name in Settings.model_fields if name.startswith("limit_")}
    assert settings == set(RULE_NAMES)
    assert RateLimits.of(Settings(_env_file=None), secret="x")  # type: ignore[call-arg]  # pydantic-settings' own.
