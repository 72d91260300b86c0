"""A track is written in one form, with scripts and without."""

import pytest
from playwright.async_api import Position, expect

from tests.browser.authors import CORRECTNESS, READABILITY, fill_row, fill_rows, row
from tests.browser.people import Crowd, Person
from tests.browser.tour import NARROW

pytestmark = pytest.mark.anyio
HELLO = {"Title": "Hello", "days": "2", "minutes": "", "Task description": "Say **hello**."}
GOODBYE = {"Title": "Goodbye", "days": "1", "minutes": "30"}
# Without scripts every press is a page; with them the page stays.
BOTH_WAYS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


async def titles(author: Person) -> list[str]:
    """Return the titles of the assignments as they stand in the form."""
    fields = await author.page.locator("#assignments").get_by_label("Title", exact=True).all()
    return [await field.input_value() for field in fields]


@BOTH_WAYS
async def test_rows_are_added_moved_and_removed_and_the_track_is_as_the_form_says(crowd: Crowd, scripts: bool) -> None:
    author = await crowd.member(java_script_enabled=scripts)
    page = await author.open("/tracks/new")
    await author.fill({"Title": "Two words", "Places": "3", "days": "", "hours": "12"})
    await fill_rows(author, "Criterion", "Add a criterion", [CORRECTNESS, READABILITY])
    await fill_rows(author, "Assignment", "Add an assignment", [GOODBYE, HELLO, {"Title": "Nothing"}])
    await expect(row(page, "Assignment 3")).to_be_visible()

    await page.get_by_role("button", name="Move assignment 2 up").press("Enter")
    await expect(row(page, "Assignment 1").get_by_label("Title", exact=True)).to_have_value("Hello")
    await page.get_by_role("button", name="Remove assignment 3").click()
    await expect(row(page, "Assignment 3")).to_have_count(0)
    assert await titles(author) == ["Hello", "Goodbye"]

    await author.click("Save and publish…")
    await author.sees("Publish this track?", "1 assignment has no task description.")
    await author.click("Publish")
    await author.sees_message("Track published. Enrollment is open.")
    await author.sees(
        "0 of 3, starts when full", "2 days to submit, then 12 hours for reviews", "Correctness", "0 to 5"
    )
    stops = page.locator(".timeline h3")
    await expect(stops).to_have_text(["Hello", "Goodbye"])


@BOTH_WAYS
async def test_a_track_that_is_refused_keeps_everything_and_marks_the_field(crowd: Crowd, scripts: bool) -> None:
    author = await crowd.member(java_script_enabled=scripts)
    page = await author.open("/tracks/new")
    await author.fill({"Title": "Too long", "Places": "2", "days": "", "hours": "1"})
    await fill_rows(author, "Criterion", "Add a criterion", [CORRECTNESS])
    await fill_rows(author, "Assignment", "Add an assignment", [{"Title": "Hello", "days": "", "hours": "a while"}])
    await author.click("Save as draft")
    await author.sees("Please fix the highlighted fields.")
    hours = row(page, "Assignment 1").get_by_label("hours", exact=True)
    await expect(hours).to_have_attribute("aria-invalid", "true")
    await expect(hours).to_have_value("a while")
    await expect(row(page, "Assignment 1").get_by_label("days", exact=True)).to_be_focused()
    await expect(author.field("Title").first).to_have_value("Too long")
    author.was_refused(422)
    await hours.fill("1")
    await author.click("Save as draft")
    await author.sees_message("Draft saved.")


async def test_a_row_is_moved_by_the_mouse(crowd: Crowd) -> None:
    # High enough for both rows: nothing scrolls while the mouse drags.
    author = await crowd.member(viewport={"width": 1280, "height": 3600})
    page = await author.open("/tracks/new")
    await fill_rows(author, "Assignment", "Add an assignment", [HELLO, GOODBYE])
    below = row(page, "Assignment 2")
    box = await below.bounding_box()
    assert box is not None
    # Dropped on its lower half a row comes after another, on its upper half before it.
    lower = Position(x=box["width"] / 2, y=box["height"] * 0.75)
    await row(page, "Assignment 1").locator("[data-grip]").drag_to(below, target_position=lower)
    await expect(row(page, "Assignment 1").get_by_label("Title", exact=True)).to_have_value("Goodbye")
    assert await titles(author) == ["Goodbye", "Hello"]


