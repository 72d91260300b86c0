"""The code of a second iteration: compared with the first, shown after it, to those who may see it."""

import io
import zipfile

import pytest

from learning_platform.web.pages.kit.code_rows import key_of, line_id
from tests.domain.reviews.scene import Scene, come, full_marks, running
from tests.frozen import give_starter, hand_in_code
from tests.people import Json, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
FIRST = {"main.py": "def main():\n    pass\n", "util.py": "x = 1\n"}
SECOND = {"main.py": "def main():\n    print('hi')\n", "util.py": "x = 1\n"}


async def test_a_second_iteration_is_compared_with_the_first(school: School) -> None:
    scene, path = await handed_in_twice(school)
    author = scene.people[0]

    latest = await author.ok("GET", path)
    first = await author.ok("GET", path, params={"iteration": 1})
    since_starter = await author.ok("GET", path, params={"base": "starter"})
    file = await author.ok("GET", f"{path}/file", params={"path": "main.py"})

    assert (latest["iteration"], latest["base"]) == (2, "previous")
    assert {one["path"]: one["change"] for one in latest["files"]} == {"main.py": "changed", "util.py": "unchanged"}
    assert (first["iteration"], first["base"]) == (1, "starter")
    assert {one["path"]: one["change"] for one in since_starter["files"]} == {"main.py": "changed", "util.py": "added"}
    assert file["changes"][0]["removed"] == ["    pass"]
    archive = await author.get(f"{path}.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        assert files.read("main.py").decode() == SECOND["main.py"]
    await author.refused("GET", path, 404, "iteration_not_found", params={"iteration": 3})


async def test_a_reviewer_is_shown_the_first_iteration_until_they_have_reviewed_it(school: School) -> None:
    scene, path = await handed_in_twice(school)
    reviewer = scene.people[1]
    work = await scene.claim_work_of(scene.people[0], reviewer)

    before = await reviewer.ok("GET", path)
    await reviewer.ok("POST", path.replace("/code", "/review"), 201, json=full_marks(work["criteria"]))
    after = await reviewer.ok("GET", path)

    assert (before["iteration"], before["base"]) == (1, "starter")
    assert (after["iteration"], after["base"]) == (2, "previous")
    assert (after["snapshot"]["commit"], after["snapshot"]["frozen_at"]) == (None, None)


async def test_comments_are_counted_where_they_stand_in_the_second_iteration(school: School) -> None:
    scene, path = await handed_in_twice(school)
    reviewer = scene.people[1]
    work = await scene.claim_work_of(scene.people[0], reviewer)
    threads = path.replace("/code", "/threads")
    for name in FIRST:
        place = {"path": name, "side": "new", "first_line": 1, "kind": "note", "text": "So?"}
        await reviewer.ok("POST", threads, 201, json=place)
    await reviewer.ok("POST", path.replace("/code", "/review"), 201, json=full_marks(work["criteria"]))

    code = await reviewer.ok("GET", path)
    page = await signed_in(school, reviewer).get(threads)

    assert (code["iteration"], {one["path"]: one["comments"] for one in code["files"]}) == (2, dict.fromkeys(FIRST, 1))
    assert f"/code?iteration=1&amp;file=util.py&amp;line=R1#{line_id(key_of('util.py'), 'R', 1)}" in page.text


async def test_the_submission_has_both_iterations(school: School) -> None:
    scene, _ = await handed_in_twice(school)
    submission: Json = await scene.people[0].ok("GET", f"/assignments/{scene.assignment_id}/submission")
    assert (submission["repo_url"], submission["snapshot"]["files"]) == (None, 2)
    assert submission["second_iteration"]["snapshot"]["state"] == "frozen"
    link = await scene.people[0].submit(scene.assignment_id, "https://git.example/again")
    assert link.status_code == 200
    assert link.json()["second_iteration"]["repo_url"] == "https://git.example/again"
    other = await scene.people[1].submit(scene.assignment_id, "https://git.example/late")
    assert other.json()["code"] == "deadline_passed"


async def handed_in_twice(school: School) -> tuple[Scene, str]:
    """Return a track in its time for a second iteration, and the path of the code of one who has handed it in."""
    scene = await running(school, 3, iteration_hours=10)
    async with school.services.database.transaction() as db:
        await give_starter(db, scene.assignment_id, {"main.py": "def main():\n"}, now=school.clock.now)
    submission_id = await hand_in_code(school, scene.people[0], scene.assignment_id, FIRST)
    await come(scene, "due_at")
    await come(scene, "reviews_due_at")
    assert await hand_in_code(school, scene.people[0], scene.assignment_id, SECOND) == submission_id
    return scene, f"/submissions/{submission_id}/code"
