"""Accounts and sessions used twice at the same instant."""

import pytest
from httpx import AsyncClient

from tests.concurrency.outcomes import concurrently, outcomes
from tests.people import School

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"


async def test_a_username_wanted_by_many_at_the_same_time_goes_to_one(client: AsyncClient) -> None:
    wishes = [
        {"email": f"alice{number}@example.com", "username": name, "password": PASSWORD}
        for number, name in enumerate(["alice", "Alice", "ALICE", "aLiCe"])
    ]

    responses = await concurrently(client.post("/register", json=wish) for wish in wishes)

    assert outcomes(responses) == {"201": 1, "409 username_taken": 3}


async def test_an_address_registered_by_many_at_the_same_time_belongs_to_one(client: AsyncClient) -> None:
    wishes = [
        {"email": address, "username": f"bob{number}", "password": PASSWORD}
        for number, address in enumerate(["bob@example.com", "Bob@example.com", "BOB@EXAMPLE.COM"])
    ]

    responses = await concurrently(client.post("/register", json=wish) for wish in wishes)

    assert outcomes(responses) == {"201": 1, "409 email_taken": 2}


async def test_a_refresh_token_used_twice_at_the_same_time_works_once_and_ends_the_session(
    school: School, client: AsyncClient
) -> None:
    await client.post("/register", json={"email": "c@example.com", "username": "carol", "password": PASSWORD})
    pair = (await client.post("/token", data={"username": "carol", "password": PASSWORD})).json()
    old = {"refresh_token": pair["refresh_token"]}

    responses = await concurrently(client.post("/token/refresh", json=old) for _ in range(2))

    assert outcomes(responses) == {"200": 1, "401 refresh_token_reused": 1}
    fresh = next(response.json() for response in responses if response.is_success)
    again = await client.post("/token/refresh", json={"refresh_token": fresh["refresh_token"]})
    assert again.json()["code"] == "bad_refresh_token"
    await school.services.revocations.load()
    me = await client.get("/me", headers={"Authorization": f"Bearer {fresh['access_token']}"})
    assert me.json()["code"] == "bad_token"
