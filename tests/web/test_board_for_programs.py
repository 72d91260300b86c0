"""The board and the results, for programs: searched, filtered, sorted, in parts."""

import pytest

from tests.domain.reviews.scene import come, reviewing
from tests.people import School

pytestmark = pytest.mark.anyio


async def test_a_program_finds_sorts_and_pages_the_board(school: School) -> None:
    scene = await reviewing(school, 4, handing_in=3)
    await come(scene, "reviews_due_at")
    board = f"/tracks/{scene.track_id}/board"
    names = sorted(person.username for person in scene.people)

    first = await scene.author.get(f"{board}?sort=-name&limit=3")
    assert [row["username"] for row in first.json()] == names[:0:-1]
    assert first.headers["Link"] == f'<{board}?sort=-name&offset=3&limit=3>; rel="next"'
    last = await scene.author.get(f"{board}?sort=-name&limit=3&offset=3")
    assert ([row["username"] for row in last.json()], "Link" in last.headers) == (names[:1], False)
    absent = scene.people[3]
    query = f"filter=not_submitted&assignment_id={scene.assignment_id}&q={absent.username[1:]}"
    (row,) = await scene.author.ok("GET", f"{board}?{query}")
    assert (row["id"], row["cells"][0]["submission_id"]) == (absent.id, None)


async def test_the_board_is_for_staff_and_refuses_what_it_does_not_know(school: School) -> None:
    scene = await reviewing(school, 2)
    board, results = (f"/tracks/{scene.track_id}/{name}" for name in ("board", "results"))
    await scene.people[0].refused("GET", board, 403, "not_the_author")
    await scene.author.refused("GET", f"{board}?sort=a999", 404, "assignment_not_found")
    await scene.author.refused("GET", f"{board}?assignment_id=999", 404, "assignment_not_found")
    for path in (f"{board}?sort=age", f"{board}?filter=odd", f"{results}?sort=owed"):
        await scene.author.refused("GET", path, 422, "invalid_input")


async def test_results_are_found_and_sorted_as_they_are_shown(school: School) -> None:
    scene = await reviewing(school, 4)
    await come(scene, "reviews_due_at")
    reader, path = scene.people[0], f"/tracks/{scene.track_id}/results"
    rows = await reader.ok("GET", f"{path}?sort=-name")
    assert [row["username"] for row in rows] == sorted((each.username for each in scene.people), reverse=True)
    (found,) = await reader.ok("GET", f"{path}?q={reader.username}&sort=-a{scene.assignment_id}")
    assert found["id"] == reader.id
    second = await reader.get(f"{path}?sort=name&offset=1&limit=1")
    assert [row["username"] for row in second.json()] == [sorted(each.username for each in scene.people)[1]]
