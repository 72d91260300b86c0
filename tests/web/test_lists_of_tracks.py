"""Submissions, appeals, returns and reviewers of a track, for its staff: searched, filtered, sorted, in parts."""

import pytest

from tests.domain.reviews.scene import Scene, come, return_path, reviewing
from tests.people import Json, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
EVERY_ORDER = {
    "submissions": ("submitted", "name", "reviews"),
    "returns": ("returned", "name", "reviewer"),
    "appeals": ("created", "name"),
    "review-quality": ("name", "reviews", "helpful", "unhelpful", "severity"),
}


async def _with_everything(school: School) -> Scene:
    """One of four has returned a submission; the others have reviewed, and two have appealed."""
    scene = await reviewing(school, 4)
    claimed = await scene.people[3].claim(scene.assignment_id)
    await scene.people[3].ok("POST", return_path(claimed.json()), 204, json={"reason": "broken"})
    for person in scene.people[:3]:
        await person.review_all(scene.assignment_id)
    for person in scene.people[:2]:
        await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json={"text": "Why?"})
    await come(scene, "reviews_due_at")
    return scene


async def test_programs_search_filter_sort_and_page_every_list(school: School) -> None:
    scene = await _with_everything(school)
    first, second, *_ = scene.people
    names = sorted(person.username for person in scene.people)

    async def listed(ending: str) -> list[Json]:
        rows: list[Json] = await scene.author.ok("GET", f"/tracks/{scene.track_id}/{ending}")
        return rows

    assert [row["username"] for row in await listed("submissions?sort=-name")] == names[::-1]
    assert [row["username"] for row in await listed("submissions?sort=name&offset=1&limit=2")] == names[1:3]
    (found,) = await listed(f"submissions?q={first.username}&assignment_id={scene.assignment_id}")
    assert found["participant_id"] == first.id
    short = await listed("submissions?attention=true")
    assert {row["id"] for row in await listed("submissions?attention=true&sort=name")} == {row["id"] for row in short}

    appellants = sorted([first.username, second.username], reverse=True)
    assert [row["participant"] for row in await listed("appeals?sort=-name")] == appellants
    assert len(await listed("appeals?state=open")) == 2
    assert await listed("appeals?state=settled") == []
    (returned,) = await listed(f"returns?q={scene.people[3].username}&reason=broken&sort=reviewer")
    assert returned["reviewer"] == scene.people[3].username
    assert await listed("returns?reason=empty") == []
    counts = [row["reviews_count"] for row in await listed("review-quality?sort=-reviews")]
    assert counts == sorted(counts, reverse=True)
    answer = await scene.author.get(f"/tracks/{scene.track_id}/review-quality?sort=name&limit=1")
    assert 'review-quality?sort=name&offset=1&limit=1>; rel="next"' in answer.headers["Link"]


async def test_every_order_has_the_same_reviewers_with_their_counts(school: School) -> None:
    scene = await reviewing(school, 4)
    works = []
    for person in scene.people[:2]:
        works.append((await person.claim(scene.assignment_id)).json())
        await person.review_all(scene.assignment_id)
    # Staff have no attempts, in which the reviews of participants are counted.
    for work in works:
        assert (await scene.author.review(work)).status_code == 201
    await come(scene, "reviews_due_at")
    path = f"/tracks/{scene.track_id}/review-quality?sort="
    expected = [(scene.author.username, 2), *((person.username, 3) for person in scene.people[:2])]
    for sort in EVERY_ORDER["review-quality"]:
        rows = await scene.author.ok("GET", f"{path}{sort}")
        assert sorted((row["username"], row["reviews_count"]) for row in rows) == sorted(expected), sort
    rows = await scene.author.ok("GET", f"{path}-reviews")
    assert [row["reviews_count"] for row in rows] == [3, 3, 2]


async def test_every_order_is_a_page_and_an_answer_and_others_are_refused(school: School) -> None:
    scene = await _with_everything(school)
    author = signed_in(school, scene.author)
    for ending, columns in EVERY_ORDER.items():
        path = f"/tracks/{scene.track_id}/{ending}"
        for column in columns:
            for sort in (column, f"-{column}"):
                rows = await scene.author.ok("GET", f"{path}?sort={sort}")
                page = await author.see(f"{path}?sort={sort}")
                assert len(rows) > 0
                assert all(str(row.get("username") or row["participant"]) in page for row in rows)
        assert "found." in await author.see(f"{path}?q=unknown-person")
        await scene.author.refused("GET", f"{path}?sort=odd", 422, "invalid_input")
        await author.see(f"{path}?sort=odd&show=odd&assignment=999&page=99")


async def test_a_participant_sees_their_own_reviewing_whatever_is_searched(school: School) -> None:
    scene = await _with_everything(school)
    reader, other = scene.people[:2]
    rows = await reader.ok("GET", f"/tracks/{scene.track_id}/review-quality?q={other.username}&sort=-reviews")
    assert [row["id"] for row in rows] == [reader.id]
