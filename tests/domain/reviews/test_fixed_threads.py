"""What becomes of comments in the second iteration: fixed, declined, settled, carried over."""

from typing import Any

import pytest

from tests.domain.reviews.code_scene import FILES, Claimed, claimed, hand_in_code
from tests.domain.reviews.scene import come
from tests.people import Json, School

pytestmark = pytest.mark.anyio
MAIN = b"# A comment more\nimport sys\nprint('newer')\nsys.exit()\n"


async def test_the_author_says_what_is_fixed_and_the_reviewer_settles_it(school: School) -> None:
    here, thread = await reviewed(school)
    path = f"/threads/{thread['id']}/state"
    await here.author.refused("POST", path, 409, "no_second_iteration", json={"state": "fixed"})
    await hand_in_again(here)
    assert (await here.author.ok("POST", path, json={"state": "fixed"}))["state"] == "fixed"
    await here.author.refused("POST", path, 403, "not_your_comment", json={"state": "settled"})
    assert (await here.threads(here.reviewer))[0]["state"] == "fixed"
    await here.reviewer.refused("POST", path, 403, "not_your_comment", json={"state": "declined", "text": "No"})
    assert (await here.reviewer.ok("POST", path, json={"state": "settled"}))["state"] == "settled"
    await here.author.refused("POST", path, 403, "not_your_comment", json={"state": "open"})


async def test_declining_needs_a_reason_which_is_an_answer(school: School) -> None:
    here, thread = await reviewed(school)
    path = f"/threads/{thread['id']}/state"
    await here.author.refused("POST", path, 422, "reason_missing", json={"state": "declined"})
    declined = await here.author.ok("POST", path, json={"state": "declined", "text": "It is faster like this."})
    assert (declined["state"], declined["messages"][-1]["text"]) == ("declined", "It is faster like this.")
    assert (await here.author.ok("POST", path, json={"state": "open"}))["state"] == "open"


async def test_comments_are_carried_over_to_the_same_lines_only(school: School) -> None:
    here, _ = await reviewed(school)
    assert {thread["carried"] for thread in await here.threads(here.author)} == {None}
    await hand_in_again(here)
    for reader in (here.author, here.reviewer):
        found = {thread["messages"][0]["text"]: thread["carried"] for thread in await here.threads(reader)}
        assert found == {
            "Same": {"kind": "lines", "path": "main.py", "first_line": 4, "last_line": 4},
            "Changed": {"kind": "changed", "path": "main.py", "first_line": None, "last_line": None},
            "Whole": {"kind": "file", "path": "main.py", "first_line": None, "last_line": None},
            "Gone": {"kind": "gone", "path": None, "first_line": None, "last_line": None},
            "General": None,
            "Removed": None,
        }


async def test_a_reviewer_does_not_learn_early_that_the_author_has_done_their_reviews(school: School) -> None:
    here = await claimed(school, iteration_hours=10)
    await here.comment(path="main.py", first_line=3)
    await here.send()
    await here.author.review_all(here.scene.assignment_id)
    await hand_in_again(here)
    thread = (await here.threads(here.author))[0]
    assert thread["carried"] is not None
    await here.author.ok("POST", f"/threads/{thread['id']}/state", json={"state": "fixed"})
    code = f"/submissions/{here.submission_id}/code"
    early = (await here.threads(here.reviewer))[0]
    assert (early["state"], early["carried"]) == ("open", None)
    assert (await here.reviewer.ok("GET", code))["iteration"] == 1
    await here.reviewer.refused("GET", code, 404, "iteration_not_found", params={"iteration": 2})
    await come(here.scene, "reviews_due_at")
    late = (await here.threads(here.reviewer))[0]
    assert (late["state"], late["carried"]["kind"]) == ("fixed", "lines")
    assert (await here.reviewer.ok("GET", code))["iteration"] == 2


async def reviewed(school: School) -> tuple[Claimed, Json]:
    """Return work with comments at every kind of place, in its time for a second iteration, and the first of them."""
    here = await claimed(school, iteration_hours=10)
    places: dict[str, dict[str, Any]] = {
        "Same": {"path": "main.py", "first_line": 3},
        "Changed": {"path": "main.py", "first_line": 2},
        "Whole": {"path": "main.py"},
        "Gone": {"path": "README.md", "first_line": 1},
        "Removed": {"path": "gone.py", "side": "old", "first_line": 1},
        "General": {},
    }
    for text, place in places.items():
        await here.comment(text=text, **place)
    await here.send()
    await come(here.scene, "reviews_due_at")
    return here, (await here.threads(here.author))[0]


async def hand_in_again(here: Claimed) -> None:
    """Hand in a second iteration in which one line has changed, one has moved and one file is gone."""
    files = {name: content for name, content in FILES.items() if name != "README.md"}
    await hand_in_code(here.scene, here.author, {**files, "main.py": MAIN})
