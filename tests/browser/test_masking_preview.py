"""Authors look at their code as reviewers see it, and hide more of it."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # It has no types.
from playwright.async_api import expect

from learning_platform.attempts.actions import hand_in
from learning_platform.core.database import Connection
from learning_platform.snapshots.freezing import Received
from tests.browser import worlds
from tests.browser.people import Crowd
from tests.browser.tour import OPTIONS, RUN, TOO_WIDE
from tests.frozen import tree

pytestmark = pytest.mark.anyio
USER_ID = "select id from users where username = $1"


async def test_an_author_hides_a_word_and_sees_it_marked(crowd: Crowd, db: Connection) -> None:
    author, other = await crowd.members(2)
    scene = await worlds.under_way(db, [author, other])
    files = {"Vanya/README.md": "# Lab\nBy Vanya\n", "main.py": "import os  # Vanya's\n"}
    async with db.transaction():
        user_id = await db.fetchval(USER_ID, author.name)
        received = Received("archive", tree=tree(files))
        await hand_in(
            db,
            assignment_id=scene.assignment_id,
            user_id=user_id,
            received=received,
            comment="By Ваня",
            now=datetime.now(UTC),
        )
    await author.page.add_init_script(AXE_SCRIPT)
    page = await author.open(f"/assignments/{scene.assignment_id}")

    await page.get_by_role("link", name="What reviewers see").click()
    await page.get_by_label("What else would give you away?").fill("x")
    await page.get_by_role("button", name="Save and look again").click()
    await expect(page.get_by_text("x: Use at least 2 characters.")).to_be_visible()
    author.was_refused(422)
    await page.get_by_label("What else would give you away?").fill("Vanya")
    await page.get_by_role("button", name="Save and look again").click()

    await expect(page.get_by_role("heading", name="3 places hidden in 2 files")).to_be_visible()
    # Beside those of the explanation and of the note.
    await expect(page.locator(".file mark.masked")).to_have_count(3)
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        found = await page.evaluate(RUN, OPTIONS)
        assert [(each["id"], [node["html"][:150] for node in each["nodes"]][:3]) for each in found] == []
        assert await page.evaluate(TOO_WIDE) == 0
    await page.get_by_role("link", name="Back to the code").click()
    await expect(page.get_by_role("heading", name="Your code")).to_be_visible()
