"""Daily digests and quiet hours: what waits, what does not, and that each message comes once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from learning_platform.core.settings import Settings
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.mail.preferences import DEFAULT_CHOICE, MailChange, choose_mail
from learning_platform.notifications.mail.timing import digest_due_at, held_until
from learning_platform.notifications.mail.worker import MailWorker
from learning_platform.personal_data.deletion import delete_account_data
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import Person, School

# The school's clock begins at noon of 1 January 2030, which is 15:00 in Moscow.
ZONE = "Europe/Moscow"
DAILY: MailChange = {"delivery": "daily", "digest_hour": 9, "types": ["track_finished", "appeal_settled"]}


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
    return mail_worker(services.database, services.settings, school.clock)


async def reader(school: School, choice: MailChange) -> Person:
    person = await school.person()
    await person.ok("PATCH", "/me", json={"time_zone": ZONE})
    await execute(school, "update users set email_confirmed_at = now() where id = $1", person.id)
    async with school.services.database.transaction() as db:
        await choose_mail(db, user_id=person.id, now=school.clock.now, **choice)
    return person


async def execute(school: School, statement: str, *values: object) -> None:
    async with school.services.database.transaction() as db:
        await db.execute(statement, *values)


async def notify_of(
    school: School, person: Person, track: str, *, track_id: int = 7, due_at: datetime | None = None
) -> None:
    """Notify a user that a track has finished."""
    event = f"{track}:{school.clock.now}"
    words = {"track": track}
    announcement = Announcement(event, "track_finished", track_id=track_id, due_at=due_at, parameters=words)
    async with school.services.database.transaction() as db:
        await announce(db, announcement, to=[person.id], now=school.clock.now)


def subjects(emails: Sequence[EmailMessage]) -> list[str]:
    return [str(email["Subject"]) for email in emails]


def part(email: EmailMessage, kind: str) -> str:
    body = email.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


async def test_a_digest_comes_at_its_hour_with_all_messages_by_track_and_never_twice(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    person = await reader(school, DAILY)
    for number, (track, track_id) in enumerate((("Go <b>", 8), ("Python", 7), ("Go <b>", 8))):
        school.clock.advance(minutes=number)
        await notify_of(school, person, track, track_id=track_id)
        await worker.send_due()
    school.clock.now = datetime(2030, 1, 2, 5, 59, tzinfo=UTC)
    assert await worker.send_due() == 0
    school.clock.advance(minutes=1)
    assert sum(await asyncio.gather(*(each.send_due() for each in (worker, another_worker(school))))) == 1
    (email,) = mailbox.emails
    assert email["Subject"] == "Daily digest: 3 messages"
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = part(email, "plain")
    assert text.index("== Python ==") < text.index("== Go <b> ==")
    assert text.count("“Go <b>” has finished. The results are ready.") == 2
    assert "https://learn.example/tracks/8" in text
    assert '<h2 dir="auto" lang="en" style="font-size:115%">Go &lt;b&gt;</h2>' in part(email, "html")
    school.clock.advance(days=1)
    assert await worker.send_due() == 0, "a day without messages has no digest"
    await notify_of(school, person, "Rust")
    school.clock.advance(hours=25)
    await worker.send_due()
    school.clock.advance(hours=25)
    await worker.send_due()
    assert subjects(mailbox.emails[1:]) == ["Daily digest: 1 message"]


async def test_after_downtime_one_digest_comes_with_everything(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    person = await reader(school, DAILY)
    await notify_of(school, person, "Python")
    await worker.send_due()
    school.clock.advance(days=2)
    await notify_of(school, person, "Go")
    school.clock.advance(days=1)
    assert await worker.send_due() == 1
    assert subjects(mailbox.emails) == ["Daily digest: 2 messages"]


async def test_what_is_due_before_the_digest_comes_immediately(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    person = await reader(school, DAILY)
    await notify_of(school, person, "Soon", due_at=school.clock.now + timedelta(hours=5))
    await notify_of(school, person, "Later", due_at=school.clock.now + timedelta(days=5))
    await worker.send_due()
    assert subjects(mailbox.emails) == ["“Soon” has finished"]


async def test_quiet_hours_hold_emails_and_let_through_what_cannot_wait(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    person = await reader(school, {"quiet_from": 14, "quiet_until": 8, "types": ["track_finished"]})
    await notify_of(school, person, "Held")
    await notify_of(school, person, "Urgent", due_at=datetime(2030, 1, 2, 6, 30, tzinfo=UTC))
    await worker.send_due()
    assert subjects(mailbox.emails) == ["“Urgent” has finished"]
    for _ in range(16):
        school.clock.advance(hours=1)
        await worker.send_due()
    assert len(mailbox.emails) == 1, "it is 7:00 in Moscow"
    school.clock.advance(hours=1)
    await worker.send_due()
    school.clock.advance(days=1)
    await worker.send_due()
    assert subjects(mailbox.emails[1:]) == ["“Held” has finished"]


async def test_a_move_to_another_zone_moves_the_digest(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    person = await reader(school, DAILY)
    await notify_of(school, person, "Python")
    await worker.send_due()
    await person.ok("PATCH", "/me", json={"time_zone": "Asia/Vladivostok"})
    school.clock.advance(hours=10)
    await worker.send_due()
    assert mailbox.emails == [], "it is 8:00 there"
    school.clock.advance(hours=1)
    await worker.send_due()
    assert subjects(mailbox.emails) == ["Daily digest: 1 message"]


@pytest.mark.parametrize("change", [{"delivery": "none"}, {"types": []}, "blocked", "deleted", "unconfirmed"])
async def test_a_digest_that_is_unwanted_by_its_hour_is_not_sent(
    school: School, worker: MailWorker, mailbox: Mailbox, change: MailChange | str
) -> None:
    person = await reader(school, DAILY)
    await notify_of(school, person, "Python")
    await worker.send_due()
    if change == "deleted":
        async with school.services.database.transaction() as db:
            await delete_account_data(db, user_id=person.id, password_hash="x", now=school.clock.now)
    elif isinstance(change, str):
        column = {"blocked": "blocked_at = now()", "unconfirmed": "email_confirmed_at = null"}[change]
        await execute(school, f"update users set {column} where id = $1", person.id)
    else:
        async with school.services.database.transaction() as db:
            await choose_mail(db, user_id=person.id, now=school.clock.now, **change)
    school.clock.advance(days=2)
    assert await worker.send_due() == 0
    assert mailbox.emails == []


async def test_who_chooses_single_emails_gets_what_was_gathered(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    person = await reader(school, DAILY)
    await notify_of(school, person, "Python")
    await worker.send_due()
    await person.ok("PATCH", "/me/mail", json={"delivery": "single"})
    await notify_of(school, person, "Go")
    await worker.send_due()
    assert sorted(subjects(mailbox.emails)) == ["Daily digest: 1 message", "“Go” has finished"]


async def test_a_digest_refused_for_now_comes_later_with_the_same_messages(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    person = await reader(school, DAILY)
    await notify_of(school, person, "Python")
    await worker.send_due()
    school.clock.now = datetime(2030, 1, 2, 6, tzinfo=UTC)
    mailbox.answers = ["450 later"]
    await worker.send_due()
    await notify_of(school, person, "Go")
    school.clock.advance(minutes=2)
    await worker.send_due()
    (email,) = mailbox.emails
    assert "“Python” has finished" in part(email, "plain")
    assert "Go" not in part(email, "plain")


@pytest.mark.parametrize(
    ("zone", "hour", "after", "due"),
    [
        ("Europe/Berlin", 2, "2030-03-31T00:00Z", "2030-03-31T01:00Z"),
        ("Europe/Berlin", 2, "2030-10-27T00:30Z", "2030-10-28T01:00Z"),
        ("Asia/Kathmandu", 9, "2030-01-01T03:15Z", "2030-01-02T03:15Z"),
        ("America/New_York", 9, "2030-03-10T13:30Z", "2030-03-11T13:00Z"),
    ],
)
def test_a_digest_is_due_once_a_day_by_the_clock_on_the_wall(zone: str, hour: int, after: str, due: str) -> None:
    choice = replace(DEFAULT_CHOICE, digest_hour=hour)
    assert digest_due_at(choice, zone, after=datetime.fromisoformat(after)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("begins", "ends", "now", "end"),
    [
        (22, 8, "2030-03-30T22:00Z", "2030-03-31T06:00Z"),
        (22, 8, "2030-10-26T21:00Z", "2030-10-27T07:00Z"),
        (22, 8, "2030-01-01T07:00Z", None),
        (1, 2, "2030-10-27T00:30Z", None),
        (0, 3, "2030-10-27T01:30Z", "2030-10-27T02:00Z"),
        (None, None, "2030-01-01T02:00Z", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(
    begins: int | None, ends: int | None, now: str, end: str | None
) -> None:
    choice = replace(DEFAULT_CHOICE, quiet_from=begins, quiet_until=ends)
    expected = None if end is None else datetime.fromisoformat(end)
    assert held_until(choice, "Europe/Berlin", now=datetime.fromisoformat(now)) == expected
