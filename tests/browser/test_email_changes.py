"""Change an email address in a browser, with a real mail server: every page of the way is looked at."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Browser

from learning_platform.core.languages import Language
from tests.browser.people import PASSWORD, Crowd
from tests.browser.tour import Tour
from tests.mail_servers import Mailbox
from tests.processes import served
from tests.waiting import until

pytestmark = pytest.mark.anyio
CONFIRM_ADDRESS = "update users set email_confirmed_at = now(), locale = $2 where username = $1"
# As long as an address may be.
NEW = f"{'long' * 16}@{'.'.join(['w' * 60] * 2)}.example"


@pytest.fixture
async def crowd(
    browser: Browser, database_url: str, smtp_server: tuple[Mailbox, int], tmp_path: Path
) -> AsyncIterator[Crowd]:
    """Return who can call people to a site that sends mail; no browser may have met an error by the end."""
    smtp_url = f"smtp://127.0.0.1:{smtp_server[1]}"
    settings = {"data_dir": str(tmp_path), "log_level": "warning", "smtp_url": smtp_url}
    async with served(cwd=tmp_path, database_url=database_url, **settings) as server:
        crowd = Crowd(browser, server.url)
        yield crowd
        await crowd.leave()
        assert crowd.trouble == []


async def link_to(mailbox: Mailbox, path: str) -> str:
    """Wait for an email with a link that begins so; return its path."""
    found: list[str] = []

    def has_come() -> bool:
        bodies = [email.get_body(("plain",)) for email in mailbox.emails]
        texts = "".join(body.get_content() for body in bodies if body is not None)
        found[:] = re.findall(rf"({path}\S+)", texts)
        return bool(found)

    await until(has_come)
    return found[-1]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_an_address_is_changed_and_the_change_is_undone(
    crowd: Crowd, mailbox: Mailbox, database_url: str, language: Language
) -> None:
    alice = await crowd.visitor()
    tour = await Tour.of(alice)
    await alice.sign_up()
    db = await asyncpg.connect(database_url)
    await db.execute(CONFIRM_ADDRESS, alice.name, language)
    await db.close()
    page = await alice.open("/settings/security")
    await page.locator("section:has(#email-title) summary").click()
    await page.locator("#email").fill(NEW)
    await page.locator("#email_password").fill(PASSWORD)
    await page.locator("#email_password").press("Enter")
    await alice.sees(NEW)
    await tour.look_around()
    await tour.look_at(await link_to(mailbox, "/email/confirm/"))
    await page.locator("main form button").click()
    await page.wait_for_url("**/settings/security")
    await tour.look_at(await link_to(mailbox, "/email/undo/"))
    await page.locator("main form button").click()
    await page.wait_for_url("**/password/**")
    await tour.look_around()
    assert tour.wrong == []
