"""What scripts add to the settings."""

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd
from tests.browser.school import signed_in

pytestmark = pytest.mark.anyio


async def test_a_folded_group_shows_which_emails_are_chosen(school: Crowd) -> None:
    page = await (await signed_in(school, "alice", "en")).open("/settings/mail")
    group = page.locator("details", has_text="Questions on your tracks")
    await expect(group.locator("summary")).to_contain_text("0 of 3")
    await group.locator("summary").click()
    await group.get_by_label("Mentions").check()
    await group.locator("summary").click()
    await expect(group.locator("summary")).to_contain_text("1 of 3")
    await expect(group.locator("[data-chosen]")).to_have_text("Mentions")
    await page.get_by_label("No emails").check()
    await expect(group).to_be_hidden()


async def test_a_secret_is_copied_with_a_button(school: Crowd) -> None:
    alice = await signed_in(school, "alice", "en")
    page = await alice.open("/settings/tokens")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.fill({"Where will you use it?": "Laptop"})
    await alice.click("Create token")
    button = page.get_by_role("button", name="Copy")
    await button.click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert (
        await page.evaluate("navigator.clipboard.readText()")
        == await page.get_by_label("Token", exact=True).input_value()
    )
