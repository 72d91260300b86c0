"""Every user reads their own language and their own time."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import PASSWORD, Crowd

pytestmark = pytest.mark.anyio


async def test_a_visitor_reads_the_language_of_the_browser_and_may_choose_the_other(crowd: Crowd) -> None:
    visitor = await crowd.visitor(language="ru")
    page = await visitor.open("/sign-in")
    await expect(page.get_by_role("heading", name="Войти")).to_be_visible()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_a_choice_of_language_is_kept_with_the_account(crowd: Crowd) -> None:
    alice = await crowd.member(language="en")
    page = await alice.open("/")
    await page.get_by_role("button", name="Русский").click()
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    elsewhere = await crowd.visitor(language="en")
    await elsewhere.open("/sign-in")
    await elsewhere.sign_in(username=alice.name)
    await expect(elsewhere.page.locator("html")).to_have_attribute("lang", "ru")


async def test_the_time_zone_is_guessed_from_the_browser_at_sign_up(crowd: Crowd) -> None:
    visitor = await crowd.visitor(zone="Asia/Novosibirsk")
    await visitor.open("/register")
    await visitor.fill({"Username": visitor.name, "Email": f"{visitor.name}@example.com", "Password": PASSWORD})
    await visitor.click("Create account")
    await expect(visitor.page.get_by_role("contentinfo")).to_contain_text("Times are shown in Asia/Novosibirsk.")


async def test_two_people_read_the_same_deadline_in_their_own_time(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member(zone="UTC")
    bob = await crowd.member(zone="Asia/Kolkata")
    scene = await worlds.under_way(db, [alice, bob])
    shown = []
    for person in (alice, bob):
        page = await person.open(f"/assignments/{scene.assignment_id}")
        zone = "UTC" if person is alice else "Asia/Kolkata"
        await expect(page.get_by_role("contentinfo")).to_contain_text(f"Times are shown in {zone}.")
        time = page.locator(".clock span time")
        shown.append((await time.get_attribute("datetime"), await time.inner_text()))
    assert shown[0][0] == shown[1][0]
    assert shown[0][1] != shown[1][1]


async def test_a_changed_time_zone_is_offered_and_taken_over(crowd: Crowd) -> None:
    traveller = await crowd.member(zone="Europe/London")
    await traveller.open("/settings")
    await traveller.fill({"Time zone": "Asia/Tokyo"})
    await traveller.page.locator("#time_zone").press("Enter")
    await traveller.sees_message("Saved.")
    await traveller.page.get_by_role("button", name="Use this browser's time zone: Europe/London").click()
    await traveller.page.locator("#time_zone").press("Enter")
    await expect(traveller.page.get_by_role("contentinfo")).to_contain_text("Times are shown in Europe/London.")
