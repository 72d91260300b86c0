"""Code is read and commented on by keyboard, on a phone, and without a script; nothing is wrong with the page."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # It has no types.
from playwright.async_api import expect

from learning_platform.attempts.actions import hand_in
from learning_platform.core.database import Connection
from learning_platform.snapshots.freezing import Received
from tests.browser import worlds
from tests.browser.people import Crowd, Person, toasts
from tests.browser.tour import OPTIONS, RUN, TOO_WIDE
from tests.frozen import give_starter_tree
from tests.sample_project import project, starter

pytestmark = pytest.mark.anyio
USER_ID = "select id from users where username = $1"
CLAIM = """
insert into claims (assignment_id, submission_id, reviewer_id, reason, claimed_at, claimed_until)
values ($1, $2, $3, 'volunteer', $4::timestamptz, $4 + interval '1 day')
"""


async def test_a_reviewer_comments_by_keyboard(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db)
    page = await reviewer.open(path)

    await page.keyboard.press("]")
    for _ in range(3):
        await page.keyboard.press("j")
    await expect(page.locator("tr.here")).to_have_count(1)
    await page.keyboard.press("c")
    await expect(page.locator(".talk textarea")).to_be_focused()
    # Keys are text while one types.
    await page.keyboard.type("just checking v t ?")
    await expect(page.locator(".talk textarea")).to_have_value("just checking v t ?")
    await page.get_by_role("button", name="Save draft").click()

    await expect(page.locator(".thread .prose", has_text="just checking")).to_be_visible()


async def test_files_are_viewed_folded_and_found(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db)
    page = await reviewer.open(path)
    file = page.locator(".file", has=page.get_by_role("heading", name="src/lib.rs"))

    await file.get_by_role("button", name="Viewed").click()
    await expect(file.locator(".lines")).to_be_hidden()
    await page.reload()
    await expect(file.get_by_text("You have viewed this file.")).to_be_visible()
    await file.get_by_role("link", name="Show the file").click()
    await expect(file.locator(".lines")).to_be_visible()
    await page.keyboard.press("t")
    await page.keyboard.type("count.py")
    await expect(page.locator(".files li[data-path]:visible")).to_have_count(2)


async def test_the_review_is_written_beside_the_code(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db)
    page = await reviewer.open(path)
    await page.set_viewport_size({"width": 1440, "height": 900})
    form, code = page.locator(".rubric"), page.locator(".file-list")
    await form.get_by_label("Overall comment").fill("Half of a review")
    box, beside = await form.bounding_box(), await code.bounding_box()
    assert box is not None
    assert beside is not None
    assert box["x"] >= beside["x"] + beside["width"]
    # On a phone the form is below the code, and a button leads to it.
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("link", name="Your review").click()
    await expect(form.get_by_label("Overall comment")).to_have_value("Half of a review")
    await expect(page.locator("#review")).to_be_in_viewport()
    # The form on its own page goes on with the same text.
    await page.get_by_role("link", name="Open on its own page").click()
    await expect(page.locator(".rubric").get_by_label("Overall comment")).to_have_value("Half of a review")


async def test_a_range_of_lines_is_chosen_with_shift(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db)
    page = await reviewer.open(f"{path}?file=src/words/count.py")

    await page.get_by_role("link", name="5", exact=True).last.click()
    await page.get_by_role("link", name="8", exact=True).last.click(modifiers=["Shift"])

    await expect(page.get_by_text("lines 5 to 8")).to_be_visible()


async def test_without_a_connection_the_page_stays_and_says_so(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db)
    page = await reviewer.open(f"{path}?view=all")
    await expect(page.locator(".files[data-ready]")).to_be_visible()
    await page.context.set_offline(True)
    said = toasts(page).filter(has_text="No connection. Nothing was lost.")

    await page.get_by_role("link", name="5", exact=True).last.click()
    await expect(said).to_have_count(1)
    await page.evaluate("document.querySelector('.toasts').replaceChildren()")
    viewed = page.get_by_role("button", name="Viewed").first
    await viewed.click()
    await expect(said).to_have_count(1)
    await expect(viewed).to_have_attribute("aria-pressed", "false")

    await page.context.set_offline(False)
    await viewed.click()
    await expect(viewed).to_have_attribute("aria-pressed", "true")
    for trouble in ("failed: GET", "failed: POST", "console: Failed to load resource"):
        reviewer.watch.forgive(trouble)


async def test_the_form_for_a_comment_is_closed_with_nothing_in_it(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db)
    page = await reviewer.open(f"{path}?file=src/words/count.py")
    line, form = page.get_by_role("link", name="5", exact=True).last, page.locator(".file-list .comment-form")

    await line.click()
    await form.get_by_role("link", name="Cancel").click()
    await expect(form).to_have_count(0)
    await expect(line).to_be_focused()
    await line.click()
    await expect(form.locator("textarea")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    # What is typed is not thrown away by a key; cancelled, it is a draft that can be deleted.
    await line.click()
    await form.locator("textarea").fill("Half a thought")
    await page.keyboard.press("Escape")
    await expect(form.locator("textarea")).to_have_value("Half a thought")
    await form.get_by_role("link", name="Cancel").click()
    thread = page.locator(".talk .thread", has_text="Half a thought")
    await expect(thread).to_contain_text("Draft, not sent yet")
    await expect(form).to_have_count(0)
    await thread.get_by_role("button", name="Delete").click()
    await reviewer.sees_message("Draft deleted.")
    # Below a file the form comes with its page, and goes with it.
    await page.get_by_role("link", name="Comment src/words/count.py").click()
    await form.get_by_role("link", name="Cancel").click()
    await expect(form).to_have_count(0)


async def test_the_form_for_a_comment_is_closed_without_a_script(crowd: Crowd, db: Connection) -> None:
    reviewer, path = await _reviewer(crowd, db, java_script_enabled=False)
    page = await reviewer.open(f"{path}?file=src/words/count.py")
    form = page.locator(".file-list .comment-form")

    await page.get_by_role("link", name="5", exact=True).last.click()
    await form.get_by_role("link", name="Cancel").click()

    await expect(form).to_have_count(0)
    await expect(page).to_have_url(re.compile(r"/code\?file=[^#]*count\.py#f[0-9a-f]+-R5$"))


@pytest.mark.parametrize("query", ["", "?sides=2", "?view=all", "?file=src/words/count.py"])
async def test_nothing_is_wrong_with_the_page(crowd: Crowd, db: Connection, query: str) -> None:
    reviewer, path = await _reviewer(crowd, db)
    await reviewer.page.add_init_script(AXE_SCRIPT)
    for width in (1440, 390):
        await reviewer.page.set_viewport_size({"width": width, "height": 900})
        page = await reviewer.open(path + query)
        found = await page.evaluate(RUN, OPTIONS)
        assert [(each["id"], [node["html"][:150] for node in each["nodes"]][:3]) for each in found] == []
        assert await page.evaluate(TOO_WIDE) == 0


async def _reviewer(crowd: Crowd, db: Connection, **options: Any) -> tuple[Person, str]:
    """Return who holds a claim of a small project, and where its code is."""
    author, reviewer = await crowd.member(), await crowd.member(**options)
    scene = await worlds.under_way(db, [author, reviewer])
    now = datetime.now(UTC)
    async with db.transaction():
        await give_starter_tree(db, scene.assignment_id, starter(), now=now)
        handed_in = await hand_in(
            db,
            assignment_id=scene.assignment_id,
            user_id=await db.fetchval(USER_ID, author.name),
            received=Received("archive", tree=project()),
            comment=None,
            now=now,
        )
    await worlds.let_deadline_pass(db, scene.track_id)
    reviewer_id = await db.fetchval(USER_ID, reviewer.name)
    await db.execute(CLAIM, scene.assignment_id, handed_in.submission.id, reviewer_id, datetime.now(UTC))
    return reviewer, f"/submissions/{handed_in.submission.id}/code"
