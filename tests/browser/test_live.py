"""What happens elsewhere reaches the page that is open, immediately, once, and after a lost connection too."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.line import Line, line_to
from tests.browser.people import Crowd, Person, toasts

pytestmark = pytest.mark.anyio
# Enough to open a page before a deadline; on a busy machine it takes longer.
SECONDS_LEFT = (3, 10, 30)


@pytest.fixture
async def line(site: str) -> AsyncIterator[Line]:
    """Lay a line to the site that can be cut."""
    async with line_to(site) as line:
        yield line


@pytest.fixture
async def distant_crowd(browser: Browser, line: Line) -> AsyncIterator[Crowd]:
    """Return who can call people to the far end of the line; no browser may have met an error by the end."""
    crowd = Crowd(browser, line.url)
    yield crowd
    await crowd.leave()
    assert crowd.trouble == []


async def test_a_message_pops_up_is_counted_and_stands_in_the_title_without_a_reload(
    crowd: Crowd, db: Connection
) -> None:
    track_id = await worlds.gathering(db, places=2, title="Graphs")
    alice, bob = await crowd.members(2)
    await alice.open(f"/tracks/{track_id}")
    await alice.click("Enroll")
    await alice.click("Confirm enrollment")
    page = await alice.open("/settings")
    await page.evaluate("globalThis.sameDocument = true")

    await bob.open(f"/tracks/{track_id}")
    await bob.click("Enroll")
    await bob.click("Confirm enrollment")

    await alice.sees_message("All places in “Graphs” are taken")
    await expect(page.get_by_role("link", name="Inbox 2 unread")).to_be_visible()
    await expect(page).to_have_title("(2) General · Settings · Learning Platform")
    assert await page.evaluate("globalThis.sameDocument")
    await page.get_by_role("link", name="All places in “Graphs” are taken, so the track has started.").click()
    await expect(page).to_have_url(f"{crowd.site}/tracks/{track_id}")


async def test_a_message_that_is_opened_is_read(crowd: Crowd, db: Connection) -> None:
    track_id = await worlds.gathering(db, places=2, title="Graphs")
    alice, bob = await crowd.members(2)
    for person in (alice, bob):
        await person.open(f"/tracks/{track_id}")
        await person.click("Enroll")
        await person.click("Confirm enrollment")
    page = await alice.open("/notifications")
    await expect(page.get_by_role("link", name="Inbox 2 unread")).to_be_visible()
    await page.locator("a[data-reads]").first.click()
    await expect(page.get_by_role("link", name="Inbox 1 unread")).to_be_visible()


async def test_what_came_while_the_connection_was_lost_arrives_afterwards_and_once(
    distant_crowd: Crowd, line: Line, db: Connection
) -> None:
    alice = await distant_crowd.member()
    scene = await worlds.under_way(db, [alice])
    page = await alice.open("/settings")
    # What arrives by itself shows that the page is connected.
    await worlds.move_deadline(db, scene)
    await alice.sees_message("All later dates move by the same amount.")
    await expect(page).to_have_title("(3) General · Settings · Learning Platform")
    line.cut()
    await worlds.cancel(db, scene)
    await line.tried_in_vain.wait()
    await expect(page).to_have_title("(3) General · Settings · Learning Platform")
    line.repair()
    await alice.sees_message("The author cancelled")
    await expect(page).to_have_title("(4) General · Settings · Learning Platform")
    await expect(toasts(page).filter(has_text="The author cancelled")).to_have_count(1)
    alice.watch.forgive("console: WebSocket connection to")


async def before_the_deadline(person: Person, db: Connection) -> None:
    """Let a user look at an assignment whose deadline is a few seconds away."""
    for seconds in SECONDS_LEFT:
        scene = await worlds.under_way(db, [person], left=timedelta(seconds=seconds))
        await person.open(f"/assignments/{scene.assignment_id}")
        if await person.control("Submit").count():
            return
    raise AssertionError("the machine is too busy to open a page before a deadline")


async def test_a_deadline_that_passes_changes_the_open_page(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    await before_the_deadline(alice, db)
    await alice.sees("Review submissions")
    await expect(alice.control("Submit")).to_have_count(0)


async def test_a_deadline_that_passes_while_a_user_types_takes_nothing_away(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    await before_the_deadline(alice, db)
    await alice.fill({"What did you learn?": "To begin earlier."})
    await alice.sees("A deadline on this page has just passed.")
    await expect(alice.field("What did you learn?")).to_have_value("To begin earlier.")
    await alice.click("Reload")
    await alice.sees("Review submissions")
