"""A page that only shows takes over what happens elsewhere, but not while a user types."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


async def test_the_start_of_a_track_changes_the_page_of_who_waits_for_it(crowd: Crowd, db: Connection) -> None:
    track_id = await worlds.gathering(db, places=3, title="Graphs")
    alice, bob, carol = await crowd.members(3)
    for person in (alice, bob):
        await person.open(f"/tracks/{track_id}")
        await person.click("Enroll")
        await person.click("Confirm enrollment")
    await alice.page.evaluate("globalThis.sameDocument = true")
    await bob.click("Cancel enrollment")

    await carol.open(f"/tracks/{track_id}")
    await carol.click("Enroll")
    await carol.click("Confirm enrollment")

    await alice.sees("You take part in this track.", "you are here")
    assert await alice.page.evaluate("globalThis.sameDocument")
    await expect(
        bob.page.get_by_role("link", name="All places in “Graphs” are taken, so the track has started.")
    ).to_be_visible()
    await bob.page.wait_for_timeout(2500)
    await bob.sees("Cancel your enrollment?")
