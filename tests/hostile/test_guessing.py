"""Guesses at passwords: they are slowed down, and they do not lock out the user at their usual address."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from httpx import ASGITransport, AsyncClient, Response

from learning_platform.accounts.email_links import addressee_by_email, reset_token
from tests.conftest import opened_school
from tests.people import School
from tests.web.pages.browsing import Browser

PASSWORD = "correct horse"
HOME, ELSEWHERE = "198.51.100.1", "203.0.113.9"
From = Callable[[str], Awaitable[AsyncClient]]


@pytest.fixture
async def at(school: School) -> AsyncIterator[From]:
    """Return what gives a client at an address."""
    async with AsyncExitStack() as stack:

        async def client_at(address: str) -> AsyncClient:
            transport = ASGITransport(school.app, client=(address, 1234))
            return await stack.enter_async_context(AsyncClient(transport=transport, base_url="http://test"))

        yield client_at


async def register(client: AsyncClient, username: str = "alice") -> None:
    new = {"email": f"{username}@example.com", "username": username, "password": PASSWORD}
    response = await client.post("/register", json=new)
    assert response.status_code == 201, response.text


async def sign_in(client: AsyncClient, username: str = "alice", password: str = PASSWORD) -> Response:
    return await client.post("/token", data={"username": username, "password": password})


async def guesses(client: AsyncClient, usernames: list[str]) -> list[int]:
    return [(await sign_in(client, username, "guess")).status_code for username in usernames]


async def test_strangers_who_guess_from_everywhere_do_not_lock_the_owner_out_at_home(at: From, school: School) -> None:
    home = await at(HOME)
    await register(home)
    answers = [(await guesses(await at(f"192.0.2.{number}"), ["alice"]))[0] for number in range(101)]
    assert answers == [401] * 100 + [429], "a hundred failures an hour of one account, from wherever"
    refused = await sign_in(await at(ELSEWHERE))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused.headers["retry-after"] == "36", "and then one each 36 seconds"
    assert (await sign_in(home)).status_code == 200
    assert (await sign_in(home, password="mistyped")).status_code == 401, "at home one may mistype"
    unknown = await guesses(await at(ELSEWHERE), ["unknown"])
    assert unknown == [401], "other names are not concerned"
    school.clock.advance(seconds=36)
    assert (await sign_in(await at(ELSEWHERE))).status_code == 200
    school.clock.advance(minutes=1)
    assert (await guesses(await at("192.0.2.250"), ["alice"])) == [401], "from where she signed in, too, from now on"
    assert (await sign_in(await at(ELSEWHERE))).status_code == 200


async def test_an_unknown_name_is_limited_like_a_known_one(at: From) -> None:
    await register(await at(HOME))
    elsewhere = await at(ELSEWHERE)
    assert await guesses(elsewhere, ["alice"] * 7) == await guesses(elsewhere, ["unknown"] * 7) == [401] * 5 + [429] * 2


async def test_a_machine_that_tries_many_names_is_stopped_and_others_at_its_address_are_not(at: From) -> None:
    """A classroom has one address: who has signed in from it before is not concerned by what strangers do there."""
    classroom = await at(HOME)
    await register(classroom)
    answers = await guesses(classroom, [f"name_{number}" for number in range(101)])
    assert answers == [401] * 100 + [429]
    assert (await sign_in(classroom)).status_code == 200
    assert (await guesses(classroom, ["alice"])) == [401]


async def test_a_whole_class_that_mistypes_is_not_locked(at: From) -> None:
    classroom = await at(HOME)
    assert await guesses(classroom, [f"pupil_{number}" for number in range(30)] * 3) == [401] * 90


async def test_the_owners_delay_grows_to_a_minute_and_no_further(at: From, school: School) -> None:
    home, waits = await at(HOME), []
    await register(home)
    await guesses(home, ["alice"] * 5)
    for _ in range(5):
        refused = await sign_in(home)
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        school.clock.advance(seconds=waits[-1])
        assert (await sign_in(home, password="guess")).status_code == 401
    assert waits == [12, 24, 48, 60, 60]
    school.clock.advance(seconds=60)
    assert (await sign_in(home)).status_code == 200


@pytest.mark.parametrize("spelling", ["ALICE", "aLiCe", "Alice@Example.COM", "alice@example.com"])
async def test_one_account_has_one_counter_however_it_is_called(at: From, spelling: str) -> None:
    home = await at(HOME)
    await register(home)
    assert await guesses(home, ["alice"] * 5) == [401] * 5
    assert await guesses(home, [spelling]) == [429]


@pytest.mark.parametrize(("one", "other"), [("kim", "KIM"), ("İnan", "inan"), ("straße", "STRASSE"), ("ΣΑΣ", "σας")])
async def test_two_spellings_have_one_counter_just_where_the_database_takes_them_for_one(
    at: From, school: School, one: str, other: str
) -> None:
    client = await at(HOME)
    await guesses(client, [one] * 5)
    async with school.services.database.connection() as db:
        are_one = await db.fetchval("select lower($1) = lower($2)", one, other)
    assert await guesses(client, [other]) == ([429] if are_one else [401])


async def test_a_network_of_ipv6_is_one_address(at: From) -> None:
    await register(await at(HOME))
    answers = [(await guesses(await at(f"2001:db8:1:2::{number}"), ["alice"]))[0] for number in range(1, 7)]
    assert answers == [401] * 5 + [429]
    assert await guesses(await at("2001:db8:1:3::1"), ["alice"]) == [401]


async def test_guesses_at_the_same_time_get_no_more_than_the_limit(at: From) -> None:
    client = await at(HOME)
    await register(client)
    answers = await asyncio.gather(*(guesses(client, ["alice"]) for _ in range(30)))
    assert sorted(answer for (answer,) in answers) == [401] * 5 + [429] * 25


async def test_sign_ins_at_the_same_time_with_the_right_password_all_succeed(at: From) -> None:
    client = await at(HOME)
    await register(client)
    answers = await asyncio.gather(*(sign_in(client) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}


async def test_counters_survive_a_restart(at: From, school: School) -> None:
    client = await at(HOME)
    await register(client)
    await guesses(client, ["alice"] * 5)
    async with opened_school(school.app, school.services.settings, school.clock):
        assert (await sign_in(client)).status_code == 429


async def test_the_page_says_what_to_do(school: School) -> None:
    browser = Browser(school)
    for _ in range(5):
        await browser.fill_in("/sign-in", 401, username="alice", password="guess")
    page = await browser.fill_in("/sign-in", 429, username="alice", password="guess")
    assert "Too many failed sign-in attempts. Try again in 12 s." in page
    assert "Is this your account?" in page
    assert "On devices where you have signed in before, these attempts do not count" in page


async def test_an_owner_who_resets_the_password_is_at_home_there(at: From, school: School) -> None:
    await register(await at(HOME))
    for number in range(20):
        await guesses(await at(f"192.0.2.{number}"), ["alice"] * 5)
    traveller = Browser(school)
    assert "Too many" in await traveller.fill_in("/sign-in", 429, username="alice", password=PASSWORD)
    async with school.services.database.connection() as db:
        to = await addressee_by_email(db, email="alice@example.com")
    assert to is not None
    token = reset_token(school.services.links, to, now=school.clock.now)
    await traveller.fill_in(f"/password/{token}", password="battery staple")
    assert "What to do now" in await traveller.fill_in("/sign-in", username="alice", password="battery staple")


async def test_that_a_network_is_in_use_is_noted_once_a_day(at: From, school: School) -> None:
    await register(await at(HOME))
    async with school.services.database.connection() as db:
        assert await db.fetchval("select last_used_at from known_networks") == school.clock.now
    school.clock.advance(hours=23)
    await sign_in(await at(HOME))
    school.clock.advance(hours=2)
    await sign_in(await at(HOME))
    async with school.services.database.connection() as db:
        noted_at = await db.fetchval("select last_used_at from known_networks")
    assert noted_at == school.clock.now
