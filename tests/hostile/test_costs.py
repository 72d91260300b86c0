"""What costs time or memory has a limit, and is refused before it costs anything."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from learning_platform.web.http import client_address
from learning_platform.web.http.rate_limits import NOT_LIMITED, rule_of
from tests.conftest import opened_school, test_settings
from tests.people import HandClock, Json, School, track_json
from tests.routes import routes_of
from tests.waiting import until
from tests.web.pages.browsing import Browser, signed_in

PASSWORD = "correct horse"
EVERYTHING_USED = """
insert into rate_limits (rule, key, uses, free_at) select $1, $2, 1000, $3
on conflict (rule, key) do update set free_at = excluded.free_at
"""
# A body that is valid for each route of the API that takes one; the ids in paths need not exist.
# Unknown tokens are counted before anything else, for each network (test_people.py). A site that sends no emails says
# so before it counts.
OWN_LIMIT = {"POST /invitations/{token}/accept", "POST /invitations/{token}/decline", "POST /me/email-change"}
BODIES: dict[str, Any] = {
    "POST /register": {"email": "new@example.com", "username": "newcomer", "password": PASSWORD},
    "PATCH /me": {"locale": "ru"},
    "PATCH /notifications/{notification_id}": {"read": True},
    "POST /tracks": track_json(),
    "PATCH /tracks/{track_id}": {"title": "Another title"},
    "PATCH /assignments/{assignment_id}": {"due_at": "2031-01-01T00:00:00Z"},
    "POST /assignments/{assignment_id}/submit": {"repo_url": "https://git.example/a/b"},
    "PATCH /assignments/{assignment_id}/submission": {"repo_url": "https://git.example/a/b"},
    "POST /submissions/{submission_id}/review": {"scores": [{"criterion_id": 1, "score": 1}]},
    "PUT /submissions/{submission_id}/review": {"scores": [{"criterion_id": 1, "score": 1}]},
    "POST /submissions/{submission_id}/review/return": {"reason": "broken"},
    "POST /reviews/{review_id}/answer": {"helpful": True},
    "POST /assignments/{assignment_id}/appeal": {"text": "Why?"},
    "PATCH /appeals/{appeal_id}": {"text": "Because"},
    "POST /reviews/{review_id}/messages": {"text": "Because"},
    "POST /appeals/{appeal_id}/settle": {"text": "Because"},
    "POST /submissions/{submission_id}/corrections": {"reason": "Because"},
    "POST /assignments/{assignment_id}/extensions": {
        "username": "bob",
        "due_at": "2031-01-01T00:00:00Z",
        "reason": "Ill",
    },
    "POST /assignments/{assignment_id}/diary": {"text": "A note", "visibility": "private"},
    "PATCH /diary/{entry_id}": {"text": "Another note"},
    "PUT /assignments/{assignment_id}/starter": {"repo_url": "https://git.example/a/b"},
}


def api_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Return every route of the API that counts for a rule."""
    documented = {
        (method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item if method != "head"
    }
    there = {(route.method, route.path) for route in routes_of(app)} & documented
    return sorted(route for route in there if rule_of(*route) is not None)


async def register(client: AsyncClient, username: str, **changes: str) -> Response:
    new = {"email": f"{username}@example.com", "username": username, "password": PASSWORD, **changes}
    return await client.post("/register", json=new)


async def sign_in(client: AsyncClient, username: str = "alice", password: str = PASSWORD) -> Response:
    return await client.post("/token", data={"username": username, "password": password})


async def use_everything_up(school: School, whose: str) -> None:
    """Let nothing be free of any limit."""
    limits = school.services.limits
    async with school.services.database.transaction() as db:
        for rule in ("tracks", "submissions", "diary_entries", "returns", "announcements", "writes", "registrations"):
            key = limits.key_of(rule, whose)
            await db.execute(EVERYTHING_USED, rule, key, school.clock.now + timedelta(days=2))


async def test_every_route_of_the_api_that_writes_refuses_when_its_limit_is_used_up(school: School) -> None:
    alice = await school.person()
    await use_everything_up(school, f"user {alice.id}")
    await use_everything_up(school, "127.0.0.1")
    found = api_routes(school.app)
    assert len(found) > 20
    wrong = {}
    for method, path in found:
        if f"{method} {path}" in OWN_LIMIT:
            continue
        address = path.replace("{", "").replace("}", "")
        address = re.sub(r"\b(track|assignment|submission|review|appeal|entry|notification)_id\b", "1", address)
        response = await alice.request(method, address, json=BODIES.get(f"{method} {path}"))
        if (response.status_code, "retry-after" in response.headers) != (429, True) or response.json()[
            "code"
        ] != "too_many_requests":
            wrong[f"{method} {path}"] = response.text
    assert wrong == {}
    await alice.ok("GET", "/me")
    await alice.ok("GET", "/tracks")


async def test_what_is_refused_by_a_limit_has_changed_nothing(school: School) -> None:
    alice = await school.person()
    await use_everything_up(school, f"user {alice.id}")
    await alice.refused("POST", "/tracks", 429, "too_many_requests", json=track_json())
    assert await alice.ok("GET", "/tracks/my") == []


async def test_a_page_says_when_to_try_again_and_keeps_what_was_typed(school: School) -> None:
    alice = await school.person()
    track = await school.running_track(alice, [alice, await school.person()])
    assignment_id, _ = await school.assignment_ids(alice, track)
    await use_everything_up(school, f"user {alice.id}")
    browser = signed_in(school, alice)
    response = await browser.post(f"/assignments/{assignment_id}/diary", data={"text": "A note", "visibility": "track"})
    assert response.status_code == 429
    assert "You have reached the limit for this action. Try again in 1 d 23 h." in response.text
    assert "A note" in response.text


async def test_fifty_tracks_a_day_and_no_more(school: School) -> None:
    alice = await school.person()
    for _ in range(50):
        await school.track(alice)
    problem = await alice.refused("POST", "/tracks", 429, "too_many_requests", json=track_json())
    assert problem["detail"] == "You have reached the limit for this action. Try again in 29 min."
    await school.track(await school.person())
    school.clock.advance(minutes=29)
    await school.track(alice)


async def test_what_fails_does_not_count(school: School) -> None:
    alice = await school.person()
    for _ in range(310):
        await alice.refused("POST", "/tracks/1/enroll", 404, "track_not_found")
    await alice.ok("PATCH", "/me", json={"locale": "ru"})


async def test_registrations_are_limited_by_address_before_anything_is_hashed(school: School) -> None:
    async with AsyncClient(transport=ASGITransport(school.app), base_url="http://test") as client:
        assert (await register(client, "alice")).status_code == 201
        await use_everything_up(school, "127.0.0.1")
        async with school.services.passwords.turn("another user"):
            refused = await asyncio.wait_for(register(client, "bob"), 10)
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
            assert int(refused.headers["retry-after"]) > 0
    elsewhere = ASGITransport(school.app, client=("198.51.100.7", 1))
    async with AsyncClient(transport=elsewhere, base_url="http://test") as client:
        assert (await register(client, "bob")).status_code == 201


async def test_a_taken_name_or_address_is_refused_before_anything_is_hashed(
    school: School, client: AsyncClient
) -> None:
    await register(client, "alice")
    async with school.services.passwords.turn("another user"):
        same_name = await asyncio.wait_for(register(client, "ALICE", email="other@example.com"), 10)
        same_email = await asyncio.wait_for(register(client, "other", email="Alice@Example.com"), 10)
        page = await asyncio.wait_for(
            Browser(school).fill_in("/register", 409, username="alice", email="x@example.com", password=PASSWORD), 10
        )
    assert (same_name.status_code, same_name.json()["code"]) == (409, "username_taken")
    assert (same_email.status_code, same_email.json()["code"]) == (409, "email_taken")
    assert "This username is already taken." in page


async def test_a_full_limit_of_failures_is_refused_before_anything_is_hashed(
    school: School, client: AsyncClient
) -> None:
    for _ in range(5):
        await sign_in(client, "alice", "guess")
    async with school.services.passwords.turn("another user"):
        assert (await asyncio.wait_for(sign_in(client), 10)).status_code == 429


@pytest.fixture
async def small(app: FastAPI, database_url: str, clock: HandClock) -> AsyncIterator[School]:
    """Open a school where few may wait and few sessions may be."""
    settings = test_settings(database_url, password_queue=2, max_sessions=3, limit_refreshes="2/hour")
    async with opened_school(app, settings, clock) as opened:
        yield opened


async def test_when_too_many_wait_for_the_hasher_others_are_asked_to_retry(small: School) -> None:
    async with AsyncClient(transport=ASGITransport(small.app), base_url="http://test") as client:
        async with small.services.passwords.turn("a user"):
            waiting = [asyncio.create_task(register(client, f"waiting_{number}")) for number in range(2)]
            await until(lambda: len(small.services.passwords) == 2)
            for refused in (await register(client, "alice"), await sign_in(client)):
                assert (refused.status_code, refused.json()["code"]) == (503, "busy")
                assert int(refused.headers["retry-after"]) > 0
            page = await Browser(small).fill_in("/sign-in", 503, username="alice", password=PASSWORD)
            assert "Too many people are signing in right now." in page
        assert [(await one).status_code for one in waiting] == [201, 201]
        assert (await register(client, "alice")).status_code == 201


async def test_a_user_has_so_many_sessions_and_the_one_used_longest_ago_ends(small: School) -> None:
    async with AsyncClient(transport=ASGITransport(small.app), base_url="http://test") as client:
        await register(client, "alice")
        pairs: list[Json] = []
        for _ in range(3):
            pairs.append((await sign_in(client)).json())
            small.clock.advance(minutes=1)
        refreshed = (await client.post("/token/refresh", json={"refresh_token": pairs[0]["refresh_token"]})).json()
        small.clock.advance(minutes=1)
        latest = (await sign_in(client)).json()
        await small.services.revocations.load()
        answers = [
            (await client.get("/me", headers={"Authorization": f"Bearer {pair['access_token']}"})).status_code
            for pair in (refreshed, *pairs[1:], latest)
        ]
        assert answers == [200, 401, 200, 200]
        assert (
            await client.post("/token/refresh", json={"refresh_token": pairs[1]["refresh_token"]})
        ).status_code == 401


async def test_sign_ins_at_the_same_time_do_not_make_more_sessions_than_may_be(small: School) -> None:
    async with AsyncClient(transport=ASGITransport(small.app), base_url="http://test") as client:
        await register(client, "alice")
        await asyncio.gather(*(sign_in(client) for _ in range(3)))
        await asyncio.gather(*(sign_in(client) for _ in range(3)))
    async with small.services.database.connection() as db:
        assert await db.fetchval("select count(*) from sessions where revoked_at is null") == 3


async def test_a_session_gives_so_many_pairs_an_hour(small: School) -> None:
    async with AsyncClient(transport=ASGITransport(small.app), base_url="http://test") as client:
        await register(client, "alice")
        pair = (await sign_in(client)).json()
        for _ in range(2):
            pair = (await client.post("/token/refresh", json={"refresh_token": pair["refresh_token"]})).json()
        refused = await client.post("/token/refresh", json={"refresh_token": pair["refresh_token"]})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1800")
        small.clock.advance(minutes=30)
        again = await client.post("/token/refresh", json={"refresh_token": pair["refresh_token"]})
        assert again.status_code == 200, "a refused token was not used"


async def test_no_access_token_outlives_its_session(app: FastAPI, database_url: str, clock: HandClock) -> None:
    settings = test_settings(database_url, access_token_minutes=24 * 60, refresh_token_days=1 / 24)
    async with (
        opened_school(app, settings, clock) as short,
        AsyncClient(transport=ASGITransport(short.app), base_url="http://test") as client,
    ):
        await register(client, "alice")
        pair = (await sign_in(client)).json()
        assert pair["expires_in"] == 3600
        clock.advance(hours=1)
        answer = await client.get("/me", headers={"Authorization": f"Bearer {pair['access_token']}"})
        assert answer.status_code == 401


async def test_emails_to_one_inbox_are_few_however_many_register_with_it(
    app: FastAPI, database_url: str, clock: HandClock
) -> None:
    settings = test_settings(database_url, smtp_url=SecretStr("smtp://127.0.0.1:1"))
    async with opened_school(app, settings, clock) as school:
        async with AsyncClient(transport=ASGITransport(school.app), base_url="http://test") as client:
            for number in range(6):
                created = await register(client, f"person_{number}", email=f"victim+{number}@example.com")
                assert created.status_code == 201
        async with school.services.database.connection() as db:
            assert await db.fetchval("select count(*) from emails") == 3


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "counted"),
    [
        ("127.0.0.1", "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "127.0.0.1", "10.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1,10.0.0.0/8", "10.1.2.3", "203.0.113.5, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("127.0.0.1", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1", "127.0.0.1", "198.51.100.7:40000", "198.51.100.7"),
        ("127.0.0.1", "127.0.0.1", "[2001:db8::1]:40000", "2001:db8::/64"),
        ("127.0.0.1", "127.0.0.1", "2001:db8::1", "2001:db8::/64"),
    ],
)
async def test_limits_count_the_client_that_a_trusted_proxy_names(
    school: School, trusted: str, peer: str, forwarded: str, counted: str
) -> None:
    behind: Any = ProxyHeadersMiddleware(school.app, trusted)  # type: ignore[arg-type]  # As uvicorn does.
    transport = ASGITransport(behind, client=(peer, 1))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post(
            "/token", data={"username": "alice", "password": "guess"}, headers={"X-Forwarded-For": forwarded}
        )
    key = school.services.limits.key_of("sign_in_address", counted)
    async with school.services.database.connection() as db:
        assert await db.fetchval("select key from rate_limits where rule = 'sign_in_address'") == key


async def test_a_proxy_that_is_not_named_is_logged_once(school: School, caplog: pytest.LogCaptureFixture) -> None:
    client_address.reported_proxies.clear()
    for _ in range(3):
        transport = ASGITransport(school.app, client=("192.0.2.1", 1))
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            await client.post(
                "/token", data={"username": "alice", "password": "guess"}, headers={"X-Forwarded-For": "198.51.100.7"}
            )
    assert caplog.text.count("FORWARDED_ALLOW_IPS does not include it") == 1


def test_a_reason_is_given_for_each_route_that_counts_for_nothing() -> None:
    assert all(rule_of(*route.split(" ", 1)) is None for route in NOT_LIMITED)
