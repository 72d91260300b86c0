"""Users wait for a place and decline it; staff give the place of a participant who has submitted nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from learning_platform.attempts.rules import NotEnrolled, ParticipantNotFound
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll, leave
from learning_platform.people.rules import HasSubmitted
from learning_platform.tracks.queries import participants
from learning_platform.tracks.rules import DeadlinePassed
from learning_platform.tracks.start_rules import StartPlan
from learning_platform.tracks.starts import set_plan
from tests import make
from tests.browser import worlds
from tests.browser.people import Crowd, Person

pytestmark = pytest.mark.anyio
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


async def full_track(db: Connection, *, title: str) -> int:
    """Create a track of two that is full, and starts tomorrow; return its id."""
    track_id = await worlds.gathering(db, places=2, taken=1, title=title)
    now = datetime.now(UTC)
    async with db.transaction():
        await set_plan(db, track_id=track_id, plan=StartPlan("on_date", now + timedelta(days=1)), now=now)
        (stranger,) = await make.users(db, 1)
        await enroll(db, track_id=track_id, user_id=stranger, now=now)
    return track_id


async def give_a_place_back(db: Connection, track_id: int) -> None:
    """Let a participant cancel the enrollment."""
    async with db.transaction():
        first, *_ = await participants(db, track_id=track_id)
        await leave(db, track_id=track_id, user_id=first, now=datetime.now(UTC))


async def waiting(person: Person, path: str) -> None:
    """Let a person join a waiting list."""
    await person.open(path)
    await person.click("Join the waiting list")
    await person.sees_message("You're on the waiting list.")


@SCRIPTS
async def test_a_place_is_declined_from_the_notice_and_from_home(crowd: Crowd, db: Connection, scripts: bool) -> None:
    alice, bob = [await crowd.member(java_script_enabled=scripts) for _ in range(2)]
    title = f"Full for {alice.name}"
    track_id = await full_track(db, title=title)
    for person in (alice, bob):
        await waiting(person, f"/tracks/{track_id}")
    await bob.open("/")
    await bob.sees(title, "You're number 2 on the waiting list.")

    await give_a_place_back(db, track_id)
    await alice.open("/notifications")
    await alice.click(f"You have a place in “{title}”")
    await alice.sees("You can decline it until the track starts.")
    second = await alice.another_tab(f"/tracks/{track_id}")
    for tab in (alice, second):
        await tab.click("Decline the place")
    await alice.click("Yes, decline")
    await alice.sees_message("You have declined the place.")
    await second.click("Yes, decline")
    await second.is_refused(NotEnrolled)

    await bob.open("/")
    await bob.click("Decline the place")
    await bob.click("Yes, decline")
    await bob.sees_message("You have declined the place.")
    await bob.sees("You are not enrolled in any track yet.")
    assert len(await participants(db, track_id=track_id)) == 1


@SCRIPTS
async def test_a_participant_who_did_not_come_is_replaced_in_one_form(
    crowd: Crowd, db: Connection, scripts: bool
) -> None:
    author = await crowd.member(java_script_enabled=scripts)
    idle, slow, bob, carol = await crowd.members(4)
    scene = await worlds.under_way(db, [idle, slow])
    await worlds.hand_over(db, scene, author)
    for person in (bob, carol):
        await waiting(person, scene.track)
    page = await author.open(scene.track)
    await author.click("Waiting list: 2 users")
    await author.sees("Until the first deadline, you can replace a participant who has submitted nothing.")
    await author.field("Status").select_option("Nothing submitted")
    await author.click("Filter")
    second = await author.another_tab(author.path)
    for tab in (author, second):
        await tab.click(f"Replace {idle.name}")
        await tab.fill({"Reason": "Did not answer"})
    third = await author.another_tab(f"{scene.track}/participants/{slow.name}/replace")
    await third.fill({"Reason": "Did not answer either"})
    await expect(author.field("User who gets the place")).to_have_value(bob.name)
    await author.fill({"User who gets the place": "unknown-name"})
    await author.click("Replace the participant")
    await author.sees("This user is not on the waiting list.")
    author.was_refused(422)
    await expect(author.field("Reason")).to_have_value("Did not answer")
    await author.fill({"User who gets the place": carol.name.upper()})
    await author.click("Replace the participant")
    await author.sees_message("Participant replaced. Both have been notified.")
    await expect(page.get_by_role("link", name=f"Replace {idle.name}")).to_have_count(0)
    await second.click("Replace the participant")
    await second.is_refused(ParticipantNotFound)

    await slow.open(scene.assignment)
    await slow.fill({"Link to your repository": "https://git.example/slow/work"})
    await slow.click("Submit")
    await slow.sees_message("Submitted.")
    await third.click("Replace the participant")
    await third.is_refused(HasSubmitted)
    await expect(third.field("Reason")).to_have_value("Did not answer either")

    await carol.open("/")
    await carol.sees("You received this place from the waiting list.")


async def test_a_form_that_was_open_at_the_first_deadline_replaces_no_participant(crowd: Crowd, db: Connection) -> None:
    author, idle, bob = await crowd.members(3)
    scene = await worlds.under_way(db, [idle])
    await worlds.hand_over(db, scene, author)
    await waiting(bob, scene.track)
    await author.open(f"{scene.track}/participants/{idle.name}/replace")
    await author.fill({"Reason": "Did not answer"})
    await worlds.let_deadline_pass(db, scene.track_id)
    await author.click("Replace the participant")
    await author.is_refused(DeadlinePassed)
    await author.sees("Participants can be replaced from the start of the track until its first deadline.")
