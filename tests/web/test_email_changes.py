"""Change one's email address: nothing changes before the new one is confirmed, and the former one has a way back."""

import re

import pytest
from httpx import AsyncClient

from learning_platform.accounts.email_links import addressee_by_email
from learning_platform.accounts.rules import EmailUnchanged, LinkOfAnotherAccount
from learning_platform.core.settings import Settings
from learning_platform.notifications.mail.worker import MailWorker
from tests.conftest import test_settings
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import School
from tests.web.pages.browsing import Browser
from tests.web.pages.test_signing_in import PASSWORD, register

pytestmark = pytest.mark.anyio
LINK = re.compile(r"https://learn\.example(/\S+)")
OLD, NEW = "alice@example.com", "alice@new.example"


@pytest.fixture
def settings(database_url: str, smtp_server: tuple[Mailbox, int]) -> Settings:
    """Return settings by which mail goes to the server of the test."""
    return mail_settings(database_url, smtp_server[1])


@pytest.fixture
async def worker(school: School) -> MailWorker:
    """Return what sends the emails."""
    return mail_worker(school.services.database, school.services.settings, school.clock)


@pytest.fixture
async def alice(school: School) -> Browser:
    """Return a browser in which alice has signed up; her address is confirmed."""
    browser = Browser(school)
    await register(browser)
    async with school.services.database.transaction() as db:
        await db.execute("update users set email_confirmed_at = $1", school.clock.now)
        await db.execute("update emails set state = 'sent'")
    return browser


async def ask(browser: Browser, email: str = NEW, status: int = 200, password: str = PASSWORD) -> str:
    """Fill in the form of the settings."""
    return await browser.fill_in("/settings/email", status, email=email, email_password=password)


async def received(worker: MailWorker, mailbox: Mailbox) -> dict[str, str]:
    """Send what waits; return the path of the link in the last email to each address."""
    mailbox.emails.clear()
    await worker.send_due()
    bodies = {str(email["To"]): email.get_body(("plain",)) for email in mailbox.emails}
    return {to: LINK.findall(body.get_content())[-1] for to, body in bodies.items() if body is not None}


async def address_of(school: School, username: str = "alice") -> str:
    """Return the address that is stored."""
    async with school.services.database.connection() as db:
        return str(await db.fetchval("select email from users where username = $1", username))


async def changed(alice: Browser, worker: MailWorker, mailbox: Mailbox) -> str:
    """Change alice's address; return the path of the link in the notice to the former one."""
    await ask(alice)
    await alice.fill_in((await received(worker, mailbox))[NEW])
    return (await received(worker, mailbox))[OLD]


