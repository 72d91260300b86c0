"""One's own settings, data and departure."""

import re

import pytest

from tests.people import School
from tests.web.pages.browsing import Browser, signed_in
from tests.web.pages.test_signing_in import PASSWORD, register

pytestmark = pytest.mark.anyio
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def browser(school: School) -> Browser:
    """Return a browser in which alice has signed up."""
    browser = Browser(school)
    await register(browser)
    return browser


async def test_language_and_time_zone_take_effect_immediately(school: School, browser: Browser) -> None:
    page = await browser.fill_in("/settings", locale="ru", time_zone="Asia/Yekaterinburg")
    assert "Настройки" in page
    assert "Время указано для часового пояса Asia/Yekaterinburg." in page


async def test_an_unknown_time_zone_is_refused_at_its_field(browser: Browser) -> None:
    page = await browser.fill_in("/settings", 422, locale="en", time_zone="Europe/Atlantis")
    assert "Unknown time zone." in page
    assert "Current time there" not in page


async def test_a_refused_time_zone_keeps_the_language_that_was_chosen(browser: Browser) -> None:
    typed = {"locale": "ru", "time_zone": "Europe/Atlantis"}
    page = await browser.post("/settings", data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert '<option value="ru" lang="ru" selected>' in page.text


async def test_a_new_password_ends_every_other_session(school: School, browser: Browser) -> None:
    other = Browser(school)
    await other.fill_in("/sign-in", username="alice", password=PASSWORD)
    page = await browser.fill_in("/settings/password", current_password=PASSWORD, password="battery staple")
    assert "Password changed." in page
    assert (await other.get("/settings")).url.path == "/sign-in"
    assert "What to do now" in await other.fill_in("/sign-in", username="alice", password="battery staple")


async def test_the_password_changes_only_for_who_knows_it(browser: Browser) -> None:
    page = await browser.fill_in("/settings/password", 422, current_password="wrong", password="battery staple")
    assert "Incorrect password." in page
    assert "Password changed." not in page


async def test_signing_out_elsewhere_keeps_this_browser_signed_in(school: School, browser: Browser) -> None:
    other = Browser(school)
    await other.fill_in("/sign-in", username="alice", password=PASSWORD)
    assert "All other sessions are signed out." in await browser.fill_in("/settings/sessions")
    assert (await other.get("/settings")).url.path == "/sign-in"


async def test_ones_own_data_comes_as_json(school: School, browser: Browser) -> None:
    track = await school.track(await school.person(), required_participants=2)
    await browser.fill_in(f"/tracks/{track['id']}/enroll")
    response = await browser.get("/settings/export")
    assert "attachment" in response.headers["content-disposition"]
    exported = response.json()
    assert exported["user"]["email"] == "alice@example.com"
    assert [each["title"] for each in exported["tracks"]] == ["Python basics"]
    assert "password" not in response.text


async def test_a_deleted_account_leaves_its_work_but_no_name(school: School) -> None:
    bob, carol = await school.people(2)
    alice = Browser(school)
    await register(alice)
    running = await school.track(bob, required_participants=2)
    await alice.fill_in(f"/tracks/{running['id']}/enroll")
    await bob.ok("POST", f"/tracks/{running['id']}/enroll", 201)
    gathering = await school.track(carol, required_participants=3)
    await alice.fill_in(f"/tracks/{gathering['id']}/enroll")
    (assignment_id, _) = await school.assignment_ids(bob, running)
    await alice.fill_in(f"/assignments/{assignment_id}/diary", text="for all", visibility="track")
    await alice.fill_in(f"/assignments/{assignment_id}/diary", text="for me")

    assert "Your account has been deleted." in await alice.fill_in("/settings/delete", confirm_password=PASSWORD)
    await alice.fill_in("/sign-in", 401, username="alice", password=PASSWORD)
    assert (await carol.ok("GET", f"/tracks/{gathering['id']}"))["participants_count"] == 0
    assert (await bob.ok("GET", f"/tracks/{running['id']}"))["participants_count"] == 1
    await school.advance(hours=10)
    page = await signed_in(school, bob).see(f"/assignments/{assignment_id}")
    assert "deleted user" in page
    assert "for all" in page
    assert "for me" not in page
    async with school.services.database.connection() as db:
        assert await db.fetchval("select count(*) from users where username = 'alice' or email like 'alice%'") == 0


async def test_an_account_is_not_deleted_by_who_does_not_know_its_password(browser: Browser) -> None:
    assert "Incorrect password." in await browser.fill_in("/settings/delete", 422, confirm_password="wrong")
    assert "alice@example.com" in await browser.see("/settings/security")


async def test_a_site_without_mail_says_that_the_address_is_for_signing_in(browser: Browser) -> None:
    page = await browser.see("/settings/security")
    assert "For signing in." in page
    assert "for messages" not in page


async def test_the_palette_has_ones_own_pages(school: School, browser: Browser) -> None:
    palette = (await browser.get("/")).text.partition('id="palette-list"')[2].partition("</ul>")[0]
    for path, label in {
        "/progress": "Progress",
        "/users/alice": "Your profile",
        "/settings/profile": "Settings: Public profile",
        "/settings/security": "Settings: Sign-in and security",
        "/settings/tokens": "Settings: Git and calendar",
        "/settings/data": "Settings: Data and deletion",
    }.items():
        assert f'data-href="{path}">{label}</li>' in palette
        await browser.see(path)
    # It has no page on a site that sends no mail.
    assert "/settings/mail" not in palette
    assert "/progress" not in (await Browser(school).get("/")).text


async def test_a_token_for_git_is_shown_once_and_can_be_ended(browser: Browser) -> None:
    page = (await browser.post("/settings/tokens", data={"name": "My <b>laptop</b>"}, headers=SAME_SITE)).text
    token = re.search(r">(lp_[\w-]+)</textarea>", page)
    assert token is not None
    assert "git push http://alice@localhost:8000/hand-in/NUMBER.git HEAD:main" in page
    assert "Token “<bdi>My &lt;b&gt;laptop&lt;/b&gt;</bdi>” created." in page
    shown_again = (await browser.get("/settings/tokens")).text
    assert token[1] not in shown_again
    end = re.search(r'action="(/settings/tokens/\d+/end)"', shown_again)
    assert end is not None
    # It asks first.
    question = shown_again.rpartition('<details class="confirm')[2]
    assert end[1] in question.partition("</details>")[0]
    assert "git push and git clone with this token stop working." in question
    assert "Token ended." in await browser.fill_in(end[1])
    assert "My &lt;b&gt;laptop" not in (await browser.get("/settings/tokens")).text


async def test_a_token_without_a_name_is_refused_at_its_field(browser: Browser) -> None:
    page = (await browser.post("/settings/tokens", data={"name": ""}, headers=SAME_SITE)).text
    assert 'aria-invalid="true"' in page
    assert "lp_" not in page
