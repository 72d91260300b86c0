"""Two tabs of one person: what one does, the other learns, and nothing is done twice."""

import asyncio

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


async def test_who_signs_out_in_one_tab_is_asked_to_sign_in_by_the_other_and_comes_back(crowd: Crowd) -> None:
    alice = await crowd.member()
    await alice.open("/")
    other = await alice.another_tab("/settings")
    await alice.sign_out()
    await alice.is_told("You are signed out.")
    await other.get_by_role("button", name="Change the password").wait_for()
    await other.get_by_role("link", name="Tracks").click()
    await expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    await other.get_by_label("Username or e-mail").fill(alice.name)
    await other.get_by_label("Password").fill("a long enough password")
    await other.get_by_role("main").get_by_role("button", name="Sign in").click()
    await expect(other).to_have_url(f"{crowd.site}/tracks")


async def test_a_form_is_sent_once_however_often_its_button_is_pressed(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    page = await alice.open(f"/assignments/{scene.assignment_id}")
    await alice.fill({"What did you learn?": "To press once."})
    await page.get_by_role("button", name="Write down").dblclick()
    await alice.is_told("Written down.")
    await alice.open(f"/assignments/{scene.assignment_id}")
    await expect(page.get_by_role("paragraph").filter(has_text="To press once.")).to_have_count(1)


async def test_both_tabs_get_the_same_work_to_review(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    first, second = await alice.open(scene.review), await alice.another_tab(scene.review)
    take = "Take a work to review"
    await asyncio.gather(
        first.get_by_role("button", name=take).click(), second.get_by_role("button", name=take).click()
    )
    links = [tab.locator(".work a.out") for tab in (first, second)]
    await expect(links[0]).to_be_visible()
    await expect(links[1]).to_have_attribute("href", await links[0].get_attribute("href") or "")


async def test_a_review_sent_in_one_tab_is_not_sent_again_by_the_other(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.open(scene.review)
    await alice.click("Take a work to review")
    other = await alice.another_tab(scene.review)
    for tab in (alice.page, other):
        for name in ("Correctness", "Readability"):
            await tab.get_by_role("radiogroup", name=name).locator("label").last.click()
    await alice.click("Send the review")
    await alice.is_told("Thank you: your review is sent.")
    await other.get_by_role("button", name="Send the review").click()
    await expect(other.get_by_role("main").get_by_text("You have reviewed this submission already.")).to_be_visible()
    alice.was_refused(409)
    await alice.open(scene.review)
    await alice.sees("1 of 3 done")
