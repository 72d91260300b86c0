"""Lists: pages of at most `limit`, each with a link to the next."""

import re
from typing import Any

import pytest

from tests.people import Person, School

NEXT = re.compile(r'<([^>]+)>; rel="next"')

MANY_TRACKS = """
with created as (
    insert into tracks (author_id, title, description, required_participants, review_hours, created_at)
    select $1, 'Many ' || n, '', 5, 1, $2 from generate_series(1, 60) n returning id
)
insert into criteria (track_id, position, name, description, max_score) select id, 0, 'Style', '', 5 from created
"""


async def pages(reader: Person, path: str, **query: Any) -> list[list[int]]:
    """Return the ids on every page, following the links."""
    found = []
    response = await reader.get(path, params=query)
    while True:
        assert response.status_code == 200, response.text
        found.append([each["id"] for each in response.json()])
        link = NEXT.fullmatch(response.headers.get("link", ""))
        if link is None:
            return found
        response = await reader.get(link[1])


@pytest.fixture
async def reader(campus: School) -> Person:
    """Return a user with seven tracks, and with seven entries and fourteen messages about the last."""
    reader, other = await campus.people(2)
    for _ in range(7):
        track = await campus.running_track(reader, [reader, other], title=f"Paged {reader.username}")
    (assignment_id, _) = await campus.assignment_ids(reader, track)
    for number in range(7):
        await reader.ok("POST", f"/assignments/{assignment_id}/diary", 201, json={"text": f"Entry {number}"})
    reader.headers["X-Assignment"] = str(assignment_id)
    return reader


async def test_every_list_comes_in_pages_that_hold_everything_once_and_in_order(reader: Person) -> None:
    diary = f"/assignments/{reader.headers['X-Assignment']}/diary"
    lists: list[tuple[str, dict[str, Any], int]] = [
        ("/tracks", {"q": f"Paged {reader.username}"}, 7),
        ("/tracks/my", {}, 7),
        ("/notifications", {}, 14),
        ("/notifications", {"unread": True}, 14),
        (diary, {"author": "me"}, 7),
    ]
    for path, query, count in lists:
        whole = [id for page in await pages(reader, path, limit=200, **query) for id in page]
        assert len(whole) == count, path
        assert whole == sorted(set(whole))
        for limit in (1, 3, 7):
            found = await pages(reader, path, limit=limit, **query)
            assert [id for page in found for id in page] == whole
            assert all(len(page) == limit for page in found[:-1])
        assert [id for page in await pages(reader, path, after=whole[2], **query) for id in page] == whole[3:]


async def test_a_link_keeps_what_was_asked_for(reader: Person) -> None:
    response = await reader.get("/tracks", params={"q": "Paged", "status": "running", "limit": 2})
    link = NEXT.fullmatch(response.headers["link"])
    assert link is not None
    assert "q=Paged" in link[1]
    assert "status=running" in link[1]
    assert "limit=2" in link[1]


async def test_a_list_that_fits_links_nowhere(reader: Person) -> None:
    assert "link" not in (await reader.get("/tracks/my")).headers


async def test_fifty_come_unless_more_are_asked_for_and_never_more_than_two_hundred(campus: School) -> None:
    alice, bob = await campus.people(2)
    async with campus.services.database.transaction() as db:
        await db.execute(MANY_TRACKS, alice.id, campus.clock.now)
    assert len(await alice.ok("GET", "/tracks/my")) == 50
    assert len(await alice.ok("GET", "/tracks/my", params={"limit": 200})) == 60
    for limit in (0, 201, -1):
        await bob.refused("GET", "/tracks/my", 422, "invalid_input", params={"limit": limit})
