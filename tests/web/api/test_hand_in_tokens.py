"""Tokens for git: shown once, listed without their secret, ended by their owner and with the password."""

import pytest
from asyncpg import Record

from learning_platform.accounts.actions import change_password
from learning_platform.accounts.administration import block
from learning_platform.accounts.hand_in_tokens import MAX_TOKENS
from learning_platform.personal_data.deletion import delete_account_data
from tests.people import School

PATH = "/me/hand-in-tokens"


async def rows(school: School) -> list[Record]:
    async with school.services.database.connection() as db:
        return await db.fetch("select * from hand_in_tokens")


async def test_a_token_is_shown_once_and_kept_as_a_hash(school: School) -> None:
    alice = await school.person("alice")
    created = await alice.ok("POST", PATH, 201, json={"name": " My laptop "})
    assert created["token"].startswith("lp_")
    assert len(created["token"]) > 40
    assert (created["name"], created["expires_at"]) == ("My laptop", "2031-01-01T12:00:00Z")
    (listed,) = await alice.ok("GET", PATH)
    assert listed == {**{name: created[name] for name in created if name != "token"}, "last_used_at": None}
    (row,) = await rows(school)
    assert created["token"] not in str(row)


async def test_tokens_belong_to_one_person(school: School) -> None:
    alice, bob = await school.person("alice"), await school.person("bob")
    created = await alice.ok("POST", PATH, 201, json={"name": "laptop"})
    assert await bob.ok("GET", PATH) == []
    await bob.refused("DELETE", f"{PATH}/{created['id']}", 404, "hand_in_token_not_found")
    await alice.ok("DELETE", f"{PATH}/{created['id']}", 204)
    await alice.refused("DELETE", f"{PATH}/{created['id']}", 404, "hand_in_token_not_found")
    assert await alice.ok("GET", PATH) == []


async def test_a_person_has_a_limited_number_of_valid_tokens(school: School) -> None:
    alice = await school.person("alice")
    soon = {"name": "short", "expires_at": "2030-01-01T13:00:00Z"}
    for _ in range(MAX_TOKENS):
        await alice.ok("POST", PATH, 201, json=soon)
    await alice.refused("POST", PATH, 409, "too_many_hand_in_tokens", json={"name": "one more"})
    school.clock.advance(hours=1)
    assert await alice.ok("GET", PATH) == []
    await alice.ok("POST", PATH, 201, json={"name": "one more"})
    assert len(await rows(school)) == 1


@pytest.mark.parametrize("expires_at", ["2030-01-01T12:00:00Z", "2029-12-31T00:00:00Z", "2041-01-01T00:00:00Z"])
async def test_a_token_ends_in_the_future_and_not_in_a_generation(school: School, expires_at: str) -> None:
    alice = await school.person("alice")
    await alice.refused("POST", PATH, 422, "hand_in_token_expiry", json={"name": "x", "expires_at": expires_at})


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\0b"])
async def test_a_token_needs_a_name(school: School, name: str) -> None:
    alice = await school.person("alice")
    await alice.refused("POST", PATH, 422, "invalid_input", json={"name": name})


async def test_another_password_and_a_blocked_account_end_tokens(school: School) -> None:
    alice, bob, admin = await school.person("alice"), await school.person("bob"), await school.person(role="admin")
    for person in (alice, bob):
        await person.ok("POST", PATH, 201, json={"name": "laptop"})
    async with school.services.database.transaction() as db:
        await change_password(
            db,
            user_id=alice.id,
            password_hash="changed",
            checked_hash="not a hash",
            except_session_id=alice.session_id,
            now=school.clock.now,
        )
    assert {row["user_id"] for row in await rows(school)} == {bob.id}
    async with school.services.database.transaction() as db:
        await block(db, user_id=bob.id, admin_id=admin.id, now=school.clock.now)
    assert await rows(school) == []


async def test_a_deleted_account_has_no_token(school: School) -> None:
    alice = await school.person("alice")
    await alice.ok("POST", PATH, 201, json={"name": "laptop"})
    async with school.services.database.transaction() as db:
        await delete_account_data(db, user_id=alice.id, password_hash="none", now=school.clock.now)
    assert await rows(school) == []
