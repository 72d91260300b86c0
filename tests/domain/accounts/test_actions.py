"""Register, stay signed in, sign out."""

from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actions import edit_profile, register, set_role
from learning_platform.accounts.queries import blocked_users, credentials, revoked_sessions, signed_in_user
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.rules import (
    BadRefreshToken,
    BadToken,
    EmailTaken,
    RefreshTokenReused,
    UnknownTimeZone,
    UsernameTaken,
)
from learning_platform.accounts.sessions import TokenPair, open_session, refresh_session, revoke_all_sessions
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core.database import Connection
from tests import make

TOKENS = AccessTokens("a secret of the tests, 32 characters", timedelta(minutes=30))
MONTH = timedelta(days=30)
LIMITS = RateLimits({}, secret="of the tests")


async def sign_up(db: Connection, username: str = "alice", email: str = "alice@example.com") -> int:
    created = await register(db, email=email, username=username, password_hash="a hash", locale="ru", now=make.NOON)
    return created.id


async def sign_in(db: Connection, user_id: int, now: datetime) -> TokenPair:
    return await open_session(db, user_id=user_id, tokens=TOKENS, refresh_lifetime=MONTH, now=now)


async def refresh(db: Connection, pair: TokenPair, now: datetime) -> TokenPair:
    return await refresh_session(
        db, refresh_token=pair.refresh_token, tokens=TOKENS, refresh_lifetime=MONTH, limits=LIMITS, now=now
    )


async def test_a_new_account_is_a_users_in_their_language_and_utc(db: Connection) -> None:
    user = await signed_in_user(db, user_id=await sign_up(db))
    assert (user.username, user.email, user.role) == ("alice", "alice@example.com", "user")
    assert (user.locale, user.time_zone, user.created_at) == ("ru", "UTC", make.NOON)


async def test_an_address_or_a_name_is_taken_in_any_case_and_the_rest_goes_on(db: Connection) -> None:
    await sign_up(db)
    with pytest.raises(EmailTaken):
        await sign_up(db, username="other", email="ALICE@Example.com")
    with pytest.raises(UsernameTaken):
        await sign_up(db, username="Alice", email="other@example.com")
    await sign_up(db, username="other", email="other@example.com")


async def test_people_are_found_by_name_or_address_in_any_case(db: Connection) -> None:
    user_id = await sign_up(db)
    for login in ("alice", "ALICE", "alice@example.com", "Alice@EXAMPLE.com"):
        found = await credentials(db, login=login)
        assert (found.id, found.account) == (user_id, f"user {user_id}")
    assert (await credentials(db, login="alice@example.org")).id is None
    assert (await credentials(db, login="ALIC_")).account == "name alic_"


async def test_a_profile_changes_where_it_is_said_to_and_nowhere_else(db: Connection) -> None:
    user_id = await sign_up(db)
    assert (await edit_profile(db, user_id=user_id, locale="en", time_zone=None)).locale == "en"
    changed = await edit_profile(db, user_id=user_id, locale=None, time_zone="Europe/Moscow")
    assert (changed.locale, changed.time_zone) == ("en", "Europe/Moscow")
    with pytest.raises(UnknownTimeZone):
        await edit_profile(db, user_id=user_id, locale="ru", time_zone="Mars/Olympus")
    assert (await signed_in_user(db, user_id=user_id)).locale == "en"


async def test_the_account_of_a_valid_token_may_be_gone(db: Connection) -> None:
    with pytest.raises(BadToken):
        await signed_in_user(db, user_id=10**12)
    with pytest.raises(BadToken):
        await edit_profile(db, user_id=10**12, locale="en", time_zone=None)


async def test_a_refresh_token_gives_a_new_pair_of_the_same_session(db: Connection, now: datetime) -> None:
    first = await sign_in(db, await sign_up(db), now)
    second = await refresh(db, first, now)
    assert first.refresh_token != second.refresh_token
    sessions = {TOKENS.read(pair.access_token, now).session_id for pair in (first, second)}
    assert len(sessions) == 1
    assert second.expires_in == 30 * 60


