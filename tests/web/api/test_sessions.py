"""Sign in, stay signed in, sign out; and everything that must end a session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from httpx import ASGITransport, AsyncClient, Response

from learning_platform.accounts.sessions import revoke_all_sessions
from tests.people import HandClock, Json, School
from tests.waiting import until

ALICE = {"email": "alice@example.com", "username": "alice", "password": "correct horse"}
BOB = {"email": "bob@example.com", "username": "bob", "password": "battery staple"}


@pytest.fixture
async def registered(client: AsyncClient) -> AsyncClient:
    """Return a visitor where Alice and Bob have accounts."""
    for account in (ALICE, BOB):
        assert (await client.post("/register", json=account)).status_code == 201
    return client


async def sign_in(client: AsyncClient, username: str = "alice", password: str = "correct horse") -> Response:
    return await client.post("/token", data={"username": username, "password": password})


async def tokens(client: AsyncClient, username: str = "alice", password: str = "correct horse") -> Json:
    response = await sign_in(client, username, password)
    assert response.status_code == 200, response.text
    return response.json()


async def me(client: AsyncClient, access_token: str) -> Response:
    return await client.get("/me", headers={"Authorization": f"Bearer {access_token}"})


async def refresh(client: AsyncClient, refresh_token: str) -> Response:
    return await client.post("/token/refresh", json={"refresh_token": refresh_token})


@asynccontextmanager
async def from_address(school: School, host: str) -> AsyncIterator[AsyncClient]:
    """Yield a client that comes from another address."""
    transport = ASGITransport(school.app, client=(host, 1234))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.com", "Alice@Example.com"])
async def test_people_sign_in_with_name_or_address(registered: AsyncClient, login: str) -> None:
    pair = await tokens(registered, login)
    assert set(pair) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 30 * 60)
    assert (await me(registered, pair["access_token"])).json()["username"] == "alice"


async def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(registered: AsyncClient) -> None:
    unknown, wrong = await sign_in(registered, "unknown"), await sign_in(registered, "alice", "wrong horse")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json() == wrong.json()
    assert unknown.json()["code"] == "wrong_credentials"
    assert unknown.headers["www-authenticate"] == wrong.headers["www-authenticate"] == "Bearer"
    assert set(unknown.headers) == set(wrong.headers)


async def test_the_form_is_one(registered: AsyncClient) -> None:
    for data in ({}, {"username": "alice"}, {"password": "x"}, {"username": "a" * 255, "password": "x"}):
        response = await registered.post("/token", data=data)
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    as_json = await registered.post("/token", json={"username": "alice", "password": "correct horse"})
    assert as_json.status_code == 422


async def test_after_five_failures_sign_in_is_refused_for_a_stated_time(
    registered: AsyncClient,
) -> None:
    for _ in range(5):
        assert (await sign_in(registered, "alice", "guess")).status_code == 401
    for password in ("guess", "correct horse"):
        refused = await sign_in(registered, "ALICE", password)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["retry-after"] in refused.json()["detail"]


async def test_a_user_who_is_guessed_at_from_one_address_signs_in_from_another(
    registered: AsyncClient, school: School
) -> None:
    for _ in range(6):
        await sign_in(registered, "alice", "guess")
    assert (await sign_in(registered, "bob", "battery staple")).status_code == 200, "others are not concerned"
    async with from_address(school, "198.51.100.7") as elsewhere:
        assert (await sign_in(elsewhere)).status_code == 200


async def test_successful_sign_ins_never_count(registered: AsyncClient) -> None:
    for _ in range(4):
        await sign_in(registered, "alice", "guess")
    for _ in range(8):
        await tokens(registered)
    assert (await sign_in(registered, "alice", "guess")).status_code == 401


async def test_a_refresh_token_gives_a_new_pair(registered: AsyncClient) -> None:
    first = await tokens(registered)
    second = (await refresh(registered, first["refresh_token"])).json()
    assert set(second) == set(first)
    assert second["refresh_token"] != first["refresh_token"]
    assert (await me(registered, second["access_token"])).status_code == 200
    assert (await refresh(registered, second["refresh_token"])).status_code == 200


async def test_a_refresh_token_used_twice_ends_its_whole_family(registered: AsyncClient) -> None:
    first, other = await tokens(registered), await tokens(registered)
    second = (await refresh(registered, first["refresh_token"])).json()
    reused = await refresh(registered, first["refresh_token"])
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    revoked = await refresh(registered, second["refresh_token"])
    assert (revoked.status_code, revoked.json()["code"]) == (401, "bad_refresh_token")
    for pair in (first, second):
        assert (await me(registered, pair["access_token"])).json()["code"] == "bad_token"
    assert (await me(registered, other["access_token"])).status_code == 200, "another session is another family"


async def test_what_is_no_refresh_token_is_refused(registered: AsyncClient) -> None:
    pair = await tokens(registered)
    for token in ("x", pair["access_token"], pair["refresh_token"][:-1]):
        response = await refresh(registered, token)
        assert (response.status_code, response.json()["code"]) == (401, "bad_refresh_token")
        assert response.headers["www-authenticate"] == "Bearer"
    for token in ("", "x" * 513, "\u0000"):
        assert (await refresh(registered, token)).status_code == 422


async def test_a_refresh_token_expires_when_it_is_not_used(registered: AsyncClient, clock: HandClock) -> None:
    pair = await tokens(registered)
    clock.advance(days=30)
    assert (await refresh(registered, pair["refresh_token"])).status_code == 401


async def test_an_access_token_expires(registered: AsyncClient, clock: HandClock) -> None:
    pair = await tokens(registered)
    clock.advance(minutes=29, seconds=59)
    assert (await me(registered, pair["access_token"])).status_code == 200
    clock.advance(seconds=1)
    expired = await me(registered, pair["access_token"])
    assert (expired.status_code, expired.json()["code"]) == (401, "bad_token")


async def test_a_user_who_signs_out_is_out_immediately_and_only_here(registered: AsyncClient) -> None:
    here, elsewhere = await tokens(registered), await tokens(registered)
    signed_out = await registered.post("/logout", headers={"Authorization": f"Bearer {here['access_token']}"})
    assert (signed_out.status_code, signed_out.content) == (204, b"")
    assert (await me(registered, here["access_token"])).json()["code"] == "bad_token"
    assert (await refresh(registered, here["refresh_token"])).json()["code"] == "bad_refresh_token"
    assert (await me(registered, elsewhere["access_token"])).status_code == 200


async def test_a_session_revoked_by_another_process_is_refused_here(registered: AsyncClient, school: School) -> None:
    pair = await tokens(registered)
    identity = school.services.tokens.read(pair["access_token"], school.clock.now)
    async with school.services.database.transaction() as db:
        await revoke_all_sessions(db, user_id=identity.user_id, now=school.clock.now)
    await until(lambda: school.services.revocations.is_revoked(identity))
    assert (await me(registered, pair["access_token"])).json()["code"] == "bad_token"


async def test_a_blocked_user_neither_stays_nor_comes_back_and_sees_why_after_the_right_password(
    registered: AsyncClient, school: School
) -> None:
    pair = await tokens(registered)
    identity = school.services.tokens.read(pair["access_token"], school.clock.now)
    async with school.services.database.transaction() as db:
        await db.execute("update users set blocked_at = $2 where id = $1", identity.user_id, school.clock.now)
    school.services.revocations.refresh()
    await until(lambda: school.services.revocations.is_revoked(identity))
    assert (await me(registered, pair["access_token"])).json()["code"] == "bad_token"
    assert (await refresh(registered, pair["refresh_token"])).json()["code"] == "bad_refresh_token"
    guessed, unknown = await sign_in(registered, password="wrong horse"), await sign_in(registered, "unknown")
    assert guessed.status_code == unknown.status_code == 401
    assert guessed.json() == unknown.json()
    blocked = await sign_in(registered)
    assert (blocked.status_code, blocked.json()["code"]) == (401, "user_blocked")
    assert blocked.json()["detail"] == "Your account is blocked. Contact an administrator."


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YWxpY2U6cHc=", "Bearer x.y.z", "bearer \xe9", "Token x", "Bearer a b"]
)
async def test_a_request_without_a_good_token_is_asked_for_one(stranger: AsyncClient, header: str) -> None:
    response = await stranger.get("/me", headers={b"Authorization": header.encode("latin-1")})
    assert response.status_code == 401
    assert response.json()["code"] in {"not_signed_in", "bad_token"}
    assert response.headers["www-authenticate"] == "Bearer"
