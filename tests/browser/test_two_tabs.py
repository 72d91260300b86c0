"""Two tabs of one person: what one does, the other learns, and nothing is done twice."""

import asyncio

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from learning_platform.core.versions import VersionConflict
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


async def test_a_user_who_signs_out_in_one_tab_is_asked_to_sign_in_by_the_other_and_comes_back(crowd: Crowd) -> None:
    alice = await crowd.member()
    await alice.open("/")
    other = await alice.another_tab("/settings")
    await alice.sign_out()
    await alice.sees_message("You're signed out.")
    await other.page.get_by_role("link", name="Inbox").click()
    await expect(other.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await other.sign_in()
    await expect(other.page).to_have_url(f"{crowd.site}/notifications")


async def test_a_form_is_sent_once_however_often_its_button_is_pressed(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    page = await alice.open(f"/assignments/{scene.assignment_id}")
    await alice.fill({"What did you learn?": "To press once."})
    await page.get_by_role("button", name="Save entry").dblclick()
    await alice.sees_message("Entry saved.")
    await alice.open(f"/assignments/{scene.assignment_id}")
    await expect(page.get_by_role("paragraph").filter(has_text="To press once.")).to_have_count(1)


async def test_both_tabs_get_the_same_work_to_review(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.open(scene.review)
    other = await alice.another_tab(scene.review)
    await asyncio.gather(alice.click("Get a submission to review"), other.click("Get a submission to review"))
    links = [tab.page.locator(".work a.out") for tab in (alice, other)]
    await expect(links[0]).to_be_visible()
    await expect(links[1]).to_have_attribute("href", await links[0].get_attribute("href") or "")


async def test_a_review_typed_in_two_tabs_is_sent_once_and_the_second_text_is_kept(
    crowd: Crowd, db: Connection
) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.open(scene.review)
    await alice.click("Get a submission to review")
    other = await alice.another_tab(scene.review)
    for tab in (alice, other):
        await tab.score("Correctness", "10")
        await tab.score("Readability", "5")
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")
    await other.fill({"Overall comment": "Typed in the second tab."})
    await other.click("Send review")
    await other.sees("You have already sent a review of this submission", "Edit your review")
    other.was_refused(409)
    await expect(other.field("Overall comment")).to_have_value("Typed in the second tab.")
    await expect(other.page.get_by_text("The form shows your unsent draft.")).to_have_count(0)
    await other.click("Save review")
    await other.sees_message("Review saved.")
    await alice.open(scene.review)
    await alice.sees("1 of 3 reviews done")


async def test_what_another_tab_has_saved_is_shown_as_wide_as_the_form(crowd: Crowd, db: Connection) -> None:
    author = await crowd.member()
    scene = await worlds.under_way(db, [await crowd.member()])
    await worlds.hand_over(db, scene, author)
    page = f"{scene.track}/certificates"
    await author.open(page)
    other = await author.another_tab(page)
    for tab, share in ((author, "60"), (other, "70")):
        await tab.page.get_by_label("Issue certificates on this track").check()
        await tab.fill({"Submitted": share})
        await tab.click("Save")
        if tab is author:
            await author.sees_message("Saved.")
    await other.is_refused(VersionConflict, status=409)
    box = other.page.locator("[data-conflict]")
    form = other.page.locator("form").filter(has=box)
    widths = [(await each.bounding_box() or {"width": 0})["width"] for each in (box, form)]
    assert widths[0] == pytest.approx(widths[1], abs=1)
