"""The table of the dashboard scrolls with the page, and its head, names and actions stay in sight."""

import pytest

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

pytestmark = pytest.mark.anyio
# Where the head and the actions are, and whether the table scrolls by itself.
PLACES = """() => {
    scrollTo(0, document.querySelector("table").getBoundingClientRect().top + 60);
    const place = (selector) => document.querySelector(selector).getBoundingClientRect();
    const table = document.querySelector(".tall");
    return [place("thead th").top, innerHeight - place(".chosen").bottom, table.scrollHeight - table.clientHeight];
}"""


async def test_the_table_scrolls_with_the_page_and_its_head_stays(crowd: Crowd, db: Connection) -> None:
    author = await crowd.member()
    scene = await worlds.under_way(db, [], strangers=8)
    await worlds.hand_over(db, scene, author)
    page = await author.open(f"{scene.track}/board")
    await page.set_viewport_size({"width": 1440, "height": 320})
    assert await page.evaluate(PLACES) == [0, 0, 0]
