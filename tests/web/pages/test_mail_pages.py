"""Where the links of emails lead, and what one chooses about mail and the calendar."""

import re
from collections.abc import Sequence

import pytest
from httpx import AsyncClient
from pydantic import SecretStr

from learning_platform.accounts.email_links import addressee, confirmation_token, reset_token
from learning_platform.core.settings import Settings
from learning_platform.notifications.mail.preferences import MAILED_BY_DEFAULT, mail_choice
from learning_platform.notifications.mail.queue import queue_requested_email
from learning_platform.notifications.messages import WORDINGS
from tests.browser.page_kinds import FOR_PARTICIPANTS
from tests.conftest import test_settings
from tests.people import Person, School
from tests.web.pages.browsing import Browser, signed_in
from tests.web.pages.test_signing_in import PASSWORD, register

pytestmark = pytest.mark.anyio
EMAILS = "select kind, state from emails order by id"


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return settings by which mail goes out, though it is not delivered here (that is notifications/test_mail)."""
    return test_settings(database_url, smtp_url=SecretStr("smtp://127.0.0.1:1"), public_url="https://learn.example")


@pytest.fixture
async def alice(school: School) -> Person:
    """Return a user whose address is not confirmed."""
    return await school.person("alice")


async def emails(school: School) -> list[str]:
    """Return the kinds of the emails that were requested."""
    async with school.services.database.connection() as db:
        return [row["kind"] for row in await db.fetch(EMAILS)]


async def link_to_confirm(school: School, person: Person) -> str:
    """Return the path of the link that an email would hold."""
    async with school.services.database.connection() as db:
        to = await addressee(db, user_id=person.id)
    assert to is not None
    return f"/confirm/{confirmation_token(school.services.links, to, now=school.clock.now)}"


async def link_to_reset(school: School, person: Person) -> str:
    """Return the path of the link that an email would hold."""
    async with school.services.database.connection() as db:
        to = await addressee(db, user_id=person.id)
    assert to is not None
    return f"/password/{reset_token(school.services.links, to, now=school.clock.now)}"


def link_to_unsubscribe(school: School, person: Person, kind: str = "deadline_warning") -> str:
    """Return the path of the link that an email would hold."""
    token = school.services.links.sign("unsubscription", user_id=person.id, about=kind, now=school.clock.now)
    return f"/unsubscribe/{token}"


async def is_confirmed(school: School, person: Person) -> bool:
    """Say whether a user's address is confirmed."""
    async with school.services.database.connection() as db:
        to = await addressee(db, user_id=person.id)
    return to is not None and to.is_confirmed


async def wanted_by(school: School, person: Person) -> Sequence[str]:
    """Return the types of email that a user wants."""
    async with school.services.database.connection() as db:
        return (await mail_choice(db, user_id=person.id)).types


async def test_a_user_who_signs_up_by_page_or_program_gets_an_email_to_confirm_the_address(
    school: School, client: AsyncClient
) -> None:
    await register(Browser(school))
    assert await emails(school) == ["confirmation"]
    new = {"email": "bob@example.com", "username": "bob", "password": PASSWORD}
    assert (await client.post("/register", json=new)).status_code == 201
    assert await emails(school) == ["confirmation", "confirmation"]


async def test_a_link_confirms_only_by_its_button(school: School, alice: Person) -> None:
    link = await link_to_confirm(school, alice)
    visitor = Browser(school)
    assert "Confirm your email address" in await visitor.see(link)
    assert not await is_confirmed(school, alice)
    assert "Email address confirmed." in await visitor.fill_in(link)
    assert await is_confirmed(school, alice)
    assert "Email address confirmed." in await visitor.fill_in(link)  # Again does no harm.


async def test_a_link_that_is_not_ours_or_too_old_confirms_nothing(school: School, alice: Person) -> None:
    link = await link_to_confirm(school, alice)
    school.clock.advance(days=7)
    assert "This link is no longer valid." in await Browser(school).fill_in(link, 404)
    await Browser(school).fill_in("/confirm/nonsense", 404)
    assert not await is_confirmed(school, alice)


async def test_the_settings_send_the_confirmation_again_but_not_without_end(school: School, alice: Person) -> None:
    browser = signed_in(school, alice)
    assert "not confirmed" in await browser.see("/settings/mail")
    for _ in range(3):
        assert "Email sent." in await browser.fill_in("/settings/mail/confirmation")
    page = await browser.fill_in("/settings/mail/confirmation", 429)
    assert "Too many emails requested." in page
    assert await emails(school) == ["confirmation"] * 3
    await browser.fill_in(await link_to_confirm(school, alice))
    assert "not confirmed" not in await browser.see("/settings/mail")


async def test_every_page_of_the_settings_leads_to_the_others_and_marks_itself(school: School, alice: Person) -> None:
    browser = signed_in(school, alice)
    pages = {path for path in FOR_PARTICIPANTS if path.startswith("/settings")}
    for path in pages:
        links = re.findall(r'<a href="(/settings[^"]*)"( aria-current="page")?>', (await browser.get(path)).text)
        assert {address for address, _ in links} >= pages
        assert [address for address, current in links if current] == [path]


