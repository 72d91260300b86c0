"""Reviewing without a mouse."""

import pytest
from playwright.async_api import Page, expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio
MAX_TABS = 40


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus says `name`."""
    for _ in range(MAX_TABS):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if name in (await focused.get_attribute("aria-label") or await focused.inner_text()):
            return
    raise AssertionError(f"{name!r} cannot be reached with Tab")


async def tab_until(page: Page, selector: str) -> None:
    """Press Tab until one of these has the focus."""
    for _ in range(MAX_TABS):
        if await page.locator(f":focus:is({selector})").count():
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")


async def test_a_review_is_written_and_sent_with_the_keyboard_alone(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    await worlds.reviewing(db, [alice])
    page = await alice.open("/")
    keys = page.keyboard
    await keys.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await keys.press("Enter")
    await tab_to(page, "Review 3 submissions")
    await keys.press("Enter")
    await page.get_by_role("button", name="Get a submission to review").wait_for()
    await tab_to(page, "Get a submission to review")
    await keys.press("Enter")

    correctness = page.get_by_role("radiogroup", name="Correctness")
    readability = page.get_by_role("radiogroup", name="Readability")
    await correctness.wait_for()
    await tab_until(page, "input[type=radio]")
    await keys.type("10")
    await expect(correctness.get_by_role("radio", name="10", exact=True)).to_be_checked()
    await keys.press("ArrowLeft")
    await expect(correctness.get_by_role("radio", name="9", exact=True)).to_be_checked()
    await keys.press("ArrowDown")
    await expect(readability.get_by_role("radio", name="0", exact=True)).to_be_focused()
    await keys.press("4")
    await expect(readability.get_by_role("radio", name="4", exact=True)).to_be_checked()
    await keys.press("ArrowUp")
    await expect(correctness.get_by_role("radio", name="9", exact=True)).to_be_focused()
    await alice.sees("Still missing: Correctness (add a reason), Readability (add a reason)")
    await tab_until(page, "#comment")
    await keys.type("Clear, but the tests are few.")
    await alice.sees("Ready to send.")
    await tab_to(page, "Send review")
    await keys.press("Enter")
    await alice.sees_message("Review sent. Thank you!")
    await alice.sees("1 of 3 reviews done")


async def test_a_menu_opens_and_closes_with_the_keyboard(crowd: Crowd) -> None:
    alice = await crowd.member()
    page = await alice.open("/")
    summary = page.get_by_role("banner").locator("summary")
    await summary.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    await expect(summary).to_be_focused()
