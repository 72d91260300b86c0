"""What is kept of accounts, for how long, and that the rest goes in parts."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from learning_platform.accounts.queries import revoked_sessions
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.retention import retentions
from learning_platform.accounts.sessions import open_session, refresh_session, revoke_session
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core import retention
from learning_platform.core.database import Connection, Database
from learning_platform.core.limit import Limit
from learning_platform.core.retention import Cleaner, Retention
from learning_platform.core.settings import Settings
from tests import make
from tests.conftest import test_settings
from tests.people import HandClock

TOKENS = AccessTokens("a secret of the tests, 32 characters", timedelta(minutes=30))
LIMITS = RateLimits({"tracks": Limit(1, timedelta(hours=1))}, secret="of the tests")
MONTH = timedelta(days=30)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, size=2)
    yield database
    await database.close()


def settings(**chosen: float) -> Settings:
    return test_settings("postgresql:///never-connected", **chosen)


async def clean(database: Database, clock: HandClock, **chosen: float) -> dict[str, int]:
    removed = await Cleaner(database, retentions(settings(**chosen)), clock).clean()
    return {kind: count for kind, count in removed.items() if count}


async def sign_in(db: Connection, user_id: int, clock: HandClock) -> tuple[int, str]:
    pair = await open_session(db, user_id=user_id, tokens=TOKENS, refresh_lifetime=MONTH, now=clock.now)
    return TOKENS.read(pair.access_token, clock.now).session_id, pair.refresh_token


async def test_expired_and_ended_sessions_go_after_their_time_and_live_ones_stay(
    database: Database, clock: HandClock
) -> None:
    async with database.transaction() as db:
        user_id = await make.user(db)
        ended, _ = await sign_in(db, user_id, clock)
        await sign_in(db, user_id, clock)
        await revoke_session(db, session_id=ended, now=clock.now)
    clock.advance(hours=23, minutes=59)
    assert await clean(database, clock) == {}
    clock.advance(minutes=1)
    assert await clean(database, clock) == {"ended_sessions": 1}
    clock.advance(days=29)
    assert await clean(database, clock) == {}, "it has just expired"
    clock.advance(days=1)
    assert await clean(database, clock) == {"expired_sessions": 1}


async def test_an_ended_session_stays_while_its_access_tokens_live(database: Database, clock: HandClock) -> None:
    async with database.transaction() as db:
        session_id, _ = await sign_in(db, await make.user(db), clock)
        await revoke_session(db, session_id=session_id, now=clock.now)
    clock.advance(minutes=29)
    assert await clean(database, clock, session_retention_days=0) == {}
    async with database.connection() as db:
        assert await revoked_sessions(db, lifetime=TOKENS.lifetime, now=clock.now) == {session_id}
    clock.advance(minutes=1)
    assert await clean(database, clock, session_retention_days=0) == {"ended_sessions": 1}


async def test_used_refresh_tokens_go_when_they_would_have_expired_and_the_session_stays(
    database: Database, clock: HandClock
) -> None:
    async with database.transaction() as db:
        _, refresh_token = await sign_in(db, await make.user(db), clock)
    for _ in range(40):
        clock.advance(days=1)
        async with database.transaction() as db:
            pair = await refresh_session(
                db, refresh_token=refresh_token, tokens=TOKENS, refresh_lifetime=MONTH, limits=LIMITS, now=clock.now
            )
        refresh_token = pair.refresh_token
    assert await clean(database, clock) == {"refresh_tokens": 10}
    async with database.connection() as db:
        assert await db.fetchval("select count(*) from refresh_tokens") == 31
        assert await db.fetchval("select count(*) from sessions") == 1


async def test_counters_go_when_they_say_nothing_any_more(database: Database, clock: HandClock) -> None:
    async with database.transaction() as db:
        await LIMITS.use(db, "tracks", "alice", now=clock.now)
    clock.advance(minutes=59)
    assert await clean(database, clock) == {}
    clock.advance(minutes=1)
    assert await clean(database, clock) == {"rate_limits": 1}


async def test_networks_without_recent_sign_ins_are_forgotten(database: Database, clock: HandClock) -> None:
    async with database.transaction() as db:
        await db.execute(
            "insert into known_networks (user_id, network, last_used_at) values ($1, 'x', $2)",
            await make.user(db),
            clock.now,
        )
    clock.advance(days=6)
    assert await clean(database, clock, known_network_days=7) == {}
    clock.advance(days=1)
    assert await clean(database, clock, known_network_days=7) == {"known_networks": 1}


async def test_much_goes_in_parts(database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 10)
    monkeypatch.setattr(retention, "PAUSE_BETWEEN_PARTS_SECONDS", 0)
    async with database.transaction() as db:
        for number in range(25):
            await LIMITS.use(db, "tracks", f"user {number}", now=clock.now)
    clock.advance(hours=1)
    assert await clean(database, clock) == {"rate_limits": 25}


async def test_locked_rows_are_left_for_later_without_waiting(database: Database, clock: HandClock) -> None:
    for who in ("alice", "bob"):
        async with database.transaction() as db:
            await LIMITS.use(db, "tracks", who, now=clock.now)
    clock.advance(hours=1)
    async with database.transaction() as db:
        await LIMITS.use(db, "tracks", "bob", now=clock.now)
        assert await clean(database, clock) == {"rate_limits": 1}


def test_every_age_follows_a_setting() -> None:
    kept = {one.name: one.age for one in retentions(settings(session_retention_days=3, refresh_token_days=5))}
    assert kept == {
        "expired_sessions": timedelta(days=3),
        "ended_sessions": timedelta(days=3),
        "refresh_tokens": timedelta(days=5),
        "rate_limits": timedelta(),
        "email_changes": timedelta(),
        "known_networks": timedelta(days=180),
    }
    assert all(isinstance(one, Retention) for one in retentions(settings()))
