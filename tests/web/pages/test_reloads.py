"""A form that is refused is shown at the address it was sent to: a reload there leads on to the page that has it."""

import pytest

from tests.browser.page_kinds import FORMS
from tests.full_class import full_class
from tests.people import School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio
IDS = {
    "appeals": "select id from appeals",
    "assignments": "select id from assignments",
    "posts": "select id from question_posts",
    "questions": "select id from questions",
    "reviews": "select id from reviews",
    "submissions": "select id from submissions",
    "threads": "select id from threads",
    "tracks": "select id from tracks",
}


async def test_a_reload_of_a_refused_form_leads_to_its_page(school: School) -> None:
    world = await full_class(school, lambda field, _most: field)
    readers = [signed_in(school, person) for person in (world.alice, world.bob, world.author)]
    async with school.services.database.connection() as db:
        ids = {name: [row["id"] for row in await db.fetch(statement)] for name, statement in IDS.items()}
    for form in sorted(FORMS):
        paths = [form.replace("/0/", f"/{id}/") for id in ids.get(form.split("/")[1], [0])]
        assert any([await leads_on(reader, path) for path in paths for reader in readers]), form


async def leads_on(reader: Browser, path: str) -> bool:
    """Say whether a page redirects a reader to one that they may see."""
    answer = await reader.get(path)
    assert answer.status_code < 500
    return bool(answer.history) and answer.status_code == 200
