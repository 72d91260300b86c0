"""What a user has typed is not lost with the tab or the session."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.authors import CORRECTNESS, fill_row, row, write_track
from tests.browser.people import Crowd, Person

pytestmark = pytest.mark.anyio


async def begin_review(alice: Person, scene: worlds.Scene) -> None:
    """Take a work and write half a review."""
    await alice.open(scene.review)
    await alice.click("Get a submission to review")
    await alice.score("Correctness", "8")
    await alice.fill({"Overall comment": "The tests are missing."})


async def is_still_there(alice: Person) -> None:
    """Expect the half review to be in the form."""
    correctness = alice.page.get_by_role("radiogroup", name="Correctness")
    await expect(correctness.get_by_role("radio", name="8", exact=True)).to_be_checked()
    await expect(alice.field("Overall comment")).to_have_value("The tests are missing.")


async def test_a_review_survives_its_tab(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.page.close()
    alice = await alice.another_tab(scene.review)
    await is_still_there(alice)


async def test_a_review_survives_a_session_that_ended_elsewhere(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.score("Readability", "4")
    await alice.context.clear_cookies()
    await alice.click("Send review")
    await alice.sees("Sign in to continue.")
    await alice.sign_in()
    await expect(alice.page).to_have_url(crowd.site + scene.review)
    await is_still_there(alice)
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")


async def test_a_draft_that_was_sent_does_not_come_back(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.score("Readability", "5")
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")
    await alice.click("Get a submission to review")
    await expect(alice.field("Overall comment")).to_have_value("")


@pytest.mark.parametrize("path", ["/settings/tokens", "invitations"])
async def test_a_form_that_is_answered_by_a_page_leaves_no_draft(crowd: Crowd, db: Connection, path: str) -> None:
    alice = await crowd.member()
    if path == "invitations":
        scene = await worlds.under_way(db, [alice], strangers=2)
        await worlds.hand_over(db, scene, alice)
        path = f"{scene.track}/invitations"
    label, button = {"/settings/tokens": ("Where will you use it?", "Create token")}.get(
        path, ("How many people can use it", "Create link")
    )
    await alice.open(path)
    await alice.fill({label: "7"})
    await alice.click(button)
    await alice.sees("Copy it now: it is not shown again.")
    for _ in range(2):
        await expect(alice.field(label)).to_have_value("")
        await expect(alice.page.locator("[data-unchanged]")).to_have_count(0)
        await alice.open(path)


async def test_an_extension_that_one_participant_does_not_get_leaves_no_draft(crowd: Crowd, db: Connection) -> None:
    author, bob = await crowd.members(2)
    scene = await worlds.reviewing(db, [bob])
    await worlds.hand_over(db, scene, author)
    await begin_review(bob, scene)
    selection = f"{scene.track}/board/selection?action=extend&all=yes"
    await author.open(selection)
    later = datetime.now(UTC) + timedelta(hours=3)
    await author.fill({"New deadline": later.strftime("%Y-%m-%dT%H:%M"), "Reason": "The site was down."})
    await author.page.get_by_role("button", name="Extend for").click()
    await author.sees("1 was left out:")
    await author.open(selection)
    await expect(author.field("Reason")).to_have_value("")


async def test_one_persons_draft_is_not_shown_to_the_next_at_the_same_browser(crowd: Crowd, db: Connection) -> None:
    alice, bob = await crowd.members(2)
    scene = await worlds.reviewing(db, [alice, bob], strangers=1)
    await begin_review(alice, scene)
    await alice.sign_out()
    await alice.open("/sign-in")
    await alice.sign_in(username=bob.name)
    await alice.open(scene.review)
    await alice.click("Get a submission to review")
    await expect(alice.field("Overall comment")).to_have_value("")


# Every visible field of every form that sends text, as the person sees it.
TYPE_EVERYWHERE = """
() => [...document.querySelectorAll("main form[method=post]")].filter((form) => !form.querySelector(".secret"))
  .flatMap((form) => [...form.querySelectorAll("textarea, input:not([type]), input[type=text], input[type=url]")])
  .map((field) => {
    field.value += " typed";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return field.value;
  })
