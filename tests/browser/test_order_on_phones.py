"""On a phone, a page begins with what is read first."""

from playwright.async_api import ViewportSize

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd

PHONE, DESKTOP = ViewportSize(width=390, height=800), ViewportSize(width=1280, height=800)


async def test_the_text_of_an_assignment_comes_before_the_form_to_submit(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    main = alice.page.get_by_role("main")
    parts = [main.locator(".prose, .faint").first, main.locator(".card.now"), main.locator("#diary")]
    for size in (PHONE, DESKTOP):
        await alice.page.set_viewport_size(size)
        boxes = [await part.bounding_box() for part in parts]
        task, form, diary = [box["y"] for box in boxes if box]
        assert task < diary
        # On a wide screen the form is beside the text, and the diary does not wait for its end.
        assert task < form < diary if size is PHONE else form < diary