@pytest.mark.parametrize(
    ("form", "page", "typed"),
    [
        ("/settings", "/settings", {"time_zone": "Europe/Atlantis"}),
        ("/settings/profile", "/settings/profile", {"display_name": "x" * 61}),
        ("/settings/password", "/settings/security", {"current_password": PASSWORD, "password": "short"}),
        ("/settings/email", "/settings/security", {"email": "no address", "email_password": PASSWORD}),
        ("/settings/mail", "/settings/mail", {"quiet_from": "7"}),
        ("/settings/tokens", "/settings/tokens", {"name": ""}),
        ("/settings/delete", "/settings/data", {}),
    ],
)
async def test_a_refused_form_of_the_settings_is_shown_on_its_page(
    school: School, alice: Person, form: str, page: str, typed: dict[str, str]
) -> None:
    refused = await signed_in(school, alice).post(form, data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 422
    assert f'<a href="{page}" aria-current="page">' in refused.text
    assert "autofocus" in refused.text


async def test_every_user_chooses_what_comes_by_email(school: School, alice: Person) -> None:
    browser = signed_in(school, alice)
    page = (await browser.get("/settings/mail")).text
    assert set(re.findall(r'type="checkbox" name="(\w+)" value="yes" checked', page)) == set(MAILED_BY_DEFAULT)
    assert sorted(re.findall(r'type="checkbox" name="(\w+)" value="yes"', page)) == sorted(WORDINGS)
    await browser.fill_in("/settings/mail", review_received="yes", track_finished="yes", nonsense="yes")
    assert set(await wanted_by(school, alice)) == {"review_received", "track_finished"}
    await browser.fill_in("/settings/mail")
    assert await wanted_by(school, alice) == []


async def test_digest_and_quiet_hours_are_chosen_and_a_half_choice_loses_nothing(school: School, alice: Person) -> None:
    browser = signed_in(school, alice)
    chosen = {"delivery": "daily", "digest_hour": "7", "quiet_from": "22", "quiet_until": "8"}
    await browser.fill_in("/settings/mail", **chosen, track_finished="yes")
    stored = {"delivery": "daily", "digest_hour": 7, "quiet_from": 22, "quiet_until": 8, "types": ["track_finished"]}
    assert await alice.ok("GET", "/me/mail") == stored
    page = await browser.fill_in("/settings/mail", 422, **(chosen | {"quiet_until": ""}), track_started="yes")
    assert "two different hours" in page
    assert await alice.ok("GET", "/me/mail") == stored
    await browser.fill_in("/settings/mail", **(chosen | {"quiet_from": "", "quiet_until": ""}))
    assert (await alice.ok("GET", "/me/mail"))["quiet_from"] is None
    await alice.refused("PATCH", "/me/mail", 422, "quiet_hours_incomplete", json={"quiet_from": 7})
    for wrong in ({"digest_hour": 24}, {"delivery": "weekly"}, {"types": ["nonsense"]}, {"quiet_from": "x"}):
        await alice.refused("PATCH", "/me/mail", 422, "invalid_input", json=wrong)


async def test_the_link_in_a_digest_stops_all_emails_about_messages(school: School, alice: Person) -> None:
    token = school.services.links.sign("unsubscription", user_id=alice.id, about="digest", now=school.clock.now)
    assert "“Daily digest”" in await Browser(school).see(f"/unsubscribe/{token}")
    await Browser(school).fill_in(f"/unsubscribe/{token}")
    assert (await alice.ok("GET", "/me/mail"))["delivery"] == "none"


async def test_a_forgotten_password_gets_one_answer_whether_or_not_the_account_exists(
    school: School, alice: Person
) -> None:
    visitor = Browser(school)
    assert "Forgot your password?" in await visitor.see("/sign-in")
    known = await visitor.fill_in("/password/forgotten", email="ALICE@example.com")
    unknown = await visitor.fill_in("/password/forgotten", email="unknown@example.com")
    assert known == unknown
    assert "an email to it" in known
    assert await emails(school) == ["reset"]


async def test_what_is_no_address_is_refused_at_its_field(school: School) -> None:
    response = await Browser(school).post("/password/forgotten", data={"email": "alice"})
    assert response.status_code == 422
    assert "Enter a valid email address." in response.text
    assert 'value="alice"' in response.text


async def test_no_inbox_is_flooded_and_its_existence_is_not_revealed(school: School, alice: Person) -> None:
    visitor = Browser(school)
    for _ in range(5):
        assert "an email to it" in await visitor.fill_in("/password/forgotten", email="alice@example.com")
    assert await emails(school) == ["reset"] * 3


async def test_a_machine_that_tries_many_addresses_has_to_wait(school: School) -> None:
    visitor = Browser(school)
    for number in range(30):
        await visitor.fill_in("/password/forgotten", email=f"{number}@example.com")
    response = await visitor.post("/password/forgotten", data={"email": "eleven@example.com"})
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) > 0
    assert "Too many emails requested." in response.text


