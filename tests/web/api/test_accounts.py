"""Registration and the profile."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.people import School

USER = {"id", "email", "username", "role", "locale", "time_zone", "created_at"}


def registration(username: str, **changes: Any) -> dict[str, Any]:
    return {"email": f"{username}@example.com", "username": username, "password": "correct horse", **changes}


async def test_a_new_account_has_the_role_of_a_user(stranger: AsyncClient) -> None:
    response = await stranger.post("/register", json=registration("Ann.A-1_x"))
    assert response.status_code == 201
    user = response.json()
    assert set(user) == USER
    assert (user["username"], user["email"], user["role"]) == ("Ann.A-1_x", "Ann.A-1_x@example.com", "user")
    assert (user["time_zone"], user["created_at"]) == ("UTC", "2030-01-01T12:00:00Z")


@pytest.mark.parametrize(("header", "locale"), [("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("fr", "en")])
async def test_a_new_user_has_the_language_of_their_client(stranger: AsyncClient, header: str, locale: str) -> None:
    response = await stranger.post(
        "/register", json=registration(f"lang_{header[:2]}"), headers={"Accept-Language": header}
    )
    assert response.json()["locale"] == locale


async def test_name_and_address_are_unique_without_regard_to_case(stranger: AsyncClient) -> None:
    await stranger.post("/register", json=registration("uma"))
    same_email = await stranger.post("/register", json=registration("uma2", email="UMA@Example.COM"))
    assert (same_email.status_code, same_email.json()["code"]) == (409, "email_taken")
    same_name = await stranger.post("/register", json=registration("UMA", email="uma2@example.com"))
    assert (same_name.status_code, same_name.json()["code"]) == (409, "username_taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "x" * 33),
        ("username", "with space"),
        ("username", "имя"),
        ("username", "a@b"),
        ("username", "abc\u0000"),
        ("username", 12345),
        ("username", None),
        ("email", "no-at-sign"),
        ("email", "a@"),
        ("email", "@example.com"),
        ("email", "a b@example.com"),
        ("email", "a@example.com\u0000"),
        ("email", "a@example..com"),
        ("email", "x" * 250 + "@example.com"),
        ("password", "seven77"),
        ("password", "x" * 129),
        ("password", ["correct horse"]),
    ],
)
async def test_what_makes_no_account_is_refused_at_its_field(stranger: AsyncClient, field: str, value: object) -> None:
    response = await stranger.post("/register", json={**registration("valid_name"), field: value})
    assert response.status_code == 422, response.text
    assert [error["loc"] for error in response.json()["errors"]] == [["body", field]]


@pytest.mark.parametrize(("password", "code"), [("12345678", "common_password"), ("Valid.Name", "password_is_name")])
async def test_a_password_that_is_easy_to_guess_is_refused(stranger: AsyncClient, password: str, code: str) -> None:
    response = await stranger.post("/register", json=registration("valid.name", password=password))
    problem = response.json()
    assert (response.status_code, problem["code"], problem["errors"][0]["loc"]) == (422, code, ["body", "password"])


@pytest.mark.parametrize("password", ["k7m-2x9q", "п" * 128, " spaces at the ends "])
async def test_a_password_may_have_any_eight_to_128_characters(campus: School, password: str) -> None:
    visitor = await campus.person()
    username = f"secret_{len(password)}"
    await visitor.ok("POST", "/register", 201, json=registration(username, password=password))
    await visitor.ok("POST", "/token", data={"username": username, "password": password})


async def test_a_user_sees_and_changes_their_profile(campus: School) -> None:
    alice = await campus.person(language="en")
    me = await alice.ok("GET", "/me")
    assert set(me) == USER
    assert (me["id"], me["username"], me["locale"]) == (alice.id, alice.username, "en")
    changed = await alice.ok("PATCH", "/me", json={"locale": "ru", "time_zone": "Europe/Moscow"})
    assert changed == {**me, "locale": "ru", "time_zone": "Europe/Moscow"}
    assert await alice.ok("PATCH", "/me", json={"locale": "en"}) == {**changed, "locale": "en"}
    assert await alice.ok("PATCH", "/me", json={}) == {**changed, "locale": "en"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "unknown_time_zone"),
        ({"time_zone": "../../etc/passwd"}, "unknown_time_zone"),
        ({"time_zone": "x" * 65}, "invalid_input"),
        ({"locale": "de"}, "invalid_input"),
        ({"locale": 1}, "invalid_input"),
    ],
)
async def test_a_profile_takes_no_nonsense(campus: School, change: dict[str, Any], code: str) -> None:
    alice = await campus.person()
    before = await alice.ok("GET", "/me")
    problem = await alice.refused("PATCH", "/me", 422, code, json=change)
    assert [error["loc"] for error in problem["errors"]] == [["body", next(iter(change))]]
    assert await alice.ok("GET", "/me") == before


async def test_no_user_changes_their_own_role(campus: School) -> None:
    alice = await campus.person()
    await alice.ok("PATCH", "/me", json={"role": "admin", "username": "boss", "email": "boss@example.com", "id": 1})
    me = await alice.ok("GET", "/me")
    assert (me["role"], me["username"], me["id"]) == ("user", alice.username, alice.id)
    created = await alice.ok("POST", "/register", 201, json=registration("climber", role="admin"))
    assert created["role"] == "user"
