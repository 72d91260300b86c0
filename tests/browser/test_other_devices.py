"""What is read on one device is read on every other, without a reload, and after a lost connection too."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.line import Line, line_to
from tests.browser.people import PASSWORD, Crowd, Person

pytestmark = pytest.mark.anyio
UNREAD = "main .unread"


@pytest.fixture
async def line(site: str) -> AsyncIterator[Line]:
    """Lay a line to the site that can be cut."""
    async with line_to(site) as line:
        yield line


async def second_device(crowd: Crowd, person: Person) -> Person:
    """Return the same user with another browser, at the inbox."""
    device = await crowd.visitor()
    await device.open("/sign-in?next=/notifications")
    await device.sign_in(username=person.name, password=PASSWORD)
    await device.page.wait_for_url("**/notifications")
    return device


async def test_the_count_falls_and_the_list_changes_on_the_other_device(crowd: Crowd, db: Connection) -> None:
    laptop = await crowd.member()
    await worlds.under_way(db, [laptop])
    phone = await second_device(crowd, laptop)
    await expect(phone.page).to_have_title("(2) Inbox · Learning Platform")
    await phone.page.evaluate("globalThis.sameDocument = true")
    page = await laptop.open("/notifications")
    await page.locator(f"{UNREAD} button").first.click()
    await expect(page.locator(UNREAD)).to_have_count(1)
    await expect(phone.page).to_have_title("(1) Inbox · Learning Platform")
    await expect(phone.page.locator(UNREAD)).to_have_count(1)
    await laptop.click("Mark all as read")
    await expect(phone.page).to_have_title("Inbox · Learning Platform")
    await expect(phone.page.locator(UNREAD)).to_have_count(0)
    assert await phone.page.evaluate("globalThis.sameDocument")


async def test_what_was_read_while_the_connection_was_lost_is_counted_afterwards(
    browser: Browser, crowd: Crowd, line: Line, db: Connection
) -> None:
    laptop = await crowd.member()
    scene = await worlds.under_way(db, [laptop])
    distant = Crowd(browser, line.url)
    phone = await second_device(distant, laptop)
    # What arrives by itself shows that the page is connected.
    await worlds.move_deadline(db, scene)
    await expect(phone.page).to_have_title("(3) Inbox · Learning Platform")
    await expect(phone.page.locator(UNREAD)).to_have_count(3)
    line.cut()
    await laptop.open("/notifications")
    await laptop.click("Mark all as read")
    await line.tried_in_vain.wait()
    line.repair()
    await expect(phone.page).to_have_title("Inbox · Learning Platform")
    await expect(phone.page.locator(UNREAD)).to_have_count(0)
    phone.watch.forgive("console: WebSocket connection to")
    await distant.leave()
    assert distant.trouble == []