"""
READ_EVERYWHERE = TYPE_EVERYWHERE.replace('field.value += " typed";', "")


async def _loses_nothing(person: Person, path: str) -> int:
    """Type into every form of a page and load it again; return how many fields there are."""
    await person.open(path)
    typed = await person.page.evaluate(TYPE_EVERYWHERE)
    await person.open(path)
    await expect(person.page.locator("[data-unchanged]").first).to_be_visible()
    assert await person.page.evaluate(READ_EVERYWHERE) == typed
    return len(typed)


async def test_every_form_that_comes_filled_in_keeps_what_is_typed_over_it(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    under_way = await worlds.under_way(db, [alice])
    await alice.open(under_way.assignment)
    await alice.fill({"What did you learn?": "An entry to edit."})
    await alice.click("Save entry")
    await alice.fill({"Link to your repository": "https://example.com/alice/one"})
    await alice.click("Submit")
    await alice.sees_message("Submitted.")
    reviewing = await worlds.reviewing(db, [alice])
    await begin_review(alice, reviewing)
    await alice.score("Readability", "5")
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")
    revised = await alice.page.locator("a[href^='/submissions/']").first.get_attribute("href")
    assert revised is not None

    assert await _loses_nothing(alice, under_way.assignment) == 5
    assert await _loses_nothing(alice, revised) == 4
    await _loses_nothing(alice, "/settings")


async def test_an_edited_track_keeps_its_draft_with_its_rows(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    await write_track(
        alice,
        title="Before",
        places=5,
        review_hours="1",
        criteria=[CORRECTNESS],
        assignments=[{"Title": "First", "days": "", "hours": "2"}],
    )
    await alice.click("Edit")
    edit = alice.path
    await alice.fill({"Title": "After"})
    await alice.click("Add an assignment")
    await fill_row(alice.page, "Assignment 2", {"Title": "Second", "days": "", "hours": "3"})
    await alice.context.clear_cookies()
    await alice.open(edit)
    await alice.sign_in()
    await expect(alice.page).to_have_url(alice.site + edit)
    await expect(alice.field("Title")).to_have_value("After")
    await expect(row(alice.page, "Assignment 2").get_by_label("Title")).to_have_value("Second")
    await alice.click("Discard draft")
    await expect(alice.field("Title")).to_have_value("Before")
    await expect(row(alice.page, "Assignment 2")).to_have_count(0)


async def test_a_draft_says_whether_only_its_user_can_have_saved_something_else(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    await alice.fill({"Link to your repository": "https://example.com/alice/one"})
    phone = await crowd.visitor()
    await phone.open("/sign-in")
    await phone.sign_in(username=alice.name)
    await phone.open(scene.assignment)
    await phone.fill({"Link to your repository": "https://example.com/alice/two"})
    await phone.click("Submit")
    await phone.sees_message("Submitted.")
    await alice.open(scene.assignment)
    await alice.sees("You saved something here in the meantime.")

    track_id = await worlds.gathering(db, places=5, author=alice)
    await alice.open(f"/tracks/{track_id}/edit")
    await alice.fill({"Title": "Mine"})
    await db.execute("update tracks set title = 'Theirs' where id = $1", track_id)
    await alice.open(f"/tracks/{track_id}/edit")
    await alice.sees("Someone saved changes here in the meantime.")
    await expect(alice.field("Title")).to_have_value("Mine")


async def test_a_draft_of_a_track_from_before_times_had_parts_keeps_its_times(crowd: Crowd) -> None:
    alice = await crowd.member()
    await alice.open("/tracks/new")
    await alice.fill({"Title": "Kept"})
    await alice.page.get_by_role("radio", name="Private").check()
    await alice.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((each) => each.startsWith("draft:"));
            const draft = JSON.parse(localStorage.getItem(key));
            const others = draft.values.filter(([name]) => !/_(hours|days)-/.test(name));
            const old = { review_hours: "30", appeal_days: "5", "assignments-0-duration_hours": "1.5" };
            draft.values = [...others, ...Object.entries(old)];
            localStorage.setItem(key, JSON.stringify(draft));
        }"""
    )
    await alice.open("/tracks/new")
    await expect(alice.field("Title")).to_have_value("Kept")
    kept = {
        "#review_hours-hours": "30",
        "#review_hours-days": "",
        "#appeal_days-days": "5",
        "#assignments-0-duration_hours-hours": "1.5",
    }
    for field, value in kept.items():
        await expect(alice.page.locator(field)).to_have_value(value)
    await expect(alice.page.get_by_role("radio", name="Private")).to_be_checked()


async def test_a_discarded_draft_is_gone_and_the_form_as_it_was(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    await alice.open(scene.review)
    await alice.click("Discard draft")
    await expect(alice.field("Overall comment")).to_have_value("")
    await alice.open(scene.review)
    await expect(alice.page.locator("[data-unchanged]")).to_have_count(0)


async def test_signing_out_leaves_nothing_in_the_browser(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await begin_review(alice, scene)
    assert await alice.page.evaluate("localStorage.length") == 1
    await alice.sign_out()
    await alice.sees_message("You're signed out.")
    assert await alice.page.evaluate("localStorage.length") == 0


async def test_a_browser_without_storage_does_everything_else(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.reviewing(db, [alice])
    await alice.context.add_init_script(
        "for (const kind of ['localStorage', 'sessionStorage']) Object.defineProperty(window, kind, "
        "{ get() { throw new DOMException('denied', 'SecurityError'); } });"
    )
    await begin_review(alice, scene)
    await alice.sees("Still missing")
    await alice.score("Readability", "5")
    await alice.sees("Ready to send.")
    await alice.click("Send review")
    await alice.sees_message("Review sent. Thank you!")
