"""What time does to accounts: sessions that have expired are forgotten."""

from datetime import datetime, timedelta

from learning_platform.accounts.actions import open_session
from learning_platform.accounts.sweeps import SESSIONS_DUE, SESSIONS_UPCOMING, forget_session
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core.database import Connection
from tests import make

TOKENS = AccessTokens("a secret of the tests, 32 characters", timedelta(minutes=30))
COUNT = "select (select count(*) from sessions), (select count(*) from refresh_tokens)"


async def session(db: Connection, user_id: int, *, days: int, now: datetime) -> int:
    pair = await open_session(db, user_id=user_id, tokens=TOKENS, refresh_lifetime=timedelta(days=days), now=now)
    return TOKENS.read(pair.access_token, now).session_id


async def test_a_session_is_forgotten_when_it_has_expired_and_not_before(db: Connection, now: datetime) -> None:
    user_id = await make.user(db)
    short = await session(db, user_id, days=1, now=now)
    await session(db, user_id, days=2, now=now)
    assert await db.fetchval(SESSIONS_UPCOMING, now) == now + timedelta(days=1)
    assert await db.fetch(SESSIONS_DUE, now + timedelta(hours=23), 10) == []
    assert not await forget_session(db, short, now + timedelta(hours=23))

    tomorrow = now + timedelta(days=1)
    assert [row[0] for row in await db.fetch(SESSIONS_DUE, tomorrow, 10)] == [short]
    assert await forget_session(db, short, tomorrow)
    assert not await forget_session(db, short, tomorrow), "once is enough"
    assert tuple(await db.fetchrow(COUNT) or ()) == (1, 1)
