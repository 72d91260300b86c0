"""What is refused is said in words, at the field it is about, and what was typed stays."""

import re

import pytest
from playwright.async_api import expect

from learning_platform.accounts.rules import (
    EmailTaken,
    TooManyAttempts,
    UnknownTimeZone,
    UsernameTaken,
    WrongCredentials,
    WrongPassword,
)
from learning_platform.attempts.rules import NotARepositoryLink, NotEnrolled, TrackLeft
from learning_platform.core.database import Connection
from learning_platform.diary.rules import EntryNotFound
from learning_platform.tracks.rules import (
    AssignmentNotFound,
    DeadlinePassed,
    NotAParticipant,
    TrackNotFound,
    TrackOver,
    TrackStarted,
)
from tests.browser import worlds
from tests.browser.people import PASSWORD, Crowd, Person

pytestmark = pytest.mark.anyio
MAX_FAILURES = 5


async def is_marked(person: Person, label: str, why: str = "") -> None:
    """Expect the field to be marked, described by the reason, and to have the focus."""
    field = person.field(label)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(re.compile(re.escape(why)))
    await expect(field).to_be_focused()


async def test_a_wrong_password_is_refused_the_name_stays_and_guessing_has_an_end(crowd: Crowd) -> None:
    member, visitor = await crowd.member(), await crowd.visitor()
    await visitor.open("/sign-in")
    await visitor.sign_in(username=member.name, password="not the password")
    await visitor.is_refused(WrongCredentials)
    await expect(visitor.field("Username or email")).to_have_value(member.name)
    await expect(visitor.field("Password")).to_have_value("")
    for _ in range(MAX_FAILURES - 1):
        await visitor.sign_in(username=member.name, password="another guess")
        await visitor.is_refused(WrongCredentials)
        await expect(visitor.field("Password")).to_have_value("")
    await visitor.sign_in(username=member.name)
    await visitor.sees(TooManyAttempts.message.partition("{")[0])
    visitor.was_refused(429)


async def test_a_taken_name_and_a_taken_address_are_refused_at_their_fields(crowd: Crowd) -> None:
    member, visitor = await crowd.member(), await crowd.visitor()
    await visitor.open("/register")
    await visitor.fill({"Username": member.name.upper(), "Email": "other@example.com", "Password": PASSWORD})
    await visitor.click("Create account")
    await is_marked(visitor, "Username", UsernameTaken.message)
    await visitor.is_refused(UsernameTaken)
    await expect(visitor.field("Username")).to_have_value(member.name.upper())
    await expect(visitor.field("Email")).to_have_value("other@example.com")
    await visitor.fill({"Username": visitor.name, "Email": f"{member.name}@example.com", "Password": PASSWORD})
    await visitor.click("Create account")
    await is_marked(visitor, "Email", EmailTaken.message)
    await visitor.is_refused(EmailTaken)


async def test_settings_that_cannot_be_are_refused_at_their_fields(crowd: Crowd) -> None:
    alice = await crowd.member()
    await alice.open("/settings")
    await alice.fill({"Time zone": "Middle-earth/Shire"})
    await alice.field("Time zone").press("Enter")
    await is_marked(alice, "Time zone", UnknownTimeZone.message)
    await alice.is_refused(UnknownTimeZone)
    page = await alice.open("/settings/security")
    await page.locator("summary", has_text="Change password").click()
    await alice.fill({"Current password": "not the password", "New password": PASSWORD})
    await alice.click("Save password")
    await is_marked(alice, "Current password", WrongPassword.message)
    await alice.is_refused(WrongPassword)


async def test_a_user_who_comes_too_late_for_a_place_sees_that(crowd: Crowd, db: Connection) -> None:
    track_id = await worlds.gathering(db, places=2)
    early, late, quick = await crowd.members(3)
    for person in (early, late, quick):
        await person.open(f"/tracks/{track_id}")
        await person.click("Enroll")
    for person in (early, quick):
        await person.click("Confirm enrollment")
        await person.sees("You're enrolled." if person is early else "You take part in this track.")
    await late.click("Confirm enrollment")
    await late.is_refused(TrackStarted)


async def test_a_place_is_taken_and_given_back_once(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    track = f"/tracks/{await worlds.gathering(db, places=3)}"
    await alice.open(track)
    other = await alice.another_tab(track)
    for tab in (alice, other):
        await tab.click("Enroll")
        await tab.click("Confirm enrollment")
    await alice.sees("You're enrolled.")
    await other.sees_message("You are already enrolled in this track.")
    await other.open(track)
    for tab in (alice, other):
        await tab.click("Cancel enrollment")
        await tab.click("Yes, cancel enrollment")
    await alice.sees_message("Enrollment cancelled.")
    await other.is_refused(NotEnrolled)


async def test_what_is_no_link_is_refused_at_its_field(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    await alice.fill({"Link to your repository": "https://nowhere", "Note for reviewers": "It is done."})
    await alice.click("Submit")
    await is_marked(alice, "Link to your repository", NotARepositoryLink.message)
    await alice.is_refused(NotARepositoryLink)
    await expect(alice.field("Link to your repository")).to_have_value("https://nowhere")
    await expect(alice.field("Note for reviewers")).to_have_value("It is done.")


async def test_a_link_sent_after_the_deadline_is_refused_and_stays(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    await alice.fill({"Link to your repository": "https://git.example/alice/late"})
    await worlds.let_deadline_pass(db, scene.track_id)
    await alice.click("Submit")
    await alice.is_refused(DeadlinePassed)
    await alice.sees("https://git.example/alice/late")


async def test_a_user_who_has_left_a_track_leaves_once(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.track)
    other = await alice.another_tab(scene.track)
    for tab in (alice, other):
        await tab.click("Leave track")
        await tab.click("Leave permanently")
    await alice.sees_message("You've left the track.")
    await other.is_refused(TrackLeft)


async def test_on_a_cancelled_track_nothing_more_is_done(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    await alice.fill({"Link to your repository": "https://git.example/alice/too-late"})
    await worlds.cancel(db, scene)
    await alice.click("Submit")
    await alice.is_refused(TrackOver)


async def test_an_entry_that_was_deleted_in_another_tab_is_not_deleted_again(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    await alice.fill({"What did you learn?": "To look twice."})
    await alice.click("Save entry")
    await alice.sees_message("Entry saved.")
    other = await alice.another_tab(scene.assignment)
    for tab in (alice, other):
        await tab.click("Edit")
        await tab.click("Delete entry")
    await alice.sees_message("Entry deleted.")
    await other.is_refused(EntryNotFound)


async def test_what_is_not_there_or_not_ones_own_is_refused_with_a_way_out(crowd: Crowd, db: Connection) -> None:
    alice, bob = await crowd.members(2)
    scene = await worlds.under_way(db, [bob])
    await alice.open("/tracks/999999")
    await alice.is_refused(TrackNotFound)
    await alice.open("/assignments/999999")
    await alice.is_refused(AssignmentNotFound)
    await alice.open(scene.assignment)
    await alice.is_refused(NotAParticipant)
    await alice.click("Go to the home page")
    await alice.sees("What to do now")
