"""Only the right token of the right person pushes, and guesses are limited as those of passwords are."""

import pytest

from learning_platform.accounts.hand_in_tokens import PREFIX
from learning_platform.accounts.rules import BadHandInToken
from tests.git_clients import token_of
from tests.web.git.conftest import Class

WRONG = f"{PREFIX}{'x' * 43}"


async def test_git_is_asked_for_a_token(klass: Class) -> None:
    answer = await klass.client.get(klass.path("info/refs?service=git-receive-pack"), headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    said = await klass.repository.push(klass.address.replace(f"alice:{klass.token}@", ""))
    assert "could not read Username" in said


@pytest.mark.parametrize("case", ["wrong", "of another", "expired", "ended", "password", "no prefix"])
async def test_any_other_token_is_refused(klass: Class, case: str) -> None:
    token = klass.token
    if case == "wrong":
        token = WRONG
    elif case == "of another":
        token = await token_of(klass.bob)
    elif case == "expired":
        token = await token_of(klass.alice, expires_at="2030-01-01T13:00:00Z")
        klass.server.school.clock.advance(hours=1)
    elif case == "ended":
        (listed,) = await klass.alice.ok("GET", "/me/hand-in-tokens")
        await klass.alice.ok("DELETE", f"/me/hand-in-tokens/{listed['id']}", 204)
    elif case == "password":
        token = "correct horse battery"
    else:
        token = token.removeprefix(PREFIX)
    said = await klass.repository.push(klass.server.address(klass.assignment_id, "alice", token.replace(" ", "%20")))
    assert not said.is_successful
    assert "Authentication failed" in said
    assert await klass.has_nothing()


async def test_a_refusal_has_a_code_and_no_account_is_revealed(klass: Class) -> None:
    answers = []
    for username in ("alice", "no-such-user"):
        headers = {"Authorization": f"Basic {klass.encoded(username, WRONG)}"}
        answer = await klass.client.get(klass.path("info/refs?service=git-receive-pack"), headers=headers)
        answers.append((answer.status_code, answer.text))
    assert answers[0] == answers[1] == (401, BadHandInToken.message)


async def test_the_email_address_is_a_username_too(klass: Class) -> None:
    address = klass.server.address(klass.assignment_id, "alice%40example.com", klass.token)
    assert (await klass.repository.push(address)).is_successful


async def test_a_blocked_person_pushes_nothing(klass: Class) -> None:
    async with klass.server.school.services.database.connection() as db:
        await db.execute("update users set blocked_at = now() where username = 'alice'")
    assert "Authentication failed" in await klass.repository.push(klass.address)


async def test_wrong_tokens_are_counted_and_the_right_one_works_all_the_same(klass: Class) -> None:
    headers = {"Authorization": f"Basic {klass.encoded('alice', WRONG)}"}
    statuses = [
        (await klass.client.get(klass.path("info/refs?service=git-receive-pack"), headers=headers)).status_code
        for _ in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2
    assert (await klass.repository.push(klass.address)).is_successful


async def test_a_use_of_a_token_is_noted(klass: Class) -> None:
    klass.server.school.clock.advance(hours=1)
    assert (await klass.repository.push(klass.address)).is_successful
    (listed,) = await klass.alice.ok("GET", "/me/hand-in-tokens")
    assert listed["last_used_at"] == "2030-01-01T13:00:00Z"


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YQ==", "Bearer x", "Basic AAA6bHBfeA=="])
async def test_a_header_that_says_nothing_is_refused(klass: Class, header: str) -> None:
    answer = await klass.client.get(klass.path("info/refs?service=git-receive-pack"), headers={"Authorization": header})
    assert answer.status_code == 401
