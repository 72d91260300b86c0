"""Shortcuts and the command palette: on every page, and never in the way of typing."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


async def test_single_keys_lead_to_pages_unless_a_user_is_typing_or_they_are_off(crowd: Crowd) -> None:
    alice = await crowd.member()
    page = await alice.open("/")
    await page.keyboard.type("gt")
    await page.wait_for_url("**/tracks")
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("gi?/")
    await expect(page.locator("#q")).to_have_value("gi?/")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await page.locator("#q").blur()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    # A card without a width of its own is as narrow as its padding, and all its text is cut off.
    assert await page.locator("#keys-help dd").first.evaluate("each => each.clientWidth") > 100
    await page.get_by_role("checkbox", name="Use single keys as shortcuts").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.type("gi?")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    page = await alice.open("/settings")
    switch = page.get_by_role("checkbox", name="Use single keys as shortcuts")
    await expect(switch).not_to_be_checked()
    await switch.check()
    # A Russian keyboard: the same keys type other characters.
    await page.evaluate(
        "for (const [key, code] of [['п', 'KeyG'], ['ш', 'KeyI']])"
        " document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))"
    )
    await page.wait_for_url("**/notifications")


async def test_the_palette_finds_pages_and_tracks(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    page = await alice.open("/settings")
    await page.keyboard.press("Control+k")
    field, options = page.get_by_role("combobox", name="Go to"), page.locator("#palette").get_by_role("option")
    await expect(field).to_be_focused()
    await expect(options.last).to_have_attribute("data-href", scene.track)
    await page.keyboard.type("inb")
    await expect(options).to_have_text(["Inbox"])
    await field.fill("nothing like it")
    await expect(page.get_by_role("status").get_by_text("Nothing found.")).to_be_visible()
    await field.fill("")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#palette").get_by_role("option", selected=True)).to_have_text("Tracks")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{scene.track}")


async def test_ctrl_and_enter_send_the_form(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    page = await alice.open(scene.assignment)
    diary = page.locator("form[action$='/diary'] textarea").first
    await diary.fill("Generators are lazy")
    await page.keyboard.press("Control+Enter")
    await page.locator("article, li, .prose").get_by_text("Generators are lazy").first.wait_for()
