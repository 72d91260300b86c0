"""Sign in with accounts elsewhere: the way in, the linking of accounts, and accounts without a password."""

from collections.abc import AsyncIterator, Iterator
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from httpx import Response

from learning_platform.accounts.rules import (
    BadProviderAnswer,
    IdentityNotFound,
    IdentityTaken,
    LastWayIn,
    ProviderNotFound,
    ProviderUnavailable,
    SignInAgain,
    SignInCancelled,
    SignInExpired,
    UserBlocked,
)
from tests.conftest import opened_school, test_settings
from tests.people import HandClock, School
from tests.providers import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.web.pages.browsing import Browser, words
from tests.web.pages.test_signing_in import PASSWORD, register

pytestmark = pytest.mark.anyio
VERIFIED: dict[str, Any] = {"email": "alice@example.com", "email_verified": True}
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def provider(clock: HandClock) -> Iterator[Provider]:
    """Run an honest provider."""
    with running(Provider, int(clock.now.timestamp())) as provider:
        yield provider


@pytest.fixture
async def school(app: FastAPI, database_url: str, clock: HandClock, provider: Provider) -> AsyncIterator[School]:
    """Open a school where people sign in with this provider, as any, as a GitLab and as a GitHub."""
    async with opened_school(app, test_settings(database_url, **settings_for(provider)), clock) as school:
        yield school


def settings_for(provider: Provider) -> dict[str, Any]:
    """Return settings under which a provider is each of the three kinds."""
    ids = {f"{kind}_client_id": CLIENT_ID for kind in ("oidc", "github", "gitlab")}
    secrets = {f"{kind}_client_secret": CLIENT_SECRET for kind in ("oidc", "github", "gitlab")}
    addresses = {"oidc_issuer": provider.url, "github_url": provider.url, "gitlab_url": f"{provider.url}/gitlab"}
    return {**ids, **secrets, **addresses, "oidc_name": "School ID", "public_url": "https://learn.example.org"}


async def sent_to_provider(browser: Browser, kind: str = "oidc", *, next: str = "") -> str:
    """Begin a sign-in; return the address of the provider that the browser is sent to."""
    response = await browser.get(f"/sign-in/with/{kind}", params={"next": next})
    assert response.status_code == 200, words(response)
    return address_of_provider(response)


def address_of_provider(response: Response) -> str:
    """Return the address that a page goes on to."""
    url = unescape(response.text.partition('content="0;url=')[2].partition('"')[0])
    assert f'href="{escape(url)}"' in response.text, "without the reload, a link leads there"
    return url


async def come_back(browser: Browser, answer: dict[str, str], kind: str = "oidc") -> Response:
    """Come back from a provider with an answer."""
    return await browser.get(f"/sign-in/with/{kind}/callback", params=answer)


async def sign_in(
    browser: Browser, provider: Provider, kind: str = "oidc", *, next: str = "", **claims: Any
) -> Response:
    """Go to a provider and come back from it."""
    provider.claims |= claims
    return await come_back(browser, provider.authorize(await sent_to_provider(browser, kind, next=next)), kind)


async def join(browser: Browser, provider: Provider, kind: str = "oidc", **claims: Any) -> str:
    """Sign in for the first time and create the account that is proposed; return the words on the next page."""
    response = await sign_in(browser, provider, kind, **{**VERIFIED, **claims})
    return await browser.fill_in(response.url.path, username="alice", email="typed@example.com", time_zone="Asia/Tokyo")


async def link(browser: Browser, provider: Provider, kind: str = "oidc", **claims: Any) -> Response:
    """Link an identity from the settings."""
    provider.claims |= claims
    page = await browser.post(f"/settings/identities/{kind}", headers=SAME_SITE)
    url = address_of_provider(page)
    return await come_back(browser, provider.authorize(url), kind)


async def test_the_first_sign_in_creates_an_account_and_the_next_ones_find_it(
    school: School, provider: Provider
) -> None:
    browser = Browser(school)
    response = await sign_in(
        browser, provider, next="/settings/security", **VERIFIED, preferred_username="Алиса Smith!"
    )
    assert 'value="Smith"' in response.text
    assert "alice@example.com confirmed" in words(response)
    page = await browser.fill_in(response.url.path, username="Alice", time_zone="Asia/Tokyo")
    assert "School ID" in page
    assert "Asia/Tokyo" in page
    export = (await browser.get("/settings/export")).json()
    assert export["user"]["email_confirmed_at"] is not None
    assert [(each["provider"], each["subject"]) for each in export["external_identities"]] == [
        (provider.url, "248289761001")
    ]
    again = Browser(school)
    assert "What to do now" in words(await sign_in(again, provider, email="other@example.com"))


