"""What happens elsewhere reaches the page that is open, at once, once, and after a lost connection too."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd, toasts

pytestmark = pytest.mark.anyio


async def test_a_message_pops_up_is_counted_and_stands_in_the_title_without_a_reload(
    crowd: Crowd, db: Connection
) -> None:
    track_id = await worlds.gathering(db, places=2, title="Graphs")
    alice, bob = await crowd.members(2)
    await alice.open(f"/tracks/{track_id}")
    await alice.click("Take a place")
    await alice.click("Take the place")
    page = await alice.open("/settings")
    await page.evaluate("globalThis.sameDocument = true")

    await bob.open(f"/tracks/{track_id}")
    await bob.click("Take a place")
    await bob.click("Take the place")

    await alice.is_told("“Graphs” has started")
    await expect(page.get_by_role("link", name="Inbox 2 unread")).to_be_visible()
    await expect(page).to_have_title("(2) Settings · Learning Platform")
    assert await page.evaluate("globalThis.sameDocument")
    await page.get_by_role("link", name="“Graphs” has started: the group is complete.").click()
    await expect(page).to_have_url(f"{crowd.site}/tracks/{track_id}")


async def test_what_came_while_the_connection_was_lost_arrives_afterwards_and_once(
    crowd: Crowd, db: Connection
) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    page = await alice.open("/settings")
    await expect(page).to_have_title("(2) Settings · Learning Platform")
    await alice.context.set_offline(True)
    await worlds.cancel(db, scene)
    await alice.context.set_offline(False)
    await alice.is_told("was cancelled")
    await expect(page).to_have_title("(3) Settings · Learning Platform")
    await expect(toasts(page)).to_have_count(1)


async def test_a_deadline_that_passes_changes_the_open_page(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice], left=timedelta(seconds=6))
    await alice.open(f"/assignments/{scene.assignment_id}")
    await alice.sees("Hand in", "left")
    await alice.sees("Review others")
