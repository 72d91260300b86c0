"""A session that ends while a user writes loses none of the text."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


async def test_a_link_and_a_thought_sent_without_a_session_are_there_after_signing_in(
    crowd: Crowd, db: Connection
) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(f"/assignments/{scene.assignment_id}")
    await alice.fill({"Link to your repository": "https://git.example/a/b", "What did you learn?": "Laziness"})
    await alice.context.clear_cookies()
    await alice.click("Submit")
    await alice.sign_in()
    await expect(alice.field("Link to your repository")).to_have_value("https://git.example/a/b")
    await expect(alice.field("What did you learn?")).to_have_value("Laziness")
    await alice.click("Submit")
    await alice.sees_message("Submitted.")
    await alice.click("Save entry")
    await alice.sees_message("Entry saved.")
    await expect(alice.field("What did you learn?")).to_have_value("")
    await alice.open(f"/assignments/{scene.assignment_id}")
    await expect(alice.field("What did you learn?")).to_have_value("")
