"""The catalogue in a browser: the list follows the filters, and so does the address."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.async_api import Page, Request, Route, expect

from learning_platform.core.database import Connection
from learning_platform.tracks.details import Details, DetailsChange, set_details
from tests.browser import worlds
from tests.browser.people import Crowd, Person
from tests.browser.tour import NARROW
from tests.waiting import until

pytestmark = pytest.mark.anyio
STATED = {
    "Slow": Details(level="beginner", effort=8),
    "Quick": Details(level="beginner", effort=3),
    "Hard": Details(level="advanced", effort=5),
}


@pytest.fixture
async def word(db: Connection) -> str:
    """Create three tracks; return the word that no other track has."""
    # Words of other tests are not even similar to it.
    word = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:12]
    for places, (title, stated) in enumerate(STATED.items(), start=3):
        track_id = await worlds.gathering(db, places=places, title=f"{title} {word}")
        await set_details(db, track_id=track_id, change=DetailsChange(("level", "effort"), stated))
    return word


async def lists(page: Page, *titles: str) -> None:
    """Wait until these tracks are listed, in this order."""
    cards = page.locator("#results .cards > li")
    await expect(cards).to_have_count(len(titles))
    for card, title in zip(await cards.all(), titles, strict=True):
        await expect(card).to_contain_text(title)


def asked_for(person: Person) -> dict[str, list[str]]:
    return parse_qs(urlsplit(person.page.url).query)


async def test_the_list_follows_the_filters_and_can_be_shared(crowd: Crowd, word: str) -> None:
    visitor = await crowd.visitor()
    page = await visitor.open("/tracks")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if is_for_list(request) else None)
    search = page.get_by_role("searchbox", name="Search")
    await search.press_sequentially(word)
    await expect(page.get_by_role("status").filter(has_text="3 tracks shown")).to_have_count(1)
    await lists(page, "Hard", "Quick", "Slow")
    assert len(requests) == 1
    await expect(search).to_be_focused()
    await page.get_by_label("Order").select_option("Least time per week first")
    await lists(page, "Quick", "Hard", "Slow")
    await page.get_by_label("Level", exact=True).select_option("Beginner")
    await lists(page, "Quick", "Slow")
    await expect(page.get_by_role("status").filter(has_text="2 tracks shown")).to_have_count(1)
    assert asked_for(visitor) == {"q": [word], "level": ["beginner"], "sort": ["effort"]}
    assert len(requests) == 3

    other = await crowd.visitor()
    page = await other.open(visitor.path)
    await lists(page, "Quick", "Slow")
    await expect(page.get_by_role("searchbox", name="Search")).to_have_value(word)
    await expect(page.get_by_label("Level", exact=True)).to_have_value("beginner")


async def test_going_back_shows_what_was_chosen(crowd: Crowd, word: str) -> None:
    visitor = await crowd.visitor()
    await visitor.open("/")
    page = await visitor.open(f"/tracks?q={word}")
    await page.get_by_label("Level", exact=True).select_option("Advanced")
    await lists(page, "Hard")
    await page.get_by_label("Level", exact=True).select_option("Beginner")
    await lists(page, "Quick", "Slow")
    await page.locator("#results .cards a").first.click()
    await page.wait_for_url("**/tracks/*")
    await page.go_back()
    await lists(page, "Quick", "Slow")
    await expect(page.get_by_label("Level", exact=True)).to_have_value("beginner")
    # One step further is where the visitor came from: each choice is not a step of its own.
    await page.go_back()
    await page.wait_for_url(f"{visitor.site}/")


async def test_a_late_answer_does_not_replace_a_newer_one(crowd: Crowd, word: str) -> None:
    visitor = await crowd.visitor()
    page = await visitor.open(f"/tracks?q={word}")
    late: list[Route] = []
    await page.route(lambda address: "level=beginner" in address, lambda route: late.append(route))
    await page.get_by_label("Level", exact=True).select_option("Beginner")
    await until(lambda: bool(late))
    await page.get_by_label("Level", exact=True).select_option("Advanced")
    await lists(page, "Hard")
    async with page.expect_response(lambda response: "level=beginner" in response.url):
        await late[0].continue_()
    # Enough for a page that took the late answer to show it.
    await page.wait_for_timeout(300)
    await lists(page, "Hard")
    assert asked_for(visitor)["level"] == ["advanced"]


async def test_nothing_found_is_said_and_filters_are_cleared(crowd: Crowd, word: str) -> None:
    visitor = await crowd.visitor()
    page = await visitor.open(f"/tracks?q={word}")
    await page.get_by_label("Level", exact=True).select_option("Intermediate")
    await expect(page.get_by_role("status").filter(has_text="No tracks found.")).to_have_count(1)
    await visitor.click("Clear filters")
    await page.wait_for_url(f"{visitor.site}/tracks")
    await expect(page.get_by_role("searchbox", name="Search")).to_have_value("")


async def test_without_scripts_a_button_filters(crowd: Crowd, word: str) -> None:
    visitor = await crowd.visitor(java_script_enabled=False)
    page = await visitor.open("/tracks")
    await page.get_by_role("searchbox", name="Search").fill(word)
    await page.get_by_label("Order").select_option("Fewest free places first")
    await visitor.click("Filter")
    await lists(page, "Slow", "Quick", "Hard")
    assert asked_for(visitor)["sort"] == ["places"]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_on_a_phone_filters_are_folded_counted_and_taken_away_one_by_one(
    crowd: Crowd, word: str, scripts: bool
) -> None:
    visitor = await crowd.visitor(viewport=NARROW, java_script_enabled=scripts)
    page = await visitor.open(f"/tracks?q={word}&effort=4")
    level, folded = page.get_by_label("Level", exact=True), page.locator("summary").filter(has_text="Filters")
    await expect(level).to_be_hidden()
    await folded.click()
    await level.select_option("Beginner")
    if not scripts:
        await visitor.click("Filter")
    await lists(page, "Quick")
    await expect(folded).to_contain_text("Filters 2")
    await page.get_by_role("link", name="up to 4 hours a week").click()
    await lists(page, "Quick", "Slow")
    assert asked_for(visitor) == {"q": [word], "level": ["beginner"]}
    await expect(folded).to_contain_text("Filters 1")


def is_for_list(request: Request) -> bool:
    return urlsplit(request.url).path == "/tracks"
