"""What is refused is said in words, at the field it is about, and what was typed stays."""

import re

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import PASSWORD, Crowd, Person

pytestmark = pytest.mark.anyio


async def is_marked(person: Person, label: str, why: str) -> None:
    """Expect the field to be marked, described by the reason, and to have the focus."""
    field = person.field(label)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(re.compile(re.escape(why)))
    await expect(field).to_be_focused()


async def test_a_wrong_password_is_refused_and_the_name_stays(crowd: Crowd) -> None:
    member, visitor = await crowd.member(), await crowd.visitor()
    await visitor.open("/sign-in")
    await visitor.sign_in(username=member.name, password="not the password")
    await visitor.sees("The username or the password is wrong.")
    await expect(visitor.field("Username or e-mail")).to_have_value(member.name)
    await expect(visitor.field("Password")).to_have_value("")
    visitor.was_refused(401)
    await visitor.sign_in(username=member.name)
    await visitor.is_told("You are signed in.")


async def test_a_taken_name_is_refused_at_its_field(crowd: Crowd) -> None:
    member, visitor = await crowd.member(), await crowd.visitor()
    await visitor.open("/register")
    await visitor.fill({"Username": member.name.upper(), "E-mail": "other@example.com", "Password": PASSWORD})
    await visitor.click("Create the account")
    await is_marked(visitor, "Username", "This username is taken.")
    await expect(visitor.field("Username")).to_have_value(member.name.upper())
    await expect(visitor.field("E-mail")).to_have_value("other@example.com")
    visitor.was_refused(409)


async def test_who_comes_too_late_for_a_place_is_told_so(crowd: Crowd, db: Connection) -> None:
    track_id = await worlds.gathering(db, places=2)
    early, late, quick = await crowd.members(3)
    for person in (early, late, quick):
        await person.open(f"/tracks/{track_id}")
        await person.click("Take a place")
    for person in (early, quick):
        await person.click("Take the place")
        await person.sees("You have a place." if person is early else "You take part.")
    await late.click("Take the place")
    await late.sees("The track has already started.")
    late.was_refused(409)


async def test_what_is_no_link_is_refused_at_its_field(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(f"/assignments/{scene.assignment_id}")
    await alice.fill({"Link to your repository": "https://nowhere", "A word to the reviewers": "It is done."})
    await alice.click("Hand in")
    await expect(alice.field("Link to your repository")).to_have_value("https://nowhere")
    await expect(alice.field("A word to the reviewers")).to_have_value("It is done.")
    await expect(alice.field("Link to your repository")).to_have_attribute("aria-invalid", "true")
    await expect(alice.field("Link to your repository")).to_be_focused()
    alice.was_refused(422)


async def test_a_link_sent_after_the_deadline_is_refused_and_stays(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(f"/assignments/{scene.assignment_id}")
    await alice.fill({"Link to your repository": "https://git.example/alice/late"})
    await worlds.let_deadline_pass(db, scene)
    await alice.click("Hand in")
    await alice.sees("The deadline has passed.", "https://git.example/alice/late")
    alice.was_refused(409)


async def test_a_review_without_every_score_is_refused_at_the_criterion_that_lacks_one(
    crowd: Crowd, db: Connection
) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.open(scene.review)
    await alice.click("Take a work to review")
    correctness = alice.page.get_by_role("radiogroup", name="Correctness")
    await alice.score("Correctness", "7")
    await alice.fill({"Overall comment": "It works for me."})
    await alice.sees("Still missing:")
    await alice.click("Send the review")
    await expect(correctness.get_by_role("radio", name="7", exact=True)).to_be_checked()
    await expect(alice.field("Overall comment")).to_have_value("It works for me.")
    readability = alice.page.get_by_role("radiogroup", name="Readability")
    await expect(readability.get_by_role("radio", name="0", exact=True)).to_have_attribute("aria-invalid", "true")
    alice.was_refused(422)


async def test_an_address_that_leads_nowhere_says_where_to_go(crowd: Crowd) -> None:
    alice = await crowd.member()
    await alice.open("/tracks/999999")
    await alice.sees("There is no such track.")
    alice.was_refused(404)


async def test_somebody_elses_board_is_refused_in_words(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(f"/tracks/{scene.track_id}/board")
    await alice.sees("Only the author of the track may do this.")
    alice.was_refused(403)
