"""Invitations of a roster by email: sent once, withdrawn before they are sent, rejected, sent again, within limits."""

import re
from email.message import EmailMessage
from typing import Any

import pytest

from learning_platform.core.settings import Settings
from learning_platform.notifications.mail.invitation_texts import NAME
from learning_platform.notifications.mail.worker import MailWorker
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import Person, School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
LINK = re.compile(r"https://learn\.example(/invitations/lpi_[\w-]+)")


@pytest.fixture
def settings(database_url: str, smtp_server: tuple[Mailbox, int]) -> Settings:
    return mail_settings(database_url, smtp_server[1], limit_invitations="5/day", limit_invitations_address="2/day")


@pytest.fixture
async def worker(school: School) -> MailWorker:
    worker = mail_worker(school.services.database, school.services.settings, school.clock)
    await worker.send_due()  # The first time it only marks where mail begins.
    return worker


async def invite(author: Person, track: Any, csv: str, **options: object) -> Any:
    """Invite the people of a list; return the report."""
    return await author.ok("POST", f"/tracks/{track['id']}/roster", json={"csv": csv, "confirm": True, **options})


async def deliveries(author: Person, track: Any) -> list[str | None]:
    """Return what became of the emails to each invitation."""
    return [each["delivery"] for each in await author.ok("GET", f"/tracks/{track['id']}/invitations")]


def bodies_of(mailbox: Mailbox) -> list[EmailMessage]:
    """Return the plain text of each email, as a part with its headers."""
    return [body for email in mailbox.emails if isinstance(body := email.get_body(("plain",)), EmailMessage)]


def links_in(mailbox: Mailbox) -> list[str]:
    """Return the path of the invitation in each email."""
    return [found[1] for body in bodies_of(mailbox) if (found := LINK.search(body.get_content()))]


async def opened(author: Person, track: dict[str, Any]) -> list[bool]:
    """Return which invitations were opened, as the staff sees it."""
    listed = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    return [each["opened_at"] is not None for each in listed]


async def test_an_invitation_is_sent_opened_and_accepted(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    author, invited = await school.person(language="ru"), await school.person("newcomer")
    track = await school.track(author, visibility="private")
    report = await invite(author, track, "new@example.org, Анна Петрова\nnewcomer@example.com, http://spam.example")
    assert [each["emailed"] for each in report["invited"]] == [True, True]
    assert await deliveries(author, track) == ["waiting", "waiting"]
    async with school.services.database.transaction() as db:
        await db.execute("update users set email_confirmed_at = now() where id = $1", invited.id)
    assert await worker.send_due() == 2
    assert await deliveries(author, track) == ["sent", "sent"]
    # In the language of the author, or of the person where it is known; a name that could be a link is left out.
    assert [email["Content-Language"] for email in mailbox.emails] == ["ru", "en"]
    first, second = (body.get_content() for body in bodies_of(mailbox))
    assert "Анна Петрова" in first
    assert second.startswith("Hello!")
    assert "spam" not in second
    path = links_in(mailbox)[1]
    reader, ahead = signed_in(school, invited), {"Sec-Purpose": "prefetch;prerender"}
    # A mail scanner has no session; a browser may load a page ahead.
    for answer in (await Browser(school).get(path), await reader.get(path, headers=ahead)):
        assert answer.status_code == 200
    await Browser(school).head(path)
    assert await opened(author, track) == [False, False]
    await reader.see(path)
    assert await opened(author, track) == [False, True]
    await invited.ok("POST", f"{path}/accept")
    assert await worker.send_due() == 0


async def test_a_withdrawn_invitation_is_not_sent(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    author = await school.person()
    track = await school.track(author)
    await invite(author, track, "a@example.org")
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    await author.ok("DELETE", f"/invitations/{listed['id']}", 204)
    assert await worker.send_due() == 0
    assert mailbox.addressed == []
    await author.refused("POST", f"/invitations/{listed['id']}/send", 409, "not_by_email")


async def test_a_rejected_address_is_shown_and_an_invitation_is_sent_again_with_the_same_link(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    author, other = await school.people(2)
    track = await school.track(author)
    mailbox.rejected["typo@example.org"] = "550 5.1.1 no such user"
    await invite(author, track, "typo@example.org\nright@example.org")
    await worker.send_due()
    assert await deliveries(author, track) == ["failed", "sent"]
    browser = signed_in(school, author)
    assert "email rejected" in (await browser.get(f"/tracks/{track['id']}/invitations")).text
    [_, right] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    await other.refused("POST", f"/invitations/{right['id']}/send", 403, "not_the_author")
    school.clock.advance(days=20)
    for _ in range(2):  # A second click sends no second email.
        assert (await browser.post(f"/invitations/{right['id']}/send", headers=SAME_SITE)).status_code == 200
    assert await worker.send_due() == 1
    assert len(set(links_in(mailbox))) == 1
    school.clock.advance(days=20)
    assert (await Browser(school).get(links_in(mailbox)[0])).status_code == 200


async def test_a_roster_is_no_way_to_send_spam(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    author, other = await school.people(2)
    track, second, third = [await school.track(each) for each in (author, author, other)]
    report = await invite(author, track, "ann@example.org\nann+1@example.org\nann+2@example.org")
    assert [each["emailed"] for each in report["invited"]] == [True, False, False]
    assert [each["emailed"] for each in (await invite(other, third, "ann@example.org"))["invited"]] == [True]
    assert [each["emailed"] for each in (await invite(author, second, "ann+3@example.org"))["invited"]] == [False]
    many = "\n".join(f"person{number}@example.org" for number in range(5))
    await author.refused(
        "POST", f"/tracks/{second['id']}/roster", 429, "too_many_emails", json={"csv": many, "confirm": True}
    )
    assert len(await deliveries(author, second)) == 1
    assert await worker.send_due() == 2
    shown = await signed_in(school, author).post(
        f"/tracks/{second['id']}/roster", data={"text": many, "confirmed": "yes", "send": "yes"}, headers=SAME_SITE
    )
    assert (shown.status_code, "person4@example.org" in shown.text) == (429, True)


async def test_links_can_be_handed_out_instead(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    author = await school.person()
    track = await school.track(author)
    report = await invite(author, track, "a@example.org", send=False)
    assert [each["emailed"] for each in report["invited"]] == [False]
    assert await worker.send_due() == 0
    [listed] = await author.ok("GET", f"/tracks/{track['id']}/invitations")
    await author.ok("POST", f"/invitations/{listed['id']}/send", 204)
    assert await worker.send_due() == 1
    assert links_in(mailbox) == [f"/invitations/{report['invited'][0]['token']}"]


def test_what_is_greeted_is_the_name_of_a_person() -> None:
    for name in ("Ann", "Анна Петрова", "J. R. Smith", "Jean-Luc O'Neil", "Müller"):
        assert NAME.fullmatch(name), name
    for name in ("win.example.com", "Buy at http://x", "Call 123456", "a@b.co", "www.evil"):
        assert not NAME.fullmatch(name), name
