"""Equal submissions: staff get a hint; the starter, and what was withdrawn, are equal to nothing."""

import pytest

from learning_platform.reviews.author.same_code import equal_submissions
from tests.domain.reviews.scene import Scene, come, running
from tests.frozen import PROGRAM, give_starter, hand_in_code
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
OTHER = {**PROGRAM, "greet.py": "print('hello')\n"}
THIRD = {**PROGRAM, "greet.py": "print('good evening')\n"}
WITHDRAW = "update submissions set is_withdrawn = true where id = $1"
SAME_LINKS = (
    "https://git.example/Vera/Lab1",
    "http://www.git.example/vera/lab1.git",
    "https://git.example/vera/lab1/?tab=readme#about",
)


async def equal_to(scene: Scene) -> dict[str, dict[str, str]]:
    """Return what is equal to the submission of each participant, and in what."""
    rows = await scene.author.ok("GET", f"/tracks/{scene.track_id}/submissions")
    return {row["username"]: {each["username"]: each["same"] for each in row["same_as"]} for row in rows}


async def test_the_same_files_and_the_same_link_however_it_is_written_are_found(school: School) -> None:
    scene = await running(school, 6)
    one, two, *linking, alone = scene.people
    for person in (one, two):
        await hand_in_code(school, person, scene.assignment_id)
    for person, link in zip(linking, SAME_LINKS, strict=True):
        await person.submit(scene.assignment_id, link)
    await alone.submit(scene.assignment_id, "https://git.example/vera/lab10")

    found = await equal_to(scene)

    assert (found[one.username], found[two.username]) == ({two.username: "code"}, {one.username: "code"})
    names = {person.username for person in linking}
    assert all(found[name] == dict.fromkeys(names - {name}, "link") for name in names)
    assert found[alone.username] == {}


async def test_the_starter_the_withdrawn_and_other_assignments_do_not_count(school: School) -> None:
    scene = await running(school, 4)
    one, two, three, four = scene.people
    async with school.services.database.transaction() as db:
        await give_starter(db, scene.assignment_id, now=school.clock.now)
    for person in (one, two):
        await hand_in_code(school, person, scene.assignment_id)
    kept = await hand_in_code(school, three, scene.assignment_id, OTHER)
    withdrawn = await hand_in_code(school, four, scene.assignment_id, OTHER)
    assert (await equal_to(scene))[three.username] == {four.username: "code"}

    async with school.services.database.transaction() as db:
        await db.execute(WITHDRAW, withdrawn)
        assert await equal_submissions(db, ids=[kept, withdrawn]) == {}

    assert not any((await equal_to(scene)).values())
    assert await _listed(scene, "same=true") == []
    await hand_in_code(school, three, scene.assignment_id, THIRD)
    await come(scene, "due_at")
    await one.review_all(scene.assignment_id)
    await come(scene, "opens_at", at=1)
    await hand_in_code(school, one, scene.assignment_ids[1], THIRD)
    assert not any((await equal_to(scene)).values())


async def test_staff_filter_them_and_no_participant_sees_them(school: School) -> None:
    scene, one, two = await _with_a_pair(school)
    names = sorted([one.username, two.username])

    assert [row["username"] for row in await _listed(scene, "same=true&sort=name")] == names
    assert [row["username"] for row in await _listed(scene, "same=true&sort=-name&offset=1")] == names[:1]
    assert [row["username"] for row in await _listed(scene, f"same=true&q={one.username}")] == [one.username]
    (row,) = await _listed(scene, f"q={one.username}")
    seen = await scene.author.ok("GET", f"/submissions/{row['id']}/reviews")
    assert [each["username"] for each in seen["same_as"]] == [two.username]
    author = signed_in(school, scene.author)
    page = await author.see(f"/tracks/{scene.track_id}/submissions?show=same")
    assert all(name in page for name in names)
    assert "Same code as" in page
    assert "Same code as" in await author.see(f"/submissions/{row['id']}/reviews")
    assert scene.people[2].username not in page

    await one.refused("GET", f"/tracks/{scene.track_id}/submissions?same=true", 403, "not_the_author")
    work = await scene.claim_work_of(one, scene.people[2])
    assert "same_as" not in work
    for path in (f"/submissions/{work['submission_id']}/review", f"/submissions/{work['submission_id']}/code"):
        assert "Same code" not in await signed_in(school, scene.people[2]).see(path)


async def _with_a_pair(school: School) -> tuple[Scene, Person, Person]:
    scene = await running(school, 4)
    one, two, three, four = scene.people
    for person, files in ((one, PROGRAM), (two, PROGRAM), (three, OTHER), (four, THIRD)):
        await hand_in_code(school, person, scene.assignment_id, files)
    await come(scene, "due_at")
    return scene, one, two


async def _listed(scene: Scene, query: str) -> list[Json]:
    rows: list[Json] = await scene.author.ok("GET", f"/tracks/{scene.track_id}/submissions?{query}")
    return rows
