"""What is refused while work is reviewed is said in words, and nothing that was typed is lost."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from learning_platform.reviews.rules import (
    AlreadyAppealed,
    NotReviewedYet,
    NotYoursToReview,
    ReasonMissing,
    ReviewClosed,
    SubmissionNotFound,
)
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio
WORK_OF = "select s.id from submissions s join users u on u.id = s.user_id where assignment_id = $1 and username = $2"


async def test_a_review_that_is_not_whole_is_refused_where_something_is_missing(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.open(scene.review)
    await alice.click("Get a submission to review")
    correctness, readability = (
        alice.page.get_by_role("radiogroup", name=name) for name in ("Correctness", "Readability")
    )
    await alice.score("Correctness", "7")
    await alice.sees("Still missing:")
    await alice.click("Send review")
    await alice.sees("This field is required.")
    alice.was_refused(422)
    await expect(correctness.get_by_role("radio", name="7", exact=True)).to_be_checked()
    await expect(readability.get_by_role("radio", name="0", exact=True)).to_have_attribute("aria-invalid", "true")
    await alice.score("Readability", "5")
    await alice.click("Send review")
    await alice.is_refused(ReasonMissing, criterion="Correctness")
    await alice.fill({"Overall comment": "It works for me."})
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")


async def test_a_review_is_not_changed_when_its_time_is_over(crowd: Crowd, db: Connection) -> None:
    alice, bob = await crowd.members(2)
    scene = await worlds.reviewed(db, [alice, bob])
    await alice.open(scene.review)
    await alice.page.locator("aside li a").first.click()
    await alice.fill({"Overall comment": "On second thoughts."})
    await worlds.let_reviews_end(db, scene.track_id)
    await alice.click("Save review")
    await alice.is_refused(ReviewClosed)
    await expect(alice.field("Overall comment")).to_have_value("On second thoughts.")


async def test_an_appeal_is_sent_once(crowd: Crowd, db: Connection) -> None:
    alice, bob = await crowd.members(2)
    scene = await worlds.reviewed(db, [alice, bob])
    await alice.open(scene.feedback)
    other = await alice.another_tab(scene.feedback)
    for tab, text in ((alice, "The tests were not run."), (other, "The tests were not run, twice.")):
        await tab.click("Appeal the result")
        await tab.fill({"What should be reconsidered, and why?": text})
        await tab.click("Send appeal")
    await alice.sees_message("Appeal sent.")
    await other.is_refused(AlreadyAppealed)
    await other.sees("The tests were not run, twice.")


async def test_only_a_submission_that_is_assigned_can_be_reviewed(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.open("/submissions/999999/review")
    await alice.is_refused(SubmissionNotFound)
    await alice.open(f"/submissions/{await db.fetchval(WORK_OF, scene.assignment_id, alice.name)}/review")
    await alice.is_refused(NotReviewedYet)
    await alice.open(scene.review)
    await alice.click("Get a submission to review")
    other = await alice.another_tab(scene.review)
    await alice.click("I cannot review this")
    await alice.page.get_by_label("The link does not work").check()
    await alice.click("Return this submission")
    await alice.sees_message("Submission returned. You can get another one.")
    await other.score("Correctness", "10")
    await other.score("Readability", "5")
    await other.click("Send review")
    await other.is_refused(NotYoursToReview)


async def test_where_nothing_is_to_be_had_yet_the_page_says_when(crowd: Crowd, db: Connection) -> None:
    alice, bob = await crowd.members(2)
    scene = await worlds.under_way(db, [alice, bob])
    await alice.open(scene.review)
    await alice.sees("Reviews start after the deadline.")
    await alice.open(scene.feedback)
    await alice.sees("You did not submit this assignment.")
    scene = await worlds.reviewing(db, [alice, bob], strangers=0)
    await alice.open(scene.feedback)
    await alice.sees("Finish your reviews first.")
    await alice.click("Go to reviews")
    other = await alice.another_tab(scene.review)
    await alice.click("Get a submission to review")
    await alice.score("Correctness", "10")
    await alice.score("Readability", "5")
    await alice.click("Send review")
    await alice.sees("All your reviews are done.")
    await other.click("Get a submission to review")
    await other.sees_message("All your reviews are done.")
    await other.click("Review one more (optional)")
    await other.sees_message("There are no submissions left for you to review.")
