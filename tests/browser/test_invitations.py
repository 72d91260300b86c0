"""A group is invited by a list: read and previewed, sent by email, seen as pending, accepted with a new account."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest
from playwright.async_api import Browser, expect

from tests.browser.authors import CORRECTNESS, fill_rows
from tests.browser.people import PASSWORD, Crowd, Person
from tests.conftest import cloned_database
from tests.mail_servers import Mailbox, mail_server
from tests.processes import served
from tests.waiting import until

pytestmark = pytest.mark.anyio
LINK = re.compile(r"(/invitations/lpi_[\w-]+)")
# As spreadsheets in Russian write it, with mistakes.
ROSTER = "Почта;Имя\nanna@example.org;Анна Петрова\nnobody\ntypo@example.org;\nanna@example.org;Anna again\nbad@;x\n"


@pytest.fixture(scope="module")
async def mail_site(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, Mailbox]]:
    """Serve the platform with a mail server on loopback; return its address, and what the mail server keeps."""
    folder = tmp_path_factory.mktemp("mail_site")
    async with cloned_database(server, template) as url:
        with mail_server() as (mailbox, port):
            smtp_url = f"smtp://127.0.0.1:{port}"
            async with served(
                cwd=folder, database_url=url, data_dir=str(folder), log_level="error", smtp_url=smtp_url
            ) as site:
                yield site.url, mailbox


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_group_is_invited_by_a_list(browser: Browser, mail_site: tuple[str, Mailbox], scripts: bool) -> None:
    site, mailbox = mail_site
    crowd = Crowd(browser, site)
    author = await crowd.member(java_script_enabled=scripts)
    mistyped = f"typo-{author.name}@example.org"
    mailbox.rejected[mistyped] = "550 5.1.1 no such user"
    track = await _track(author)
    await author.open(f"{track}/invitations")
    await author.click("Invite people from a list")
    await author.click("Preview")
    await author.sees("Type or choose a list with at least one email address.")
    author.was_refused(422)
    to_invited = f"{author.name}@example.org"
    roster = ROSTER.replace("anna@example.org", to_invited).replace("typo@example.org", mistyped).encode("cp1251")
    await author.page.get_by_label("Or a CSV file").set_input_files(
        {"name": "group.csv", "mimeType": "text/csv", "buffer": roster}
    )
    await author.click("Preview")
    await author.sees("2 people to invite", "Line 3: no email address", "Line 6: not a valid email address")
    await author.sees("1 repeated address is counted once.", "Анна Петрова")
    await expect(author.page.get_by_label("Send the invitations by email")).to_be_checked()
    await author.click("Invite 2 people")
    await author.sees("2 invitations are on their way by email.")
    await until(lambda: to_invited in [email["To"] for email in mailbox.emails])
    await until(lambda: mistyped in mailbox.addressed)
    await author.click("View invitations")
    await _sees_states(author, track, "pending", "email sent", "email rejected")

    link = _link_of(next(email for email in mailbox.emails if email["To"] == to_invited))
    invited = await crowd.visitor(java_script_enabled=scripts)
    await invited.open(link)
    await invited.sees("You are invited to take part in this track.")
    await _sees_states(author, track, "email sent")
    await invited.click("Sign up")
    await invited.fill({"Username": invited.name, "Email": f"{invited.name}@example.com", "Password": PASSWORD})
    await invited.click("Create account")
    await expect(invited.control("Accept and enroll")).to_be_visible()
    await _sees_states(author, track, "opened")
    await invited.click("Accept and enroll")
    await invited.page.wait_for_url(f"**{track}")
    await _sees_states(author, track, "accepted")

    await author.click("Send the email again")
    await author.sees_message("The invitation is on its way by email.")
    await author.open(f"{track}/invitations")
    await author.click("Withdraw")
    await author.sees("withdrawn")
    await expect(author.control("Send the email again")).to_have_count(0)
    await crowd.leave()
    assert crowd.trouble == []


async def _track(author: Person) -> str:
    await author.open("/tracks/new")
    await author.fill({"Title": "For a group", "Places": "9", "days": "", "hours": "12"})
    await fill_rows(author, "Criterion", "Add a criterion", [CORRECTNESS])
    await fill_rows(author, "Assignment", "Add an assignment", [{"Title": "Hello", "days": "2"}])
    await author.click("Save and publish…")
    await author.click("Publish")
    await author.sees_message("Track published.")
    return author.path


async def _sees_states(author: Person, track: str, *states: str) -> None:
    """Look at the list of invitations until it says so: emails go out shortly after."""

    async def is_seen() -> bool:
        await author.open(f"{track}/invitations")
        shown = await author.page.locator(".entries .badge").all_inner_texts()
        return set(states) <= set(shown)

    for _ in range(20):
        if await is_seen():
            return
        await author.page.wait_for_timeout(250)
    await author.sees(*states)


def _link_of(email: EmailMessage) -> str:
    body = email.get_body(("plain",))
    assert body is not None
    found = LINK.search(body.get_content())
    assert found is not None
    return found[1]
