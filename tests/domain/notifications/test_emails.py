"""What an email says and carries: true when it is sent, grouped by track, and sent only where it can arrive."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from socket import socket

import anyio
import pytest
from pydantic import SecretStr

from learning_platform.attempts.email_facts import CALLS_FOR_ACTION
from learning_platform.attempts.link_outcomes import notify_of_change, notify_of_failure
from learning_platform.core.database import Connection
from learning_platform.core.settings import Settings
from learning_platform.notifications.destinations import PATHS
from learning_platform.notifications.mail import smtp
from learning_platform.notifications.mail.addresses import ascii_address, ascii_sender
from learning_platform.notifications.mail.composition import mail_host
from learning_platform.notifications.mail.preferences import choose_mail
from learning_platform.notifications.mail.queue import queue_requested_email
from learning_platform.notifications.mail.worker import MailWorker
from learning_platform.notifications.queries import inbox
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(database_url: str, smtp_server: tuple[Mailbox, int]) -> Settings:
    return mail_settings(database_url, smtp_server[1], mail_from="Школа <school@школа.рф>")


@pytest.fixture
async def worker(school: School) -> MailWorker:
    services = school.services
    worker = mail_worker(services.database, services.settings, school.clock)
    await worker.send_due()  # The first time it only marks where mail begins.
    return worker


async def confirmed(school: School, number: int) -> list[Person]:
    """Return people who get every email there is."""
    people = await school.people(number)
    async with school.services.database.transaction() as db:
        await db.execute("update users set email_confirmed_at = now()")
        for person in people:
            await choose_mail(db, user_id=person.id, types=list(PATHS), now=school.clock.now)
    return people


def subjects(mailbox: Mailbox, person: Person) -> list[str]:
    """Return the subjects of the emails to a user, and forget them."""
    mine = [email for email in mailbox.emails if email["To"] == f"{person.username}@example.com"]
    mailbox.emails = [email for email in mailbox.emails if email not in mine]
    return [str(email["Subject"]).removeprefix("[Python basics] ") for email in mine]


def plain(email: EmailMessage) -> str:
    """Return the plain text of an email."""
    body = email.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


async def running(school: School, people: list[Person]) -> tuple[Json, int, int]:
    track = await school.running_track(people[0], people)
    first, second = await school.assignment_ids(people[0], track)
    return track, first, second


async def test_headers_group_by_track_and_say_when_and_about_what(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 2)
    track, _, _ = await running(school, people)
    await worker.send_due()
    opened = next(email for email in mailbox.emails if "New assignment" in email["Subject"])
    assert opened["Subject"] == "[Python basics] New assignment: “Hello”"
    assert parsedate_to_datetime(opened["Date"]) == school.clock.now
    root = f"<track-{track['id']}@learn.example>"
    assert (opened["References"], opened["In-Reply-To"]) == (root, root)
    assert opened["List-Id"] == f"<track-{track['id']}.learn.example>"
    assert opened["List-Unsubscribe"].startswith("<https://learn.example/unsubscribe/")
    assert opened["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert opened["Auto-Submitted"] == "auto-generated"
    assert opened["From"].addresses[0].addr_spec == "school@xn--80atdl2c.xn--p1ai"
    assert opened["From"].addresses[0].display_name == "Школа"
    assert len({email["Subject"] for email in mailbox.emails}) == 2
    assert len({email["Message-ID"] for email in mailbox.emails}) == 4


async def test_an_email_that_was_requested_belongs_to_no_list(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    (person,) = await confirmed(school, 1)
    async with school.services.database.transaction() as db:
        await queue_requested_email(db, user_id=person.id, kind="reset", now=school.clock.now)
    await worker.send_due()
    (email,) = mailbox.emails
    assert email["Date"]
    for header in ("References", "In-Reply-To", "List-Id", "List-Unsubscribe"):
        assert email[header] is None


async def test_every_email_leads_where_its_notification_leads(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 3)
    _, first, _ = await running(school, people)
    for hours in (9, 2, 8):
        for person in people:
            await person.submit(first)
        await school.advance(hours=hours)
        await worker.send_due()
    assert len(mailbox.emails) > 9
    async with school.services.database.connection() as db:
        messages = await inbox(db, user_id=people[1].id, after=0, limit=99)
    links = {f"https://learn.example{each.url}" for each in messages}
    mine = [plain(email) for email in mailbox.emails if email["To"] == f"{people[1].username}@example.com"]
    assert {text.partition("Open: ")[2].split()[0] for text in mine} <= links


async def test_a_warning_that_comes_too_late_is_left_out(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    people = await confirmed(school, 2)
    await running(school, people)
    await worker.send_due()
    subjects(mailbox, people[1])
    await school.advance(hours=9)
    school.clock.advance(hours=2)  # Mail was away; then the warning and what came after it are due together.
    await school.sweep()
    await worker.send_due()
    assert subjects(mailbox, people[1]) == [
        "Submissions closed: “Hello”",
        "New assignment: “Goodbye”",
    ]


async def test_a_warning_says_whether_something_was_handed_in_by_now(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 2)
    _, first, _ = await running(school, people)
    await school.advance(hours=9)
    await people[1].submit(first)
    await worker.send_due()
    warnings = [plain(email) for email in mailbox.emails if "Deadline soon" in email["Subject"]]
    assert sorted("You have submitted your work" in text for text in warnings) == [False, True]


async def test_a_deadline_that_moved_again_is_announced_once(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 2)
    _, first, _ = await running(school, people)
    await worker.send_due()
    subjects(mailbox, people[1])
    for hours in (12, 15):
        due_at = (school.clock.now + timedelta(hours=hours)).isoformat()
        await people[0].ok("PATCH", f"/assignments/{first}", json={"due_at": due_at})
    await worker.send_due()
    assert subjects(mailbox, people[1]) == ["Deadline moved: “Hello”"]


async def test_a_user_who_is_through_is_not_called_to_review(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 3)
    _, first, _ = await running(school, people)
    for person in people:
        await person.submit(first)
    await worker.send_due()
    subjects(mailbox, people[1])
    await school.advance(hours=10)
    await people[1].review_all(first)
    await school.advance(hours=9)
    await worker.send_due()
    received = subjects(mailbox, people[1])
    assert "Time to review: “Hello”" not in received
    assert "Reviews left: “Hello”" not in received
    assert "Reviews left: “Hello”" in subjects(mailbox, people[2])


async def test_after_the_window_a_reminder_says_that_it_has_ended(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 3)
    _, first, _ = await running(school, people)
    for person in people:
        await person.submit(first)
    for hours in (10, 8.5, 2):
        await school.advance(hours=hours)
    await worker.send_due()
    reminders = [plain(email) for email in mailbox.emails if "Reviews left" in email["Subject"]]
    assert len(reminders) == 3
    assert all("were due" in text for text in reminders)


@pytest.mark.parametrize(
    ("announce", "outcome", "subject"),
    [
        (notify_of_failure, "state = 'failed', error = 'empty', try_at = null", "Your code was not fetched: “Hello”"),
        (notify_of_change, "changed_at = received_at", "Your repository has changed: “Hello”"),
    ],
)
async def test_what_was_wrong_with_a_link_is_of_no_concern_once_another_counts(
    announce: Callable[[Connection, int, datetime], Awaitable[None]],
    outcome: str,
    subject: str,
    school: School,
    worker: MailWorker,
    mailbox: Mailbox,
) -> None:
    people = await confirmed(school, 3)
    _, first, _ = await running(school, people)
    for person in people[1:]:
        await person.submit(first)
    await worker.send_due()
    mailbox.emails.clear()
    async with school.services.database.transaction() as db:
        for row in await db.fetch(f"update snapshots set {outcome} returning id"):
            await announce(db, row["id"], school.clock.now)
    await people[2].submit(first, "https://git.example/another/repository")
    await worker.send_due()
    assert [subjects(mailbox, person) for person in people] == [[], [subject], []]


async def test_a_track_that_is_over_or_was_left_calls_for_nothing(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 3)
    track, _, _ = await running(school, people)
    await people[2].ok("POST", f"/tracks/{track['id']}/leave", 204)
    await worker.send_due()
    assert subjects(mailbox, people[2]) == []
    subjects(mailbox, people[1])
    await school.advance(hours=9)
    await people[0].ok("POST", f"/tracks/{track['id']}/cancel")
    await worker.send_due()
    assert subjects(mailbox, people[1]) == ["“Python basics” was cancelled"]


async def test_a_user_who_unsubscribes_before_it_is_sent_gets_no_more(
    school: School, worker: MailWorker, mailbox: Mailbox
) -> None:
    people = await confirmed(school, 2)
    await running(school, people)
    await worker.send_due()
    subjects(mailbox, people[1])
    await school.advance(hours=9)
    mailbox.answers = ["451 later", "451 later"]
    await worker.send_due()
    async with school.services.database.transaction() as db:
        await choose_mail(db, user_id=people[1].id, types=["track_finished"], now=school.clock.now)
    school.clock.advance(minutes=2)
    await worker.send_due()
    assert subjects(mailbox, people[1]) == []


async def test_a_stale_request_for_a_password_is_left_out(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    (person,) = await confirmed(school, 1)
    async with school.services.database.transaction() as db:
        await queue_requested_email(db, user_id=person.id, kind="reset", now=school.clock.now)
    school.clock.advance(days=2)
    assert await worker.send_due() == 0


def test_every_type_either_happened_or_is_checked_again_before_it_is_sent() -> None:
    happened = {"review_received", "appeal_settled", "scores_corrected", "track_finished", "track_cancelled"}
    happened |= {
        "comment_received",
        "comment_answered",
        "iteration_shown",
        "starter_failed",
        "certificate_issued",
        "certificate_revoked",
    }
    happened |= {"question_asked", "question_answered", "question_mentioned"}
    happened |= {"start_planned", "start_missed", "assignments_changed", "seat_received", "next_cohort"}
    happened |= {"participant_left", "removed_from_track", "staff_changed", "track_offered", "track_handed_over"}
    happened |= {"appeal_made", "post_reported", "message_reported", "review_returned"}
    assert happened | CALLS_FOR_ACTION == set(PATHS)


def test_addresses_are_written_in_ascii() -> None:
    assert ascii_address("anna@пример.рф") == "anna@xn--e1afmkfd.xn--p1ai"
    assert ascii_address("anna@example.com") == "anna@example.com"
    assert ascii_address("анна@example.com") is None
    assert ascii_sender("School <school@localhost>") == ("School <school@localhost>", "school@localhost")
    assert mail_host("https://учёба.рф") == "xn--80ab7cq4c.xn--p1ai"
    assert mail_host("http://[::1]:8000") == "localhost"


async def test_a_domain_in_another_script_is_reached(school: School, worker: MailWorker, mailbox: Mailbox) -> None:
    (person,) = await confirmed(school, 1)
    async with school.services.database.transaction() as db:
        await db.execute("update users set email = 'anna@пример.рф' where id = $1", person.id)
        await queue_requested_email(db, user_id=person.id, kind="reset", now=school.clock.now)
    assert await worker.send_due() == 1
    assert mailbox.addressed == ["anna@xn--e1afmkfd.xn--p1ai"]


async def test_an_address_that_cannot_be_sent_to_is_refused_at_sign_up(school: School) -> None:
    person = await school.person()
    new = {"email": "анна@example.com", "username": "anna", "password": "correct horse battery"}
    problem = await person.refused("POST", "/register", 422, "invalid_input", json=new)
    assert problem["errors"][0]["loc"] == ["body", "email"]
    assert "Latin letters" in problem["errors"][0]["msg"]
    accepted = {**new, "email": "anna@пример.рф"}
    assert (await person.post("/register", json=accepted)).status_code == 201


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """Listen, and never answer."""
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


async def test_a_server_that_never_answers_is_given_up(
    school: School, worker: MailWorker, silent_port: int, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.2)
    (person,) = await confirmed(school, 1)
    async with school.services.database.transaction() as db:
        await queue_requested_email(db, user_id=person.id, kind="reset", now=school.clock.now)
    silent = school.services.settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{silent_port}")})
    database = school.services.database
    with anyio.fail_after(20), pytest.raises(smtp.MailServerAway):
        await mail_worker(database, silent, school.clock).send_due()
    assert await worker.send_due() == 1
    assert len(mailbox.emails) == 1


async def test_an_email_whose_answer_never_comes_is_not_sent_again(
    school: School, worker: MailWorker, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    monkeypatch.setattr(smtp, "HAND_OVER_SECONDS", 0.2)
    people = await confirmed(school, 2)
    async with school.services.database.transaction() as db:
        for person in people:
            await queue_requested_email(db, user_id=person.id, kind="reset", now=school.clock.now)
    mailbox.is_silent = True
    with anyio.fail_after(20), pytest.raises(smtp.MailServerAway):
        await worker.send_due()
    mailbox.is_silent = False
    monkeypatch.undo()
    assert await worker.send_due() == 1
    school.clock.advance(days=1)
    assert await worker.send_due() == 0