async def test_a_provider_is_asked_with_pkce_state_nonce_and_the_public_address(
    school: School, provider: Provider
) -> None:
    asked = parse_qs(urlsplit(await sent_to_provider(Browser(school))).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["redirect_uri"] == ["https://learn.example.org/sign-in/with/oidc/callback"]


async def test_two_tabs_and_a_double_click_do_not_disturb_each_other(school: School, provider: Provider) -> None:
    browser = Browser(school)
    provider.claims |= VERIFIED
    first, second = [provider.authorize(await sent_to_provider(browser)) for _ in range(2)]
    form = (await come_back(browser, second)).url.path
    await browser.fill_in(form, username="alice")
    assert "What to do now" in words(await come_back(browser, first))
    # The form of the first tab, sent after the account was created.
    assert (await browser.post(form, data={"username": "alice"}, headers=SAME_SITE)).status_code == 409


async def test_an_address_that_the_provider_did_not_verify_is_typed_and_confirmed_by_us(
    school: School, provider: Provider
) -> None:
    await school.person("bob")
    browser = Browser(school)
    response = await sign_in(browser, provider, email="bob@example.com", email_verified=False)
    assert "There is already an account" not in words(response), "of an address that may not be theirs"
    page = await browser.fill_in(response.url.path, 409, username="alice", email="bob@example.com")
    assert "An account with this email address already exists." in page
    await browser.fill_in(response.url.path, username="alice", email="alice@example.com")
    assert (await browser.get("/settings/export")).json()["user"]["email_confirmed_at"] is None


async def test_an_existing_account_is_linked_by_its_password_only(school: School, provider: Provider) -> None:
    await register(Browser(school))
    visitor = Browser(school)
    response = await sign_in(visitor, provider, **VERIFIED)
    assert "There is already an account with the email address alice@example.com." in words(response)
    await visitor.fill_in(response.url.path, 409, username="alice2")
    form = f"{response.url.path}/link"
    assert "Incorrect username or password." in await visitor.fill_in(form, 401, password="wrong")
    assert "You can now sign in with it." in await visitor.fill_in(form, password=PASSWORD)
    assert "What to do now" in words(await sign_in(Browser(school), provider))


async def test_from_the_settings_an_identity_is_linked_and_unlinked(school: School, provider: Provider) -> None:
    browser = Browser(school)
    await register(browser)
    assert "You can now sign in with it." in words(await link(browser, provider))
    other = Browser(school)
    await register(other, username="bob", email="bob@example.com")
    response = await link(other, provider)
    assert (response.status_code, IdentityTaken.message in words(response)) == (409, True)
    identity = (
        (await browser.get("/settings/security")).text.partition("/settings/identities/")[2].partition("/unlink")[0]
    )
    await other.fill_in(f"/settings/identities/{identity}/unlink", 404)
    assert "Account unlinked." in await browser.fill_in(f"/settings/identities/{identity}/unlink")
    assert IdentityNotFound.message in await browser.fill_in(f"/settings/identities/{identity}/unlink", 404)
    assert "Choose a username" in words(await sign_in(Browser(school), provider))


async def test_an_account_without_a_password_confirms_by_signing_in_again(
    school: School, provider: Provider, clock: HandClock
) -> None:
    browser = Browser(school)
    await join(browser, provider)
    clock.advance(minutes=16)
    assert SignInAgain.message in await browser.fill_in("/settings/password", 409, password="battery staple")
    assert SignInAgain.message in await browser.fill_in("/settings/delete", 409)
    asked = parse_qs(urlsplit(await sent_to_provider(browser, next="/settings")).query)
    assert asked["prompt"] == ["login"]
    provider.now = int(clock.now.timestamp())
    assert "Confirmed." in words(await sign_in(browser, provider, next="/settings"))
    assert "Password set." in await browser.fill_in("/settings/password", password="battery staple")
    assert "What to do now" in await Browser(school).fill_in("/sign-in", username="alice", password="battery staple")
    page = await browser.fill_in("/settings/delete", 422, confirm_password="wrong")
    assert "Incorrect password." in page


async def test_an_account_without_a_password_is_deleted_after_a_recent_sign_in(
    school: School, provider: Provider
) -> None:
    browser = Browser(school)
    await join(browser, provider)
    assert "Your account has been deleted." in await browser.fill_in("/settings/delete")
    assert "Choose a username" in words(await sign_in(Browser(school), provider))


async def test_the_last_way_in_stays(school: School, provider: Provider) -> None:
    browser = Browser(school)
    await join(browser, provider)
    async with school.services.database.connection() as db:
        identity = await db.fetchval("select id from external_identities")
    assert LastWayIn.message in await browser.fill_in(f"/settings/identities/{identity}/unlink", 409)


async def test_a_person_who_is_signed_in_does_not_become_another(school: School, provider: Provider) -> None:
    await join(Browser(school), provider)
    other = Browser(school)
    await register(other, username="bob", email="bob@example.com")
    response = await sign_in(other, provider)
    assert (response.status_code, IdentityNotFound.message in words(response)) == (404, True)
    assert "bob" in await other.see("/settings")


async def test_a_blocked_user_learns_that_they_are_blocked(school: School, provider: Provider) -> None:
    await join(Browser(school), provider)
    async with school.services.database.transaction() as db:
        await db.execute("update users set blocked_at = now()")
    response = await sign_in(Browser(school), provider)
    assert (response.status_code, UserBlocked.message in words(response)) == (401, True)


async def test_an_administrator_sees_the_providers_of_a_user(school: School, provider: Provider) -> None:
    browser = Browser(school)
    await join(browser, provider)
    async with school.services.database.transaction() as db:
        user_id = await db.fetchval("update users set role = 'admin' returning id")
    assert "Linked accounts School ID" in await browser.see(f"/admin/users/{user_id}")


async def test_only_a_verified_primary_address_of_github_is_taken(school: School, provider: Provider) -> None:
    provider.github_emails = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "octo@example.com", "primary": True, "verified": False},
    ]
    browser = Browser(school)
    response = await sign_in(browser, provider, "github")
    assert 'value="Octo-Cat"' in response.text
    assert "example.com" not in words(response)
    provider.github_emails = [{"email": "octo@example.com", "primary": True, "verified": True}]
    response = await sign_in(browser, provider, "github")
    assert "octo@example.com confirmed" in words(response)
    await browser.fill_in(response.url.path, username="octo")
    assert "What to do now" in words(await sign_in(Browser(school), provider, "github"))


