"""The main path without JavaScript: every press is a page."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


async def test_a_user_without_javascript_signs_up_takes_a_place_and_hands_in(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.visitor(java_script_enabled=False)
    title = f"By hand with {alice.name}"
    await worlds.gathering(db, places=2, taken=1, title=title)
    await alice.sign_up()
    await alice.click("Find a track")
    await alice.click(title)
    await alice.click("Enroll")
    await alice.click("Confirm enrollment")
    await alice.sees_message("You took the last place, so the track has started.")
    await alice.click("Task 1")
    await alice.fill({"Link to your repository": "https://git.example/alice/by-hand"})
    await alice.click("Submit")
    await alice.sees_message("Submitted.")
    await alice.fill({"What did you learn?": "That it works *so* too."})
    await alice.click("Save entry")
    await alice.sees_message("Entry saved.")
    await alice.sees("That it works")
    await alice.sign_out()
    await alice.sees_message("You're signed out.")


async def test_a_user_without_javascript_reviews_and_reads_feedback(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member(java_script_enabled=False)
    await worlds.reviewing(db, [alice], strangers=1)
    page = await alice.open("/")
    await alice.click("Review 1 submission")
    await alice.click("Get a submission to review")
    await alice.score("Correctness", "10")
    await alice.click("Send review")
    await alice.sees("Please fix the highlighted fields.")
    alice.was_refused(422)
    correctness = page.get_by_role("radiogroup", name="Correctness")
    await expect(correctness.get_by_role("radio", name="10", exact=True)).to_be_checked()
    await alice.score("Readability", "4")
    await alice.fill({"Overall comment": "Name the constants."})
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")
    await alice.click("View feedback")
    await alice.sees("Your submission has no reviews yet.")


async def test_a_menu_a_question_and_an_inbox_work_without_scripts(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member(java_script_enabled=False)
    await worlds.under_way(db, [alice])
    page = await alice.open("/notifications")
    await expect(page.get_by_role("link", name="Inbox 2 unread")).to_be_visible()
    await alice.click("Mark all as read")
    await alice.sees_message("All messages are marked as read.")
    await expect(page.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
