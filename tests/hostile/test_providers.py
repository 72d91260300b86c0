"""Providers of accounts that lie, break or are away: no one is signed in by them, and no answer is a 5xx."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from learning_platform.accounts.rules import BadProviderAnswer, ProviderUnavailable
from tests.conftest import opened_school, test_settings
from tests.people import HandClock, School
from tests.providers import ConfusedProvider, Provider, UnsignedProvider, running
from tests.web.pages.browsing import Browser, words
from tests.web.pages.test_external_accounts import (
    address_of_provider,
    come_back,
    sent_to_provider,
    settings_for,
    sign_in,
)

pytestmark = pytest.mark.anyio
DISCOVERY = "/.well-known/openid-configuration"
NONSENSE = (
    b"",
    b"<html>",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"keys": 1}',
    b'{"x": "' + b"x" * 300_000 + b'"}',
    b'{"keys": [{"kty": "RSA", "kid": "first", "n": "AQAB", "e": "AA"}, {"kty": "EC", "crv": "P-0"}, {"kty": "oct"}]}',
)


@pytest.fixture
def provider(clock: HandClock) -> Iterator[Provider]:
    """Run a provider that answers as a test wants."""
    with running(Provider, int(clock.now.timestamp())) as provider:
        yield provider


@pytest.fixture
async def school(app: FastAPI, database_url: str, clock: HandClock, provider: Provider) -> AsyncIterator[School]:
    """Open a school where people sign in with this provider."""
    async with school_with(app, database_url, clock, provider) as school:
        yield school


@asynccontextmanager
async def school_with(app: FastAPI, url: str, clock: HandClock, provider: Provider) -> AsyncIterator[School]:
    """Open a school where people sign in with a provider; the browser comes back to the school itself."""
    async with opened_school(app, test_settings(url, **settings_for(provider)), clock) as school:
        yield school


def is_refused(response: Response, refusal: type[BadProviderAnswer | ProviderUnavailable] = BadProviderAnswer) -> bool:
    """Say whether a page explains in words that a provider could not be used, and no user is signed in."""
    message = refusal.message.partition("{name}")[2]
    is_signed_in = "session" in response.request.headers.get("cookie", "")
    return response.status_code == 409 and message in words(response) and not is_signed_in


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another client"},
        {"aud": ["learning-platform", "another client"]},
        {"azp": "another client"},
        {"iss": "https://another.example.org"},
        {"exp": 1_000_000_000},
        {"exp": "tomorrow"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"at_hash": "of another token"},
        {"sub": "x" * 10_000},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": ["x"]},
        {"sub": "a\x00b"},
    ],
)
async def test_an_id_token_that_is_not_meant_for_this_sign_in_is_refused(
    school: School, provider: Provider, claims: dict[str, Any]
) -> None:
    assert is_refused(await sign_in(Browser(school), provider, **claims))


@pytest.mark.parametrize("kind", [UnsignedProvider, ConfusedProvider])
async def test_an_id_token_without_a_real_signature_is_refused(
    app: FastAPI, database_url: str, clock: HandClock, kind: type[Provider]
) -> None:
    with running(kind, int(clock.now.timestamp())) as provider:
        async with school_with(app, database_url, clock, provider) as school:
            assert is_refused(await sign_in(Browser(school), provider))


async def test_an_id_token_signed_with_a_key_of_another_is_refused(school: School, provider: Provider) -> None:
    await sign_in(Browser(school), provider)
    key, kid = provider.key, provider.key.kid
    provider.rotate_keys()
    assert kid is not None
    provider.key = provider.key.import_key(provider.key.as_dict(private=True) | {"kid": kid})
    assert key.kid == provider.key.kid
    assert is_refused(await sign_in(Browser(school), provider))


async def test_keys_that_were_changed_are_fetched_again(
    school: School, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learning_platform.accounts.external.requests.PAUSE_SECONDS", 0)
    await sign_in(Browser(school), provider)
    provider.rotate_keys()
    assert "Choose a username" in words(await sign_in(Browser(school), provider))
    assert provider.asked.count("/jwks") == 2


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("\u202ealice@example.com", ""),
        ("alice@example.com\x00", ""),
        ('"><script>@example.com', ""),
        ("a" * 300 + "@example.com", ""),
        ("алиса@example.com", ""),
        (["alice@example.com"], ""),
        ("Alice+tracks@EXAMPLE.com", "Alice+tracks@example.com"),
    ],
)
async def test_an_odd_address_is_not_taken_over(school: School, provider: Provider, email: object, shown: str) -> None:
    response = await sign_in(Browser(school), provider, email=email, email_verified=True)
    assert "Choose a username" in words(response)
    assert ("confirmed" in words(response), shown in words(response)) == (bool(shown), True)
    assert "<script>@" not in response.text


@pytest.mark.parametrize("name", [7, None, "", "\x00", "ы" * 10_000, "<b>", "a" * 10_000, {"x": 1}])
async def test_an_odd_name_is_proposed_as_a_valid_one(school: School, provider: Provider, name: object) -> None:
    browser = Browser(school)
    verified: dict[str, Any] = {"email": "alice@example.com", "email_verified": True}
    response = await sign_in(browser, provider, preferred_username=name, **verified)
    proposed = response.text.partition('name="username"')[2].partition('value="')[2].partition('"')[0]
    await browser.fill_in(response.url.path, username=proposed)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
@pytest.mark.parametrize("content", NONSENSE, ids=lambda content: content[:12])
async def test_nonsense_is_refused_in_words(school: School, provider: Provider, path: str, content: bytes) -> None:
    provider.answers[path] = 200, content
    browser = Browser(school)
    begun = await browser.get("/sign-in/with/oidc")
    if path == DISCOVERY:
        assert is_refused(begun)
    else:
        assert is_refused(await come_back(browser, provider.authorize(address_of_provider(begun))))


@pytest.mark.parametrize(("path", "content"), [("user", b'{"id": 0}'), ("user", b"[]"), ("user/emails", b"[{}]")])
async def test_nonsense_of_github_is_refused_in_words(
    school: School, provider: Provider, path: str, content: bytes
) -> None:
    provider.answers[f"/api/v3/{path}"] = 200, content
    assert is_refused(await sign_in(Browser(school), provider, "github"))


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
async def test_errors_of_a_provider_are_explained(school: School, provider: Provider, status: int) -> None:
    browser = Browser(school)
    answer = provider.authorize(await sent_to_provider(browser))
    provider.answers["/token"] = status, b'{"error": "invalid_client"}'
    refusal = ProviderUnavailable if status >= 500 else BadProviderAnswer
    assert is_refused(await come_back(browser, answer), refusal)


async def test_a_provider_that_is_away_is_asked_once_and_then_left_alone(school: School, provider: Provider) -> None:
    provider.answers[DISCOVERY] = 503, b""
    for _ in range(3):
        response = await Browser(school).get("/sign-in/with/oidc")
        assert is_refused(response, ProviderUnavailable)
    assert provider.asked == [DISCOVERY]
    provider.stop()
    assert is_refused(await sign_in(Browser(school), provider, "github"), ProviderUnavailable)


async def test_a_provider_that_is_too_slow_is_not_waited_for(
    school: School, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learning_platform.accounts.external.requests.MAX_SECONDS", 0.2)
    provider.pause_seconds = 2
    assert is_refused(await Browser(school).get("/sign-in/with/oidc"), ProviderUnavailable)


async def test_a_provider_cannot_send_browsers_or_requests_to_another_issuer(
    school: School, provider: Provider
) -> None:
    provider.answers[DISCOVERY] = 200, provider_metadata(provider).replace(b'"issuer": "http', b'"issuer": "ftp')
    assert is_refused(await Browser(school).get("/sign-in/with/oidc"))


async def test_user_info_about_another_person_is_refused(school: School, provider: Provider) -> None:
    provider.user_info = {"sub": "another", "email": "bob@example.com", "email_verified": True}
    assert is_refused(await sign_in(Browser(school), provider))


async def test_an_answer_that_names_another_issuer_is_refused(school: School, provider: Provider) -> None:
    browser = Browser(school)
    answer = provider.authorize(await sent_to_provider(browser))
    assert is_refused(await come_back(browser, {**answer, "iss": "https://another.example.org"}))


@pytest.mark.parametrize(
    "answer", [{}, {"state": "x"}, {"state": "\ud7ff" * 3000}, {"code": "x" * 7000}, {"state": "../..", "code": "\x00"}]
)
async def test_answers_that_were_not_asked_for_are_refused(school: School, answer: dict[str, str]) -> None:
    response = await come_back(Browser(school), answer)
    assert (response.status_code, "has expired or was started in another browser" in words(response)) == (409, True)


async def test_forged_cookies_are_worth_nothing(school: School) -> None:
    browser = Browser(school)
    browser.cookies.set("newcomer-0123456789abcdef", school.services.session_tokens.issue(1))
    assert "has expired" in await browser.see("/sign-in/new/0123456789abcdef", 409)
    assert "has expired" in await browser.fill_in("/sign-in/new/0123456789abcdef/link", 409, password="x")


def provider_metadata(provider: Provider) -> bytes:
    """Return what a provider publishes about itself, as it would be sent."""

    return json.dumps(provider.answer(DISCOVERY, {})[1]).encode()
