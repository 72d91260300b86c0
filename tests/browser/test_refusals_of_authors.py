"""What authors and administrators are refused is said in words, at the field it is about."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from learning_platform.accounts.rules import AccountBlocked, AdminsOnly, BadLink, TooManyEmails, UserNotFound
from learning_platform.attempts.rules import ExtensionOutOfRange, NotExtendable, ParticipantNotFound
from learning_platform.core.database import Connection
from learning_platform.core.versions import VersionConflict
from learning_platform.reviews.rules import AlreadySettled
from learning_platform.tracks.rules import (
    CalendarOpen,
    DeadlineTooFar,
    NotTheAuthor,
    SeatsTaken,
)
from tests import make
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio
MAKE_ADMIN = "update users set role = 'admin' where username = $1"
USER_ID = "select id from users where username = $1"
# Three an hour, and one was sent at sign-up.
MAX_EMAILS = 2


def typed(at: datetime) -> str:
    """Return a time as it is typed into a field."""
    return at.strftime("%Y-%m-%dT%H:%M")


async def test_a_track_cannot_have_fewer_places_than_people_nor_deadlines_before_it_starts(
    crowd: Crowd, db: Connection
) -> None:
    author = await crowd.member()
    track_id = await worlds.gathering(db, places=5, taken=3, author=author)
    await author.open(f"/tracks/{track_id}/edit")
    await author.fill({"Places": "2"})
    await author.click("Save")
    await author.is_refused(SeatsTaken, count=3)
    await expect(author.field("Places")).to_have_attribute("aria-invalid", "true")
    await expect(author.field("Places")).to_have_value("2")
    await author.open(f"/assignments/{(await make.assignment_ids(db, track_id))[0]}/extend")
    await author.is_refused(CalendarOpen)


async def test_a_deadline_moves_to_a_later_time_only_and_not_without_end(crowd: Crowd, db: Connection) -> None:
    author, bob = await crowd.members(2)
    scene = await worlds.under_way(db, [author, bob], strangers=0)
    await author.open(f"{scene.assignment}/extend")
    await author.fill({"New deadline": typed(datetime.now(UTC) + timedelta(days=11 * 365))})
    await author.click("Preview changes")
    await author.sees(DeadlineTooFar.message)
    await author.click("+1 day")
    await author.sees("participants will be notified")
    other = await author.another_tab(f"{scene.assignment}/extend")
    await other.click("+7 days")
    await other.click("Move deadline")
    await other.sees_message("Deadline moved. Participants have been notified.")
    await author.click("Move deadline")
    await author.is_refused(VersionConflict, status=409)
    await author.sees("Currently saved")


async def test_more_time_is_given_to_who_can_use_it(crowd: Crowd, db: Connection) -> None:
    author, bob = await crowd.members(2)
    scene = await worlds.reviewing(db, [bob], strangers=1)
    await worlds.hand_over(db, scene, author)
    await author.open(f"{scene.track}/extensions")
    given = {
        "Participant": "unknown-user",
        "New deadline": typed(datetime.now(UTC) + timedelta(hours=3)),
        "Reason": "was ill",
    }
    await author.fill(given)
    await author.click("Extend deadline")
    await author.is_refused(ParticipantNotFound, status=422)
    await expect(author.field("Reason")).to_have_value("was ill")
    await author.fill({"Participant": bob.name, "New deadline": typed(datetime.now(UTC) + timedelta(days=30))})
    await author.click("Extend deadline")
    await author.is_refused(ExtensionOutOfRange)
    scene = await worlds.reviewed(db, [bob, await crowd.member()])
    await worlds.hand_over(db, scene, author)
    await author.open(f"{scene.track}/extensions")
    await author.fill({**given, "Participant": bob.name})
    await author.click("Extend deadline")
    await author.is_refused(NotExtendable)


async def test_an_appeal_is_settled_once(crowd: Crowd, db: Connection) -> None:
    author, bob, carol = await crowd.members(3)
    scene = await worlds.reviewed(db, [bob, carol])
    await worlds.hand_over(db, scene, author)
    await bob.open(scene.feedback)
    await bob.click("Appeal the result")
    await bob.fill({"What should be reconsidered, and why?": "The tests were not run."})
    await bob.click("Send appeal")
    await bob.sees("No answer yet.")
    await author.open(f"{scene.track}/appeals")
    await author.click("View and answer")
    await author.fill({"Your answer": "They were."})
    other = await author.another_tab(author.path)
    await other.fill({"Your answer": "They are now."})
    await other.click("Send answer")
    await other.sees_message("Answer sent. The participant has been notified.")
    await author.click("Send answer")
    await author.is_refused(AlreadySettled)
    await author.sees("They were.")


async def test_what_belongs_to_others_is_refused_in_words(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(f"{scene.track}/board")
    await alice.is_refused(NotTheAuthor)
    await alice.open("/admin")
    await alice.is_refused(AdminsOnly)
    await alice.open("/password/no-such-link")
    await alice.is_refused(BadLink)


async def test_an_administrator_makes_no_link_for_who_is_blocked_or_not_there(crowd: Crowd, db: Connection) -> None:
    admin, mallory = await crowd.members(2)
    await db.execute(MAKE_ADMIN, admin.name)
    page = f"/admin/users/{await db.fetchval(USER_ID, mallory.name)}"
    await admin.open(page)
    other = await admin.another_tab(page)
    await other.page.locator("summary").filter(has_text="Block").click()
    await other.page.get_by_role("group", name="Block this account?").get_by_role("button", name="Block").click()
    await other.sees_message("Account blocked. All its sessions are signed out.")
    await admin.click("Create a link")
    await admin.is_refused(AccountBlocked)
    await admin.open("/admin/users/999999")
    await admin.is_refused(UserNotFound)


async def test_emails_are_not_requested_without_end(school: Crowd) -> None:
    alice = await school.member()
    await alice.open("/settings/security")
    for _ in range(MAX_EMAILS):
        await alice.click("Send the email again")
        await alice.sees_message("Email sent.")
    await alice.click("Send the email again")
    await alice.sees(TooManyEmails.message.partition("{")[0])
    alice.was_refused(429)