async def test_a_refresh_token_that_comes_twice_ends_the_whole_session(db: Connection, now: datetime) -> None:
    first = await sign_in(db, await sign_up(db), now)
    second = await refresh(db, first, now)
    with pytest.raises(RefreshTokenReused):
        await refresh(db, first, now)
    with pytest.raises(BadRefreshToken):
        await refresh(db, second, now)
    session_id = TOKENS.read(first.access_token, now).session_id
    assert await revoked_sessions(db, lifetime=TOKENS.lifetime, now=now) == {session_id}


async def test_reuse_ends_one_session_and_leaves_the_others(db: Connection, now: datetime) -> None:
    user_id = await sign_up(db)
    stolen, other = await sign_in(db, user_id, now), await sign_in(db, user_id, now)
    await refresh(db, stolen, now)
    with pytest.raises(RefreshTokenReused):
        await refresh(db, stolen, now)
    await refresh(db, other, now)


async def test_a_session_lives_for_as_long_as_it_is_used(db: Connection, now: datetime) -> None:
    pair = await sign_in(db, await sign_up(db), now)
    pair = await refresh(db, pair, now + timedelta(days=29))
    pair = await refresh(db, pair, now + timedelta(days=58))
    with pytest.raises(BadRefreshToken):
        await refresh(db, pair, now + timedelta(days=88))


async def test_an_unknown_refresh_token_is_refused(db: Connection, now: datetime) -> None:
    with pytest.raises(BadRefreshToken):
        await refresh(db, TokenPair("", "no such token", 0), now)


async def test_a_user_who_is_blocked_gets_no_new_pair(db: Connection, now: datetime) -> None:
    user_id = await sign_up(db)
    pair = await sign_in(db, user_id, now)
    await db.execute("update users set blocked_at = $2 where id = $1", user_id, now)
    with pytest.raises(BadRefreshToken):
        await refresh(db, pair, now)
    assert await blocked_users(db, lifetime=TOKENS.lifetime, now=now) == {user_id}
    assert await blocked_users(db, lifetime=TOKENS.lifetime, now=now + TOKENS.lifetime) == set(), "no token is left"


async def test_all_sessions_of_a_user_end_together_and_no_others(db: Connection, now: datetime) -> None:
    alice, bob = await sign_up(db), await make.user(db)
    pairs = [await sign_in(db, alice, now), await sign_in(db, alice, now)]
    other = await sign_in(db, bob, now)
    await revoke_all_sessions(db, user_id=alice, now=now)
    for pair in pairs:
        with pytest.raises(BadRefreshToken):
            await refresh(db, pair, now)
    await refresh(db, other, now)


async def test_a_new_role_ends_the_sessions_that_say_otherwise(db: Connection, now: datetime) -> None:
    user_id = await sign_up(db)
    pair = await sign_in(db, user_id, now)
    assert await set_role(db, username="ALICE", role="admin", now=now)
    assert (await signed_in_user(db, user_id=user_id)).role == "admin"
    with pytest.raises(BadRefreshToken):
        await refresh(db, pair, now)
    assert not await set_role(db, username="unknown", role="admin", now=now)


async def test_a_revocation_is_remembered_for_as_long_as_an_access_token_may_live(
    db: Connection, now: datetime
) -> None:
    user_id = await sign_up(db)
    await sign_in(db, user_id, now)
    await revoke_all_sessions(db, user_id=user_id, now=now)
    almost, past = now + timedelta(minutes=29), now + timedelta(minutes=31)
    assert len(await revoked_sessions(db, lifetime=TOKENS.lifetime, now=almost)) == 1
    assert await revoked_sessions(db, lifetime=TOKENS.lifetime, now=past) == set()
