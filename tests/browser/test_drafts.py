"""What somebody has typed is not lost with the tab or the session."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd, Person

pytestmark = pytest.mark.anyio


async def begin_review(alice: Person, scene: worlds.Scene) -> None:
    """Take a work and write half a review."""
    await alice.open(scene.review)
    await alice.click("Take a work to review")
    await alice.score("Correctness", "8")
    await alice.fill({"Overall comment": "The tests are missing."})


async def is_still_there(alice: Person) -> None:
    """Expect the half review to be in the form."""
    correctness = alice.page.get_by_role("radiogroup", name="Correctness")
    await expect(correctness.get_by_role("radio", name="8", exact=True)).to_be_checked()
    await expect(alice.field("Overall comment")).to_have_value("The tests are missing.")


async def test_a_review_survives_its_tab(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.page.close()
    alice = await alice.another_tab(scene.review)
    await is_still_there(alice)


async def test_a_review_survives_a_session_that_ended_elsewhere(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.score("Readability", "4")
    await alice.context.clear_cookies()
    await alice.click("Send the review")
    await alice.sees("You will come back to where you were.")
    await alice.sign_in()
    await expect(alice.page).to_have_url(crowd.site + scene.review)
    await is_still_there(alice)
    await alice.click("Send the review")
    await alice.is_told("Thank you: your review is sent.")


async def test_a_draft_that_was_sent_does_not_come_back(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.score("Readability", "5")
    await alice.click("Send the review")
    await alice.is_told("Thank you: your review is sent.")
    await alice.click("Take a work to review")
    await expect(alice.field("Overall comment")).to_have_value("")


async def test_one_persons_draft_is_not_shown_to_the_next_at_the_same_browser(crowd: Crowd, db: Connection) -> None:
    alice, bob = await crowd.members(2)
    scene = await worlds.reviewing(db, [alice, bob], strangers=1)
    await begin_review(alice, scene)
    await alice.sign_out()
    await alice.open("/sign-in")
    await alice.sign_in(username=bob.name)
    await alice.open(scene.review)
    await alice.click("Take a work to review")
    await expect(alice.field("Overall comment")).to_have_value("")