async def test_the_address_changes_when_the_new_one_is_confirmed(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    assert "waiting for confirmation" in await ask(alice)
    links = await received(worker, mailbox)
    assert set(links) == {OLD, NEW}
    page = await alice.see(links[NEW])
    assert f"Email address now {OLD} New email address {NEW}" in page
    assert await address_of(school) == OLD, "a program that follows links changes nothing"
    assert "Email address changed." in await alice.fill_in(links[NEW])
    assert await address_of(school) == NEW
    assert "Email address changed." in await alice.fill_in(links[NEW]), "a second click does no harm"
    notice = await received(worker, mailbox)
    assert set(notice) == {OLD}
    assert "What to do now" in await Browser(school).fill_in("/sign-in", username=NEW, password=PASSWORD)


@pytest.mark.parametrize("password", ["wrong", ""])
async def test_without_the_password_nothing_is_sent(
    alice: Browser, worker: MailWorker, mailbox: Mailbox, password: str
) -> None:
    page = await ask(alice, status=422, password=password)
    assert "Incorrect password." in page
    assert "waiting for confirmation" not in page
    assert await received(worker, mailbox) == {}


async def test_the_link_is_for_the_user_who_asked(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    await ask(alice)
    link = (await received(worker, mailbox))[NEW]
    visitor = Browser(school)
    assert (await visitor.get(link)).url.path == "/sign-in"
    await visitor.post(link, headers={"Sec-Fetch-Site": "same-origin"})
    await register(visitor, username="mallory", email="mallory@example.com")
    assert LinkOfAnotherAccount.message in await visitor.see(link, 409)
    assert LinkOfAnotherAccount.message in await visitor.fill_in(link, 409)
    assert await address_of(school) == OLD
    assert await address_of(school, "mallory") == "mallory@example.com"


async def test_links_that_are_late_cancelled_or_replaced_change_nothing(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    await ask(alice, "first@new.example")
    await ask(alice, "second@new.example")
    links = await received(worker, mailbox)
    assert set(links) == {OLD, "second@new.example"}, "of what was replaced nothing is sent"
    assert "Change cancelled." in await alice.fill_in("/settings/email/cancel")
    assert "Change cancelled." in await alice.fill_in("/settings/email/cancel")
    assert "This link is no longer valid." in await alice.fill_in(links["second@new.example"], 404)
    school.clock.advance(hours=1)
    await ask(alice)
    late = (await received(worker, mailbox))[NEW]
    school.clock.advance(days=1)
    await alice.see(late, 404)
    await alice.fill_in(late, 404)
    assert "waiting for confirmation" not in await alice.see("/settings/security")
    assert await address_of(school) == OLD


async def test_an_address_of_another_account_is_known_only_to_its_owner(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    await register(Browser(school), username="bob", email="bob@example.com")
    await received(worker, mailbox)
    free = await ask(alice)
    school.clock.advance(hours=1)
    taken = await ask(alice, "BOB@example.com")
    assert re.sub(r"BOB@example.com|\d\d:\d\d", "", taken) == re.sub(rf"{NEW}|\d\d:\d\d", "", free)
    links = await received(worker, mailbox)
    assert links["BOB@example.com"] == "/sign-in"
    (notice,) = [email for email in mailbox.emails if email["To"] == "BOB@example.com"]
    assert "alice" not in notice.as_string()


async def test_an_address_that_is_taken_meanwhile_stays_with_its_account(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    await ask(alice)
    link = (await received(worker, mailbox))[NEW]
    await register(Browser(school), username="bob", email=NEW.upper())
    assert "An account with this email address already exists." in await alice.fill_in(link, 409)
    assert await address_of(school) == OLD


async def test_the_former_address_undoes_the_change_and_ends_every_way_in(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    undo = await changed(alice, worker, mailbox)
    school.clock.advance(days=6)
    owner = Browser(school)
    assert f"{OLD} is the email address of alice again." in await owner.see(undo)
    assert await address_of(school) == NEW, "a program that follows links changes nothing"
    page = await owner.fill_in(undo)
    assert "Your email address is safe" in page
    assert "Choose a new password" in page
    assert await address_of(school) == OLD
    assert (await alice.get("/settings")).url.path == "/sign-in"
    assert "Incorrect" in await Browser(school).fill_in("/sign-in", 401, username="alice", password=PASSWORD)
    choose = (await owner.post(undo, headers={"Sec-Fetch-Site": "same-origin"})).url.path  # A second click.
    await owner.fill_in(choose, password="battery staple")
    assert "What to do now" in await owner.fill_in("/sign-in", username=OLD, password="battery staple")
    assert "This link is no longer valid." in await Browser(school).fill_in(undo, 404), "it works once"


async def test_a_notice_stops_a_change_that_was_not_confirmed_or_was_cancelled(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    await ask(alice)
    links = await received(worker, mailbox)
    await alice.fill_in("/settings/email/cancel")
    assert "Choose a new password" in await Browser(school).fill_in(links[OLD])
    assert (await alice.get("/settings")).url.path == "/sign-in"
    assert await address_of(school) == OLD


async def test_after_some_days_the_change_stays(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    undo = await changed(alice, worker, mailbox)
    await register_refused(school, OLD)
    school.clock.advance(days=7)
    assert "This link is no longer valid." in await Browser(school).fill_in(undo, 404)
    await register(Browser(school), username="bob", email=OLD)
    assert await address_of(school) == NEW


async def register_refused(school: School, email: str) -> None:
    """Expect that an account cannot take an address that can still be restored."""
    new = {"email": email.upper(), "username": "bob", "password": PASSWORD}
    page = await Browser(school).fill_in("/register", 409, **new)
    assert "An account with this email address already exists." in page


async def test_a_thief_who_moves_the_address_twice_cannot_undo_the_undoing(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    undo = await changed(alice, worker, mailbox)
    school.clock.advance(hours=1)
    await ask(alice, "thief@new.example")
    await alice.fill_in((await received(worker, mailbox))["thief@new.example"])
    of_thief = (await received(worker, mailbox))[NEW]
    async with school.services.database.connection() as db:
        to = await addressee_by_email(db, email="thief@new.example")
    assert to is not None
    await Browser(school).fill_in("/password/forgotten", email="thief@new.example")
    reset = (await received(worker, mailbox))["thief@new.example"]
    await Browser(school).fill_in(undo)
    await Browser(school).fill_in(of_thief, 404)
    await Browser(school).fill_in(reset, 404, password="battery staple")
    assert await address_of(school) == OLD


async def test_an_address_that_was_never_confirmed_is_neither_notified_nor_kept(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    browser = Browser(school)
    await register(browser, email="typo@example.com")
    await ask(browser)
    links = await received(worker, mailbox)
    assert "/email/undo/" not in links["typo@example.com"]
    await browser.fill_in(links[NEW])
    assert await received(worker, mailbox) == {}
    assert "confirmed" in await browser.see("/settings/security")
    await register(Browser(school), username="bob", email="typo@example.com")


async def test_a_rejected_new_address_is_said_and_the_present_one_is_not_marked(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    mailbox.rejected[NEW] = "550 5.1.1 no such user"
    await ask(alice)
    assert set(await received(worker, mailbox)) == {OLD}
    assert "A mail server has rejected this address." in await alice.see("/settings/security")
    assert f"{OLD} confirmed" in await alice.see("/settings/security")
    async with school.services.database.connection() as db:
        assert await db.fetchval("select count(*) from users where email_refused_at is not null") == 0


async def test_a_rejected_present_address_is_replaced_by_one_that_works(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox
) -> None:
    async with school.services.database.transaction() as db:
        await db.execute("update users set email_refused_at = $1", school.clock.now)
    assert "email rejected" in await alice.see("/settings/security")
    await ask(alice)
    links = await received(worker, mailbox)
    assert set(links) == {NEW}, "no notice goes where it would be rejected"
    assert "email rejected" not in await alice.fill_in(links[NEW])


async def test_requests_are_limited_and_the_same_address_is_refused(alice: Browser) -> None:
    assert EmailUnchanged.message in await ask(alice, OLD, 422)
    assert "Enter a valid email address." in await ask(alice, "alice", 422)
    for number in range(3):
        await ask(alice, f"{number}@new.example")
    assert "Too many emails requested." in await ask(alice, status=429)


@pytest.mark.parametrize(
    ("typed", "stored"), [("Alice@EXAMPLE.com", "Alice@example.com"), ("a@ПРИМЕР.рф", "a@пример.рф")]
)
async def test_case_and_international_domains_are_handled_as_at_registration(
    school: School, alice: Browser, worker: MailWorker, mailbox: Mailbox, typed: str, stored: str
) -> None:
    await ask(alice, typed)
    mailbox.emails.clear()
    await worker.send_due()
    bodies = [email.get_body(("plain",)) for email in mailbox.emails]
    paths = [path for body in bodies if body is not None for path in LINK.findall(body.get_content())]
    (link,) = [path for path in paths if path.startswith("/email/confirm/")]
    await alice.fill_in(link)
    assert await address_of(school) == stored


async def test_programs_ask_see_and_cancel(school: School, client: AsyncClient, worker: MailWorker) -> None:
    await register(Browser(school))
    tokens = (await client.post("/token", data={"username": "alice", "password": PASSWORD})).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await client.get("/me/email-change")).json()["code"] == "no_email_change"
    wrong = await client.post("/me/email-change", json={"email": NEW, "password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    school.clock.advance(minutes=16)
    without = await client.post("/me/email-change", json={"email": NEW})
    assert without.status_code == 422, "an account with a password is asked for it, however recent the sign-in"
    asked = await client.post("/me/email-change", json={"email": NEW, "password": PASSWORD})
    assert (asked.status_code, asked.json()["new_email"]) == (201, NEW)
    assert (await client.get("/me/email-change")).json() == asked.json()
    assert (await client.get("/me")).json()["email"] == OLD
    assert (await client.delete("/me/email-change")).status_code == 204
    assert (await client.get("/me/email-change")).status_code == 404


class TestWithoutMail:
    """Where no mail is sent an address cannot be confirmed."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        """Return settings without SMTP_URL."""
        return test_settings(database_url)

    async def test_the_address_stays(self, school: School) -> None:
        browser = Browser(school)
        await register(browser)
        assert "This site sends no emails" in await browser.see("/settings/security")
        assert "This site sends no emails" in await ask(browser, status=409)
        person = await school.person("bob")
        await person.refused("POST", "/me/email-change", 409, "no_mail", json={"email": NEW})
