"""The whole way through a provider, in a browser: a first sign-in, a second one, and linking from the settings."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import Crowd, Person
from tests.processes import command, free_port, served

pytestmark = pytest.mark.anyio
ALICE = {"sub": "alice", "preferred_username": "Алиса Liddell", "email": "alice@id.example", "email_verified": True}


@pytest.fixture
async def crowd(browser: Browser, database_url: str, tmp_path: Path) -> AsyncIterator[Crowd]:
    """Return who can call people to a site with a provider; no browser may have met an error by the end."""
    port = free_port()
    provider = ("oidc_provider_mock", "--port", str(port), "--user-claims", json.dumps(ALICE), "--user", "bob")
    settings = {"oidc_issuer": f"http://127.0.0.1:{port}", "oidc_client_id": "x", "oidc_client_secret": "x"}
    async with (
        command(*provider, cwd=tmp_path) as running,
        served(
            cwd=tmp_path, database_url=database_url, data_dir=str(tmp_path), log_level="warning", **settings
        ) as server,
    ):
        await running.says("Uvicorn running")
        # Providers send browsers to the public address, which is this one without a setting.
        crowd = Crowd(browser, f"http://localhost:{server.port}")
        yield crowd
        await crowd.leave()
        assert crowd.trouble == []


async def choose(person: Person, subject: str) -> None:
    """Sign in at the provider."""
    await person.page.get_by_role("button", name=subject, exact=True).click()


async def visitor(crowd: Crowd) -> Person:
    """Call a person whose browser does not load the style of the provider's pages."""
    person = await crowd.visitor()
    await person.context.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(content_type="text/css"))
    return person


async def test_a_person_comes_by_a_provider_and_comes_again(crowd: Crowd) -> None:
    alice = await visitor(crowd)
    await alice.open("/settings/security")
    await alice.click("Continue with OpenID Connect")
    await choose(alice, "alice")
    await expect(alice.field("Username")).to_have_value("Liddell")
    await alice.click("Create account")
    await alice.sees("your only way to sign in", "You have no password yet.")
    await alice.sign_out()
    await alice.open("/sign-in")
    await alice.click("Continue with OpenID Connect")
    await choose(alice, "alice")
    await alice.sees_message("You're signed in.")
    alice.watch.forgive("another host")


async def test_a_person_links_a_provider_and_unlinks_it(crowd: Crowd) -> None:
    bob = await visitor(crowd)
    await bob.sign_up()
    await bob.open("/settings/security")
    await bob.click("Link OpenID Connect")
    await choose(bob, "bob")
    await bob.sees_message("Account linked.")
    await bob.click("Unlink OpenID Connect")
    await bob.sees_message("Account unlinked.")
    bob.watch.forgive("another host")
