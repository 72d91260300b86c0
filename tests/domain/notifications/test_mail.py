"""Emails go out once, to users who want them, through a real SMTP server on loopback."""

import asyncio
import re

import pytest
from pydantic import SecretStr

from learning_platform.accounts.email_links import confirm_email
from learning_platform.core.database import Connection
from learning_platform.core.settings import Settings
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.mail import queue
from learning_platform.notifications.mail.preferences import choose_mail
from learning_platform.notifications.mail.queue import queue_requested_email
from learning_platform.notifications.mail.smtp import MailServerAway
from learning_platform.notifications.mail.worker import MailWorker
from tests import make
from tests.conftest import NOON
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import Person, School
from tests.web.pages.browsing import signed_in

CONFIRM = "update users set email_confirmed_at = now() where id = $1"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
CONFIRM_LINK = re.compile(r"https://learn\.example/confirm/([\w.-]+)")
STATES = "select state from emails order by id"


@pytest.fixture
def settings(database_url: str, smtp_server: tuple[Mailbox, int]) -> Settings:
    return mail_settings(database_url, smtp_server[1], mail_from="School <school@learn.example>")


@pytest.fixture
async def worker(school: School) -> MailWorker:
    worker = another_worker(school)
    await worker.send_due()  # The first time it only marks where mail begins.
    return worker


def another_worker(school: School) -> MailWorker:
    services = school.services
    return worker_with(school, services.settings)


def worker_with(school: School, settings: Settings) -> MailWorker:
    return mail_worker(school.services.database, settings, school.clock)


async def with_confirmed_address(school: School, person: Person) -> Person:
    async with school.services.database.transaction() as db:
        await db.execute(CONFIRM, person.id)
    return person


async def states(school: School) -> list[str]:
    async with school.services.database.connection() as db:
        return [row["state"] for row in await db.fetch(STATES)]


async def test_a_notification_that_matters_goes_to_a_confirmed_address_once(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    alice = await with_confirmed_address(school, await school.person("alice", language="ru"))
    bob = await school.person("bob")
    await school.running_track(alice, [alice, bob])
    assert await worker.send_due() == 1
    assert await worker.send_due() == 0
    (email,) = mailbox.emails
    assert email["To"] == "alice@example.com"
    assert email["From"] == "School <school@learn.example>"
    assert email["Subject"] == "Трек «Python basics» начался"
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert email["List-Unsubscribe"].startswith("<https://learn.example/unsubscribe/")
    plain, html = email.get_body(("plain",)), email.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "https://learn.example/tracks/" in plain.get_content()
    assert '<html lang="ru">' in html.get_content()
    assert await states(school) == ["sent"]


async def test_no_user_gets_email_of_a_type_they_do_not_want(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    alice = await with_confirmed_address(school, await school.person("alice"))
    async with school.services.database.transaction() as db:
        await choose_mail(db, user_id=alice.id, types=["deadline_warning"], now=NOON)
    await school.running_track(alice, [alice, await school.person()])
    await school.advance(hours=8)
    assert await worker.send_due() == 1
    assert mailbox.emails[0]["Subject"] == "[Python basics] Deadline soon: “Hello”"


async def test_an_email_put_off_by_the_server_is_tried_again_after_a_growing_pause(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    alice = await with_confirmed_address(school, await school.person("alice"))
    mailbox.answers = ["451 later", "451 later"]
    await school.running_track(alice, [alice, await school.person()])
    sent = [await worker.send_due()]
    for minutes in (0.9, 0.2, 1.9, 0.2):
        school.clock.advance(minutes=minutes)
        sent.append(await worker.send_due())
    assert sent == [0, 0, 0, 0, 1]
    assert len(mailbox.emails) == 1


async def test_an_email_refused_for_good_is_not_tried_again(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    alice = await with_confirmed_address(school, await school.person("alice"))
    mailbox.answers = ["550 no such user"]
    await school.running_track(alice, [alice, await school.person()])
    await worker.send_due()
    school.clock.advance(days=1)
    assert await worker.send_due() == 0
    assert await states(school) == ["failed"]


async def test_a_server_that_is_away_loses_no_email(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    alice = await with_confirmed_address(school, await school.person("alice"))
    await school.running_track(alice, [alice, await school.person()])
    away = school.services.settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})
    with pytest.raises(MailServerAway):
        await worker_with(school, away).send_due()
    assert await worker.send_due() == 1
    assert len(mailbox.emails) == 1


async def test_several_workers_send_each_email_once(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    people = [await with_confirmed_address(school, await school.person()) for _ in range(12)]
    await school.running_track(people[0], people)
    sent = await asyncio.gather(*(another_worker(school).send_due() for _ in range(4)))
    assert sum(sent) == 12
    assert sorted(email["To"] for email in mailbox.emails) == sorted(f"{one.username}@example.com" for one in people)


async def test_a_link_to_confirm_an_address_comes_by_mail_and_works(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    alice = await school.person("alice")
    async with school.services.database.transaction() as db:
        await queue_requested_email(db, user_id=alice.id, kind="confirmation", now=school.clock.now)
    assert await worker.send_due() == 1
    plain = mailbox.emails[0].get_body(("plain",))
    assert plain is not None
    assert "https://learn.example/confirm/" in plain.get_content()


async def test_emails_of_many_announcements_are_queued_in_parts(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MAX_EMAILS_PER_STATEMENT", 3)
    people = await make.users(db, 2)
    await db.execute("update users set email_confirmed_at = now()")
    await queue.queue_announced_emails(db, now=NOON)
    for number in range(3):
        announcement = Announcement(f"event {number}", "track_finished", track_id=1, parameters={"track": "Python"})
        await announce(db, announcement, to=people, now=NOON)
    queued = []
    while await queue.queue_announced_emails(db, now=NOON):
        queued.append(await db.fetchval("select count(*) from emails"))
    assert queued == [2, 4, 6]


@pytest.mark.parametrize(
    ("reply", "is_marked"),
    [("550 5.1.1 no such user", True), ("550 5.7.1 relaying denied", False), ("452 mailbox full", False)],
)
async def test_no_more_notifications_go_to_a_rejected_address_until_it_is_confirmed(
    school: School, worker: MailWorker, mailbox: Mailbox, reply: str, *, is_marked: bool
) -> None:
    alice = await with_confirmed_address(school, await school.person("alice"))
    mailbox.rejected["alice@example.com"] = reply
    await school.running_track(alice, [alice, await school.person()])
    await worker.send_due()
    settings = signed_in(school, alice)
    assert ("has rejected alice@example.com" in (await settings.get("/settings/mail")).text) is is_marked
    mailbox.rejected.clear()
    await school.advance(hours=8)
    assert (await worker.send_due() == 0) is is_marked
    assert (await settings.post("/settings/mail/confirmation", headers=SAME_SITE)).status_code == 200
    assert (await worker.send_due() == 1) is is_marked
    if is_marked:
        [email] = mailbox.emails
        body = email.get_body(("plain",))
        assert body is not None
        link = CONFIRM_LINK.search(body.get_content())
        assert link is not None
        async with school.services.database.transaction() as db:
            await confirm_email(db, token=link[1], links=school.services.links, now=school.clock.now)
        assert "has rejected" not in (await settings.get("/settings/mail")).text
        await school.advance(hours=2)
        assert await worker.send_due() > 0
