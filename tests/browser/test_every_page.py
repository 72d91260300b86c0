"""Every page of the site, in both languages, wide and narrow, by day and by night: nothing is wrong with it."""

import re
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import expect

from learning_platform.accounts.links import Links
from learning_platform.core.languages import Language
from learning_platform.demo.courses_en import HTTP_APIS
from learning_platform.demo.courses_ru import SQL
from learning_platform.demo.school import PASSWORD
from learning_platform.web.pages.routers import PAGE_ROUTERS
from tests.browser.people import PAGES, Crowd, Person
from tests.browser.tour import NOT_PAGES, Tour, kind_of
from tests.processes import SECRET

pytestmark = pytest.mark.anyio
BOTH_LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])

FOR_VISITORS = {
    "/",
    "/register",
    "/sign-in",
    "/confirm/{token}",
    "/password/forgotten",
    "/password/{token}",
    "/unsubscribe/{token}",
}
FOR_PARTICIPANTS = {
    "/tracks",
    "/tracks/0",
    "/tracks/0/results",
    "/tracks/0/review-quality",
    "/assignments/0",
    "/assignments/0/review",
    "/assignments/0/reviews",
    "/submissions/0/review",
    "/submissions/0/code",
    "/submissions/0/threads",
    "/notifications",
    "/settings",
}
FOR_AUTHORS = {
    "/tracks/new",
    "/tracks/import",
    "/tracks/0/edit",
    "/assignments/0/extend",
    "/assignments/0/starter",
    "/tracks/0/board",
    "/tracks/0/cohorts",
    "/tracks/0/submissions",
    "/tracks/0/appeals",
    "/tracks/0/returns",
    "/tracks/0/reported-messages",
    "/tracks/0/extensions",
    "/tracks/0/participants/{username}/replace",
    "/submissions/0/reviews",
}
FOR_ADMINS = {"/admin", "/admin/users", "/admin/users/0", "/admin/tracks"}
# It runs, and has everything an author may find: appeals, returns, work short of reviews.
FULL_TRACK = HTTP_APIS.title
BEHIND_TOKENS = {"/confirm/{token}", "/password/{token}", "/unsubscribe/{token}"}


async def signed_in(school: Crowd, username: str, language: Language) -> Person:
    """Return one of the demo's people, signed in, reading this language."""
    person = await school.visitor(language=language)
    forms: tuple[tuple[str, dict[str, str | float | bool]], ...] = (
        ("/sign-in", {"username": username, "password": PASSWORD}),
        ("/language", {"language": language, "next": "/"}),
    )
    for path, form in forms:
        answer = await person.context.request.post(school.site + path, form=form, headers=PAGES, max_redirects=0)
        assert answer.status == 303, await answer.text()
    await person.context.clear_cookies(name="notice")
    return person


# The tours look at these where they come by; what has to be there before is still to be set up for them.
NO_STOPS_YET = {
    *("/appeals/0/edit", "/appeals/0/withdraw", "/reviews/0/messages"),
    *("/assignments/0/questions", "/questions/0", "/questions/0/answers", "/posts/0/edit"),
    *("/tracks/0/questions", "/tracks/0/questions/mute", "/tracks/0/questions/read"),
    *("/certificates/{code}", "/certificates/{code}/revoke", "/tracks/0/certificates"),
    *("/progress", "/settings/profile", "/users/{username}"),
    *("/invitations/{token}", "/tracks/0/invitations", "/tracks/0/people", "/tracks/0/roster", "/tracks/0/hand-over"),
    *("/tracks/0/participants/{username}/remove", "/tracks/0/removal"),
    *("/tracks/0/preview", "/tracks/0/publish", "/tracks/0/board.csv", "/tracks/0/board/selection"),
}


def test_the_tours_visit_every_page_there_is() -> None:
    pages = {
        kind_of(re.sub(r"\{\w+_id\}", "0", route.path))
        for router in PAGE_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    assert pages - set(NOT_PAGES) - NO_STOPS_YET == FOR_VISITORS | FOR_PARTICIPANTS | FOR_AUTHORS | FOR_ADMINS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_visitors(school: Crowd, language: Language) -> None:
    tour = await Tour.of(await school.visitor(language=language))
    unsubscription = Links(SECRET).sign("unsubscription", user_id=1, about="review_started", now=datetime.now(UTC))
    await tour.walk(["/", "/register", "/sign-in", "/password/forgotten", "/password/forgotten?sent=true"])
    for path in (f"/confirm/{unsubscription}", f"/unsubscribe/{unsubscription}", await _reset_link(school)):
        await tour.look_at(path)
    await _sign_up_with_a_taken_name(tour.person)
    await tour.look_around()
    tour.person.was_refused(409)
    assert tour.wrong == []
    assert set(tour.kinds) >= FOR_VISITORS - BEHIND_TOKENS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_participants(school: Crowd, language: Language) -> None:
    alice = await signed_in(school, "alice", language)
    await _take_work(alice)
    tour = await Tour.of(alice)
    await tour.walk(["/", alice.path])
    assert tour.wrong == []
    assert set(tour.kinds) >= FOR_PARTICIPANTS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_authors(school: Crowd, language: Language) -> None:
    author = await signed_in(school, "author", language)
    await author.open("/")
    await author.click(FULL_TRACK)
    await author.page.wait_for_url("**/tracks/*")
    tour = await Tour.of(author, known=FOR_PARTICIPANTS - {"/tracks/0"})
    track = author.path
    assignment = await author.page.locator("main a[href^='/assignments/']").first.get_attribute("href") or ""
    starter = "/".join([*assignment.split("/")[:3], "starter"])
    await tour.walk([track, "/", starter])
    await tour.look_at(f"{track}/edit")
    await author.open("/")
    await author.click(SQL.title)
    await author.page.wait_for_url("**/tracks/*")
    await tour.look_at(f"{author.path}/participants/roman_z/replace")
    author.was_refused(409)
    assert tour.wrong == []
    assert set(tour.kinds) >= FOR_AUTHORS


@BOTH_LANGUAGES
async def test_nothing_is_wrong_with_the_pages_of_administrators(school: Crowd, language: Language) -> None:
    tour = await Tour.of(await signed_in(school, "admin", language), known=FOR_PARTICIPANTS | FOR_AUTHORS | {"/"})
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
