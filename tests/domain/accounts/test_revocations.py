"""What ends before a token does: known to every process immediately, and again after the database was away."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from learning_platform.accounts.revocations import Revocations
from learning_platform.accounts.rules import BadToken
from learning_platform.accounts.sessions import open_session, revoke_session
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core.database import Database, DatabaseUnavailable
from tests import make
from tests.people import HandClock
from tests.waiting import until

TOKENS = AccessTokens("a secret of the tests, 32 characters", timedelta(minutes=30))
CUT_OTHERS = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, size=2)
    yield database
    await database.close()


async def signed_in(database: Database, clock: HandClock) -> str:
    """Return the access token of a user who has just signed in."""
    async with database.transaction() as db:
        pair = await open_session(
            db,
            user_id=await make.user(db),
            tokens=TOKENS,
            refresh_lifetime=timedelta(days=1),
            now=clock.now,
        )
    return pair.access_token


async def revoke(database: Database, token: str, clock: HandClock) -> None:
    async with database.transaction() as db:
        await revoke_session(db, session_id=TOKENS.read(token, clock.now).session_id, now=clock.now)


@asynccontextmanager
async def kept_fresh(database: Database, clock: HandClock) -> AsyncIterator[Revocations]:
    revocations = Revocations(database, TOKENS, clock)
    await revocations.load()
    task = asyncio.create_task(revocations.keep_fresh())
    yield revocations
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def is_accepted(revocations: Revocations, token: str) -> bool:
    try:
        revocations.identify(token)
    except BadToken:
        return False
    return True


async def test_a_revoked_session_is_refused_once_it_is_heard_of(database: Database, clock: HandClock) -> None:
    ended, other = await signed_in(database, clock), await signed_in(database, clock)
    async with kept_fresh(database, clock) as revocations:
        assert is_accepted(revocations, ended)
        await revoke(database, ended, clock)
        revocations.refresh()
        await until(lambda: not is_accepted(revocations, ended))
        assert is_accepted(revocations, other)


async def test_a_process_that_starts_knows_what_was_revoked_before(database: Database, clock: HandClock) -> None:
    token = await signed_in(database, clock)
    await revoke(database, token, clock)
    async with kept_fresh(database, clock) as revocations:
        assert not is_accepted(revocations, token)


async def test_a_blocked_user_is_refused_with_every_token(database: Database, clock: HandClock) -> None:
    token = await signed_in(database, clock)
    user_id = TOKENS.read(token, clock.now).user_id
    async with kept_fresh(database, clock) as revocations:
        async with database.transaction() as db:
            await db.execute("update users set blocked_at = $2 where id = $1", user_id, clock.now)
        revocations.refresh()
        await until(lambda: not is_accepted(revocations, token))
        async with database.transaction() as db:
            await db.execute("update users set blocked_at = null where id = $1", user_id)
        revocations.refresh()
        await until(lambda: is_accepted(revocations, token))


async def test_no_token_is_trusted_while_revocations_cannot_be_read(
    database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await signed_in(database, clock)
    async with kept_fresh(database, clock) as revocations:
        assert is_accepted(revocations, token)
        with monkeypatch.context() as patch:
            patch.setattr("learning_platform.accounts.revocations.TRUSTED_SECONDS", -1.0)
            with pytest.raises(DatabaseUnavailable):
                revocations.identify(token)
        await revocations.load()
        assert is_accepted(revocations, token)


async def test_a_revocation_is_noticed_also_without_a_notification(
    database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learning_platform.accounts.revocations.RELOAD_SECONDS", 0.02)
    token = await signed_in(database, clock)
    async with kept_fresh(database, clock) as revocations:
        await revoke(database, token, clock)
        await until(lambda: not is_accepted(revocations, token))


async def test_revocations_are_heard_of_also_after_the_database_was_away(
    database: Database, clock: HandClock, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    token = await signed_in(database, clock)
    name = database.url.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(server)
    async with kept_fresh(database, clock) as revocations:
        await revoke(database, token, clock)
        await admin.execute(f"alter database {name} allow_connections false")
        await admin.execute(CUT_OTHERS, name)
        revocations.refresh()
        await until(lambda: "the database is unavailable" in caplog.text)
        assert is_accepted(revocations, token), "nothing can be known of it yet"
        await admin.execute(f"alter database {name} allow_connections true")
        await until(lambda: not is_accepted(revocations, token))
    await admin.close()