async def test_a_new_password_is_chosen_once_and_ends_every_session(school: School, alice: Person) -> None:
    link, signed_in_elsewhere = await link_to_reset(school, alice), signed_in(school, alice)
    visitor = Browser(school)
    assert "At least 8 characters" in await visitor.fill_in(link, 422, password="short")
    assert "one of the most common passwords" in await visitor.fill_in(link, 422, password="iloveyou")
    assert "Password changed." in await visitor.fill_in(link, password="battery staple")
    assert (await signed_in_elsewhere.get("/settings")).url.path == "/sign-in"
    assert "What to do now" in await visitor.fill_in("/sign-in", username="alice", password="battery staple")
    assert "This link is no longer valid." in await Browser(school).fill_in(link, 404, password="another one")
    assert await is_confirmed(school, alice)


async def test_a_link_is_good_for_one_thing_only(school: School, alice: Person) -> None:
    token = (await link_to_confirm(school, alice)).rpartition("/")[2]
    for place in ("password", "unsubscribe"):
        await Browser(school).see(f"/{place}/{token}", 404)
    await Browser(school).fill_in(f"/password/{token}", 404, password="battery staple")


async def test_a_person_stops_a_kind_of_mail_by_a_button(school: School, alice: Person) -> None:
    link = link_to_unsubscribe(school, alice)
    visitor = Browser(school)
    assert "“Deadline soon”" in await visitor.see(link)
    assert "deadline_warning" in await wanted_by(school, alice)
    assert "You've unsubscribed" in await visitor.fill_in(link)
    assert set(await wanted_by(school, alice)) == set(MAILED_BY_DEFAULT) - {"deadline_warning"}


async def test_a_mail_program_stops_it_by_one_click_without_a_cookie_and_from_elsewhere(
    school: School, alice: Person, client: AsyncClient
) -> None:
    response = await client.post(
        link_to_unsubscribe(school, alice),
        data={"List-Unsubscribe": "One-Click"},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example", "Accept": "*/*"},
    )
    assert response.status_code == 200
    assert "deadline_warning" not in await wanted_by(school, alice)


async def test_nothing_else_about_mail_may_be_done_from_another_site(school: School, alice: Person) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    for path in (await link_to_confirm(school, alice), await link_to_reset(school, alice), "/settings/mail"):
        response = await signed_in(school, alice).post(path, data={"password": PASSWORD}, headers=elsewhere)
        assert response.status_code == 403
    assert not await is_confirmed(school, alice)


async def test_a_link_to_stop_mail_that_is_not_ours_does_nothing(school: School, client: AsyncClient) -> None:
    assert (await client.post("/unsubscribe/nonsense")).status_code == 404
    assert (await client.post("/unsubscribe/12345")).status_code == 404


async def test_an_account_that_is_deleted_gets_no_more_mail_and_no_feed(school: School) -> None:
    browser = Browser(school)
    await register(browser)
    await browser.fill_in("/settings/calendar")
    await browser.fill_in("/settings/mail", track_started="yes")
    await browser.fill_in("/settings/delete", confirm_password=PASSWORD)
    assert await emails(school) == []
    async with school.services.database.connection() as db:
        assert await db.fetchval("select count(*) from mail_preferences") == 0
        row = await db.fetchrow("select feed_key, email_confirmed_at from users")
    assert row is not None
    assert tuple(row) == (None, None)


async def test_an_email_that_has_gone_out_stays_counted_when_its_account_is_deleted(school: School) -> None:
    browser = Browser(school)
    await register(browser)
    async with school.services.database.transaction() as db:
        await db.execute("update emails set state = 'sent'")
        user_id = await db.fetchval("select id from users")
        await queue_requested_email(db, user_id=user_id, kind="reset", now=school.clock.now)
    await browser.fill_in("/settings/delete", confirm_password=PASSWORD)
    assert await emails(school) == ["confirmation"]


async def test_the_secret_calendar_link_is_shown_and_replaced(
    school: School, alice: Person, client: AsyncClient
) -> None:
    await school.running_track(alice, [alice, await school.person()])
    browser = signed_in(school, alice)
    assert "calendar.ics?key=" not in (await browser.get("/settings/tokens")).text
    first, second = [
        re.findall(
            r"https://learn.example(/calendar.ics\?key=[\w-]+)", (await browser.post("/settings/calendar")).text
        )[0]
        for _ in range(2)
    ]
    assert first != second
    assert "BEGIN:VEVENT" in (await client.get(second)).text
    assert (await client.get(first)).status_code == 401


class TestWithoutMail:
    """A site that sends no mail does not speak of it."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        """Return settings without SMTP_URL."""
        return test_settings(database_url)

    async def test_no_email_is_offered(self, school: School, alice: Person) -> None:
        visitor = Browser(school)
        assert "Forgot" not in await visitor.see("/sign-in")
        assert "Ask an administrator for a link" in await visitor.see("/password/forgotten")
        browser = signed_in(school, alice)
        page = await browser.get("/settings/mail")
        assert page.url.path == "/settings"
        assert "/settings/mail" not in page.text
        assert "This site sends no emails" in await browser.see("/settings/security")
        await register(visitor, username="bob", email="bob@example.com")
        assert await emails(school) == []
