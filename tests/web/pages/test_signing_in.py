"""Sign up, sign in, sign out, by pages."""

import pytest

from learning_platform.accounts.sessions import revoke_all_sessions
from tests.people import School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse"


async def register(browser: Browser, **fields: str) -> str:
    """Sign up, as alice by default."""
    given = {"username": "alice", "email": "alice@example.com", "password": PASSWORD, **fields}
    return await browser.fill_in("/register", **given)


async def test_a_user_who_signs_up_is_signed_in_and_sees_what_to_do(school: School) -> None:
    browser = Browser(school)
    page = await register(browser, time_zone="Europe/Moscow")
    assert "Welcome!" in page
    assert "You are not enrolled in any track yet." in page
    assert "Europe/Moscow" in await browser.see("/settings")


async def test_a_notice_is_shown_once(school: School) -> None:
    browser = Browser(school)
    assert "Welcome!" in await register(browser)
    assert "Welcome!" not in await browser.see("/")


async def test_a_refused_form_keeps_what_was_typed_and_points_at_the_field(school: School) -> None:
    await school.person("alice")
    browser = Browser(school)
    response = await browser.post(
        "/register", data={"username": "Alice", "email": "a@example.com", "password": PASSWORD}
    )
    assert response.status_code == 409
    assert 'value="a@example.com"' in response.text
    assert PASSWORD not in response.text
    field = response.text.partition('<input id="username"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in field
    assert "error-username" in field
    assert "autofocus" in field


async def test_every_wrong_field_is_named(school: School) -> None:
    page = await Browser(school).fill_in("/register", 422, username="a b", email="unknown", password="short")
    assert "Enter a valid email address." in page
    assert "Use at least 8 characters." in page


async def test_signing_in_leads_back_to_the_page_that_asked_for_it(school: School) -> None:
    browser = Browser(school)
    await register(browser)
    await browser.fill_in("/logout")
    response = await browser.get("/settings?x=1")
    assert response.url.path == "/sign-in"
    assert "Sign in to continue." in response.text
    wish = dict(response.url.params)["next"]
    page = await browser.fill_in("/sign-in", username="alice", password=PASSWORD, next=wish)
    assert "Time zone" in page


async def test_a_form_sent_without_a_session_leads_back_to_its_page(school: School) -> None:
    browser = Browser(school)
    response = await browser.post("/tracks/1/enroll", headers={"Referer": "http://test/tracks/1"})
    assert response.url.path == "/sign-in"
    assert response.url.params["next"] == "/tracks/1"


async def test_a_wrong_password_says_no_more_than_that(school: School) -> None:
    browser = Browser(school)
    await register(browser)
    await browser.fill_in("/logout")
    known = await browser.fill_in("/sign-in", 401, username="alice", password="wrong")
    unknown = await browser.fill_in("/sign-in", 401, username="unknown", password="wrong")
    assert "Incorrect username or password." in known
    assert known == unknown


async def test_a_blocked_user_sees_that_after_the_right_password_only(school: School) -> None:
    browser = Browser(school)
    await register(browser)
    await browser.fill_in("/logout")
    async with school.services.database.transaction() as db:
        await db.execute("update users set blocked_at = $1", school.clock.now)
    guessed = await browser.fill_in("/sign-in", 401, username="alice", password="wrong")
    assert "Incorrect username or password." in guessed
    assert "blocked" not in guessed
    page = await browser.fill_in("/sign-in", 401, username="alice", password=PASSWORD)
    assert "Your account is blocked. Contact an administrator." in page


async def test_guesses_are_counted_together_with_those_of_the_api(school: School) -> None:
    browser = Browser(school)
    for _ in range(5):
        await browser.fill_in("/sign-in", 401, username="alice", password="wrong")
    page = await browser.fill_in("/sign-in", 429, username="alice", password="wrong")
    assert "Too many failed sign-in attempts" in page
    refused = await browser.post(
        "/token", data={"username": "alice", "password": "wrong"}, headers={"Accept": "application/json"}
    )
    assert refused.status_code == 429


async def test_a_session_outlives_the_access_token(school: School) -> None:
    browser = signed_in(school, await school.person())
    school.clock.advance(days=20)
    assert "What to do now" in await browser.see("/")
    school.clock.advance(days=20)
    assert "What to do now" in await browser.see("/")
    school.clock.advance(days=31)
    assert "Sign in" in await browser.see("/")


async def test_signing_out_everywhere_ends_pages_immediately(school: School) -> None:
    alice = await school.person()
    browser = signed_in(school, alice)
    async with school.services.database.transaction() as db:
        await revoke_all_sessions(db, user_id=alice.id, now=school.clock.now)
    assert (await browser.get("/settings")).url.path == "/sign-in"


async def test_a_blocked_user_is_out_immediately(school: School) -> None:
    alice = await school.person()
    browser = signed_in(school, alice)
    async with school.services.database.transaction() as db:
        await db.execute("update users set blocked_at = now() where id = $1", alice.id)
    assert (await browser.get("/settings")).url.path == "/sign-in"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(school: School) -> None:
    browser = Browser(school)
    await register(browser)
    await browser.fill_in("/logout")
    response = await browser.post("/sign-in", data={"username": "alice", "password": PASSWORD}, follow_redirects=False)
    assert response.status_code == 303
    cookie = next(each for each in response.headers.get_list("set-cookie") if each.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_a_forged_cookie_is_nobodys(school: School) -> None:
    browser = Browser(school)
    browser.cookies.set("session", "eyJhbGciOiJub25lIn0.eyJzaWQiOjF9.")
    assert (await browser.get("/settings")).url.path == "/sign-in"


async def test_a_visitor_chooses_a_language_and_keeps_it(school: School) -> None:
    browser = Browser(school, language="en")
    await browser.fill_in("/language", language="ru", next="/sign-in")
    assert "Войти" in await browser.see("/sign-in")