async def test_buttons_are_there_for_what_is_set_up(school: School, app: FastAPI, clock: HandClock) -> None:
    for path in ("/sign-in", "/register"):
        page = await Browser(school).see(path + "?next=/tracks")
        assert "Continue with GitHub Continue with GitLab Continue with School ID" in page
    plain = test_settings(school.services.database.url)
    async with opened_school(app, plain, clock) as other:
        assert "Continue with" not in await Browser(other).see("/sign-in")
        assert ProviderNotFound.message in await Browser(other).see("/sign-in/with/github", 404)


async def test_a_link_on_another_site_begins_no_sign_in(school: School) -> None:
    response = await Browser(school).get("/sign-in/with/oidc", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.url.path == "/sign-in"


@pytest.mark.parametrize(
    ("error", "refusal"),
    [("access_denied", SignInCancelled), ("server_error", ProviderUnavailable), ("<script>", BadProviderAnswer)],
)
async def test_an_error_of_the_provider_is_explained(
    school: School, provider: Provider, error: str, refusal: type[BadProviderAnswer]
) -> None:
    browser = Browser(school)
    state = provider.authorize(await sent_to_provider(browser, next="/tracks"))["state"]
    response = await come_back(browser, {"state": state, "error": error, "error_description": "say this"})
    assert response.status_code == 409
    assert refusal.message.format(name="School ID") in words(response)
    assert "say this" not in response.text
    assert 'name="next" value="/tracks"' in response.text


async def test_an_answer_for_another_browser_or_a_used_one_is_refused(
    school: School, provider: Provider, clock: HandClock
) -> None:
    browser = Browser(school)
    answer = provider.authorize(await sent_to_provider(browser))
    for refused in (await come_back(Browser(school), answer), await come_back(browser, answer, "gitlab")):
        assert (refused.status_code, SignInExpired.message in words(refused)) == (409, True)
    assert "Choose a username" in words(await come_back(browser, answer))
    assert SignInExpired.message in words(await come_back(browser, answer))
    code_of_another = {**provider.authorize(await sent_to_provider(browser)), "code": "used before"}
    assert SignInExpired.message in words(await come_back(browser, code_of_another))
    late = provider.authorize(await sent_to_provider(browser))
    clock.advance(minutes=11)
    assert SignInExpired.message in words(await come_back(browser, late))