async def test_the_calendar_and_the_description_are_previewed_while_typing(crowd: Crowd) -> None:
    author = await crowd.member()
    page = await author.open("/tracks/new")
    await author.fill({"days": "", "hours": "24", "Description": "For **beginners**."})
    await fill_row(page, "Assignment 1", {"Title": "Hello", "days": "", "hours": "24"})
    foreseen = page.get_by_role("region", name="If the track started now")
    await expect(foreseen.get_by_role("heading", name="Hello")).to_be_visible()
    await expect(foreseen).to_contain_text("From start to end: 2 d.")
    await page.locator("summary").filter(has_text="Preview").first.click()
    await expect(page.get_by_role("strong").filter(has_text="beginners")).to_be_visible()


async def test_what_an_author_typed_survives_a_closed_tab(crowd: Crowd) -> None:
    author = await crowd.member()
    await author.open("/tracks/new")
    await author.fill({"Title": "An evening's work"})
    await fill_rows(author, "Assignment", "Add an assignment", [HELLO, GOODBYE])
    await author.page.close()
    author = await author.another_tab("/tracks/new")
    await author.sees("This is your unsent draft.")
    await expect(author.field("Title").first).to_have_value("An evening's work")
    assert await titles(author) == ["Hello", "Goodbye"]


@BOTH_WAYS
async def test_on_a_phone_save_is_in_reach_and_covers_no_field(crowd: Crowd, scripts: bool) -> None:
    author = await crowd.member(viewport=NARROW, java_script_enabled=scripts)
    page = await author.open("/tracks/new")
    save, state = page.get_by_role("button", name="Save as draft"), page.locator(".save-bar").get_by_role("status")
    await expect(save).to_be_in_viewport(ratio=1)
    await expect(state).to_have_text("")
    bar = await page.locator(".save-bar").bounding_box()
    assert bar is not None
    for field in await page.locator("form[data-track] :is(input, select):visible").all():
        await field.focus()
        box = await field.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= bar["y"]
    await author.fill({"Title": "Half a track"})
    await expect(state).to_have_text("Unsaved changes" if scripts else "")
    await author.fill({"Title": ""})
    await expect(state).to_have_text("")


@BOTH_WAYS
async def test_pasted_titles_become_folded_rows_until_they_are_taken_back(crowd: Crowd, scripts: bool) -> None:
    author = await crowd.member(java_script_enabled=scripts)
    page = await author.open("/tracks/new")
    await fill_row(page, "Assignment 1", HELLO)
    await author.click("Paste a list of titles")
    await author.fill({"Titles, one per line": "1. Lists\n2. Trees\n3. Graphs"})
    await author.click("Add these assignments")
    await author.sees("3 assignments added.")
    await expect(author.control("Undo")).to_be_focused()
    assert await titles(author) == ["Hello", "Lists", "Trees", "Graphs"]
    trees = row(page, "Assignment 3")
    await expect(trees.get_by_label("Title", exact=True)).to_be_hidden()
    await expect(trees.locator("summary").first).to_contain_text("Trees 2 days to submit no task description")
    await author.click("Undo")
    await expect(author.field("Titles, one per line")).to_have_value("Lists\nTrees\nGraphs")
    assert await titles(author) == ["Hello"]


async def test_a_row_that_was_unfolded_moves_unfolded(crowd: Crowd) -> None:
    author = await crowd.member()
    page = await author.open("/tracks/new")
    await author.click("Paste a list of titles")
    await author.fill({"Titles, one per line": "Lists\nTrees\nGraphs\nHeaps"})
    await author.click("Add these assignments")
    await row(page, "Assignment 2").locator("summary").first.press("Enter")
    await expect(row(page, "Assignment 2").get_by_label("Title", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Move assignment 2 down").click()
    await expect(row(page, "Assignment 3").get_by_label("Title", exact=True)).to_have_value("Trees")
    await expect(row(page, "Assignment 3").get_by_label("Title", exact=True)).to_be_visible()
    await expect(row(page, "Assignment 2").get_by_label("Title", exact=True)).to_be_hidden()
