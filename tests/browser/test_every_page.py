"""Every page of the site, in both languages, wide and narrow, by day and by night: nothing is wrong with it."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from learning_platform.accounts.links import Links
from learning_platform.core.languages import Language
from learning_platform.demo.school import PASSWORD
from tests.browser.page_kinds import (
    FOR_ADMINS,
    FOR_PARTICIPANTS,
    FOR_STAFF,
    FOR_VISITORS,
    NO_PAGES,
    ROUTES,
    kind_of,
)
from tests.browser.people import Crowd, Person
from tests.browser.school import REMOVED, Places, signed_in
from tests.browser.tour import Tour
from tests.processes import SECRET

pytestmark = pytest.mark.anyio
BOTH_LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


def test_the_tours_visit_every_page_there_is() -> None:
    pages = {kind_of(route.path) for route in ROUTES} - NO_PAGES
    assert pages == FOR_VISITORS | FOR_PARTICIPANTS | FOR_STAFF | FOR_ADMINS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_visitors(school: Crowd, places: Places, language: Language) -> None:
    tour = await Tour.of(await school.visitor(language=language))
    unsubscription = Links(SECRET).sign("unsubscription", user_id=1, about="review_started", now=datetime.now(UTC))
    await tour.walk(["/", "/register", "/sign-in", "/password/forgotten", "/password/forgotten?sent=true"])
    for path in (f"/confirm/{unsubscription}", f"/unsubscribe/{unsubscription}", await _reset_link(school)):
        await tour.look_at(path)
    for path in (places.invitation, places.certificate, places.revoked, "/users/author"):
        await tour.look_at(path)
    await _sign_up_with_a_taken_name(tour.person)
    await tour.look_around()
    tour.person.was_refused(409)
    await tour.look_at(places.withdrawn)
    tour.person.was_refused(404)
    assert tour.wrong == []
    assert set(tour.kinds) >= FOR_VISITORS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_participants(
    school: Crowd, places: Places, language: Language
) -> None:
    alice = await signed_in(school, "alice", language)
    await _take_work(alice)
    tour = await Tour.of(alice)
    await tour.walk(["/", alice.path, places.question, f"{places.full}/questions?q=nothing-is-called-so"])
    await _name_oneself_nothing(alice)
    await tour.look_around()
    alice.was_refused(422)
    removed = await Tour.of(await signed_in(school, REMOVED, language), known=tour.kinds)
    await removed.look_at(f"{places.gathering}/removal")
    await removed.look_at(places.invitation)
    assert tour.wrong + removed.wrong == []
    assert {*tour.kinds, *removed.kinds} >= FOR_PARTICIPANTS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_administrators(school: Crowd, language: Language) -> None:
    known = FOR_PARTICIPANTS | FOR_STAFF | FOR_VISITORS
    tour = await Tour.of(await signed_in(school, "admin", language), known=known)
    await tour.walk(["/admin"])
    assert tour.wrong == []
    assert set(tour.kinds) >= FOR_ADMINS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_empty_pages_and_errors(school: Crowd, language: Language) -> None:
    newcomer = await school.member(language=language)
    tour = await Tour.of(newcomer)
    for path in ("/", "/notifications", "/tracks?q=nothing-is-called-so", "/tracks/999999", "/admin"):
        await tour.look_at(path)
    newcomer.was_refused(404)
    newcomer.was_refused(403)
    assert tour.wrong == []


async def _take_work(person: Person) -> None:
    """Go to the page of assigned reviews, and take a work if none is in hand."""
    await person.open("/")
    await person.page.locator(".step.review h2 a").first.click()
    await person.page.locator(".rubric, main form button").filter(visible=True).first.wait_for()
    if not await person.page.locator(".rubric").count():
        await person.page.locator("main form button").first.click()
        await person.page.locator(".rubric").wait_for()


async def _name_oneself_nothing(person: Person) -> None:
    """Choose a name that is refused for one's profile."""
    page = await person.open("/settings/profile")
    await page.locator("#display_name").evaluate(
        "(field) => { field.maxLength = 1000; field.value = 'x'.repeat(500); }"
    )
    await page.locator("#display_name").press("Enter")
    await expect(page.locator("#display_name")).to_have_attribute("aria-invalid", "true")


async def _sign_up_with_a_taken_name(visitor: Person) -> None:
    page = await visitor.open("/register")
    for field, value in {"username": "alice", "email": "other@school.example", "password": PASSWORD}.items():
        await page.locator(f"#{field}").fill(value)
    await page.locator("#password").press("Enter")
    await expect(page.locator("#username")).to_have_attribute("aria-invalid", "true")


async def _reset_link(school: Crowd) -> str:
    """Let an administrator make a link that chooses a new password; return its path."""
    admin = await signed_in(school, "admin", "en")
    await admin.open("/admin/users?q=mei.lin")
    await admin.click("mei.lin")
    await admin.click("Create a link")
    link = await admin.page.locator("#reset-link").input_value()
    return "/password/" + link.rpartition("/")[2]
