"""Questions under an assignment in a browser: asked, answered, pinned, reported and hidden; names are completed."""

import pytest
from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_question_is_asked_answered_pinned_reported_and_hidden(
    crowd: Crowd, db: Connection, scripts: bool
) -> None:
    author, alice, bob = [await crowd.member(java_script_enabled=scripts) for _ in range(3)]
    scene = await worlds.under_way(db, [alice, bob])
    await worlds.hand_over(db, scene, author)
    await alice.open(f"{scene.assignment}/questions")
    await alice.sees("No questions yet.")
    await alice.fill({"Title": "One word or two?", "Question": f"Are *hyphens* one word, @{author.name}?"})
    await alice.click("Ask")
    await alice.sees_message("Question sent.")
    question = alice.path.partition("#")[0]
    await expect(alice.page.locator(".prose em")).to_have_text("hyphens")

    await author.open(question)
    await author.fill({"Answer": "They are not."})
    await author.click("Send answer")
    await author.click("Pin")
    await author.sees("pinned", "They are not.")
    await alice.open(question)
    await alice.click("Mark as answered")
    await alice.sees("answered", "1 answer")

    await bob.open(question)
    await bob.sees("A participant")
    await expect(bob.page.get_by_role("main")).not_to_contain_text(alice.name)
    await bob.fill({"Answer": "Buy followers at spam dot example"})
    await bob.click("Send answer")
    await alice.open(question)
    reported = alice.page.locator("article", has_text="Buy followers")
    await reported.locator("summary").click()
    await reported.get_by_label("Reason").fill("Advertising")
    await reported.get_by_role("button", name="Report").click()
    await alice.sees_message("Reported.")

    await author.open(f"{scene.track}/questions?show=reported")
    await author.click("One word or two?")
    await author.sees("Advertising")
    spam = author.page.locator("article", has_text="Buy followers")
    await spam.get_by_role("button", name="Hide", exact=True).click()
    await author.sees("hidden")
    await alice.open(question)
    await alice.sees("The staff of the track have hidden this.")
    await expect(alice.page.get_by_role("main")).not_to_contain_text("Buy followers")


async def test_names_that_may_be_seen_are_completed_with_the_keyboard(crowd: Crowd, db: Connection) -> None:
    author, alice, bob = await crowd.members(3)
    scene = await worlds.under_way(db, [alice, bob])
    await worlds.hand_over(db, scene, author)
    page = await alice.open(f"{scene.assignment}/questions")
    names = page.get_by_role("listbox", name="People to mention")
    field = alice.field("Question")
    await field.press_sequentially("Mail me@person or ask @pers")
    # Other participants are not named before the reviews are done.
    await expect(names.get_by_role("option")).to_have_text([f"{author.name} track staff"])
    await field.press("Enter")
    await expect(field).to_have_value(f"Mail me@person or ask @{author.name} ")
    await expect(names).to_be_hidden()
    await field.press_sequentially("@")
    await field.press("Escape")
    await expect(names).to_be_hidden()

    page = await author.open(f"{scene.assignment}/questions")
    names, field = page.get_by_role("listbox", name="People to mention"), author.field("Question")
    await field.press_sequentially("@person_")
    options = names.get_by_role("option")
    found = sorted([alice.name, bob.name])
    await expect(options).to_have_text(found)
    await field.press("ArrowDown")
    await expect(field).to_have_attribute("aria-activedescendant", await options.nth(1).get_attribute("id") or "")
    await options.nth(0).click()
    await expect(field).to_have_value(f"@{found[0]} ")
    await expect(field).to_be_focused()
