"""The code of a submission for programs: its files, their text with changes, and all of it as an archive."""

import io
import zipfile
from collections.abc import Mapping

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from learning_platform.snapshots.store import save_tree
from tests.domain.reviews.code_scene import claimed
from tests.domain.reviews.scene import Scene, come, running
from tests.frozen import give_starter, hand_in_code, tree
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
FREEZE = """
update snapshots set state = 'frozen', tree_id = $1, frozen_at = $2, try_at = null
where assignment_id = $3 and user_id = $4
"""
STARTER = {
    "README.md": "# Task\n",
    "main.py": "def main():\n    pass\n",
    "old.txt": "one\ntwo\nthree\n",
    "gone.c": "\n",
}
HANDED_IN: dict[str, str | bytes] = {
    "README.md": "# Task\n",
    "main.py": "def main():\n    print('hi')\n",
    "new.txt": "one\ntwo\nthree\n",
    "logo.png": b"\x89PNG\r\n\x1a\n\0\0",
    "data.bin": b"\0\1\2",
    "win.txt": "Привет\r\n".encode("utf-16"),
}


async def test_files_are_listed_with_what_became_of_them(school: School) -> None:
    scene, submission_id = await _handed_in(school, starter=STARTER)

    code = await scene.people[0].ok("GET", f"/submissions/{submission_id}/code")

    assert (code["base"], code["iteration"], code["snapshot"]["state"]) == ("starter", 1, "frozen")
    assert [(file["path"], file["kind"], file["change"], file["former_path"]) for file in code["files"]] == [
        ("README.md", "text", "unchanged", None),
        ("data.bin", "binary", "added", None),
        ("gone.c", "text", "removed", None),
        ("logo.png", "image", "added", None),
        ("main.py", "text", "changed", None),
        ("new.txt", "text", "renamed", "old.txt"),
        ("win.txt", "text", "added", None),
    ]
    assert code["files"][4] | {"path": ""} == {
        "path": "",
        "former_path": None,
        "kind": "text",
        "is_executable": False,
        "size": 28,
        "lines": 2,
        "change": "changed",
        "comments": 0,
    }


async def test_comments_are_counted_as_far_as_the_reader_sees_them(school: School) -> None:
    here = await claimed(school)
    await here.comment(kind="problem", path="main.py", side="new", first_line=2)
    await here.comment(kind="note", path="main.py", side="old", first_line=2)
    await here.comment(kind="note", path="gone.py", side="old", first_line=1)
    await here.comment(kind="note")
    path = f"/submissions/{here.submission_id}/code"

    async def counts(reader: Person, **params: str) -> Json:
        files = (await reader.ok("GET", path, params=params))["files"]
        return {file["path"]: file["comments"] for file in files if file["comments"]}

    assert await counts(here.reviewer) == {"main.py": 2, "gone.py": 1}
    assert await counts(here.reviewer, base="none") == {"main.py": 1}
    assert await counts(here.author) == {}
    await here.send()
    assert await counts(here.scene.author) == {"main.py": 2, "gone.py": 1}


async def test_without_a_starter_there_is_nothing_to_compare_with(school: School) -> None:
    scene, submission_id = await _handed_in(school)
    path = f"/submissions/{submission_id}/code"

    code = await scene.people[0].ok("GET", path)

    assert code["base"] == "none"
    assert {file["change"] for file in code["files"]} == {"unchanged"}
    for base in ("starter", "previous"):
        await scene.people[0].refused("GET", path, 404, "base_not_found", params={"base": base})
    await scene.people[0].refused("GET", path, 404, "iteration_not_found", params={"iteration": 2})
    await scene.people[0].refused("GET", path, 422, "invalid_input", params={"base": "other"})


async def test_a_file_is_read_with_its_changes(school: School) -> None:
    scene, submission_id = await _handed_in(school, starter=STARTER)
    path = f"/submissions/{submission_id}/code/file"

    changed = await scene.people[0].ok("GET", path, params={"path": "main.py"})
    removed = await scene.people[0].ok("GET", path, params={"path": "gone.c"})
    windows = await scene.people[0].ok("GET", path, params={"path": "win.txt", "base": "none"})
    picture = await scene.people[0].ok("GET", path, params={"path": "logo.png"})

    assert changed["lines"] == ["def main():", "    print('hi')"]
    assert changed["changes"] == [{"first_line": 2, "lines": 1, "former_first_line": 2, "removed": ["    pass"]}]
    assert (changed["language"], changed["encoding"], changed["has_crlf"]) == ("python", "UTF-8", False)
    assert (removed["lines"], removed["changes"][0]["removed"]) == ([], [""])
    assert (windows["lines"], windows["encoding"], windows["has_crlf"], windows["changes"]) == (
        ["Привет"],
        "UTF-16",
        True,
        [],
    )
    assert (picture["kind"], picture["lines"], picture["changes"]) == ("image", None, [])
    await scene.people[0].refused("GET", path, 404, "file_not_found", params={"path": "../etc/passwd"})
    await scene.people[0].refused("GET", path, 422, "invalid_input")


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
async def test_a_long_file_is_read_in_parts(school: School, limit: int) -> None:
    before = "first\ntwo\n3\n4\nfive\nlast\nremoved\n"
    scene, submission_id = await _handed_in(
        school, starter={"long.txt": before}, files={"long.txt": "1\ntwo\n4\nfive\nlast\n"}
    )
    path = f"/submissions/{submission_id}/code/file"
    whole = await scene.people[0].ok("GET", path, params={"path": "long.txt"})
    lines: list[str] = []
    changes: list[Json] = []
    parts = 0
    address: str | None = f"{path}?path=long.txt&limit={limit}"
    while address:
        response = await scene.people[0].get(address)
        part = response.json()
        assert part["total_lines"] == 5
        lines += part["lines"]
        changes += part["changes"]
        parts += 1
        address = response.links.get("next", {}).get("url")
    assert (lines, changes) == (whole["lines"], whole["changes"])
    assert (len(changes), parts) == (3, -(-5 // limit))


async def test_an_archive_is_the_same_whenever_it_is_made(school: School) -> None:
    scene, submission_id = await _handed_in(school)
    path = f"/submissions/{submission_id}/code.zip"

    first = await scene.people[0].get(path)
    school.clock.advance(days=1)
    second = await scene.people[0].get(path)

    assert first.content == second.content
    assert first.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path: text.encode() if isinstance(text, str) else text for path, text in HANDED_IN.items()
        }
        assert {about.date_time for about in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


async def test_reviewers_download_pictures_without_metadata(school: School) -> None:
    here = await claimed(school)
    about = PngInfo()
    about.add_text("Author", "Ada Lovelace")
    saved = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(saved, "PNG", pnginfo=about)
    files = {"chart.png": saved.getvalue(), "broken.png": b"\x89PNG\r\n\x1a\n\0\0", "main.py": b"x = 1\n"}
    async with school.services.database.transaction() as db:
        tree_id = await save_tree(db, track_id=here.scene.track_id, tree=tree(files), now=school.clock.now)
        await db.execute("update snapshots set tree_id = $1", tree_id)

    async def downloaded(reader: Person) -> dict[str, bytes]:
        answer = await reader.get(f"/submissions/{here.submission_id}/code.zip")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert await downloaded(here.author) == files
    shown = await downloaded(here.reviewer)
    assert set(shown) == {"chart.png", "main.py"}
    with Image.open(io.BytesIO(shown["chart.png"])) as picture:
        assert (picture.size, picture.getpixel((0, 0)), picture.info) == ((3, 2), (255, 0, 0), {})


async def test_reviewers_get_no_commit_size_or_time_of_a_submission(school: School) -> None:
    scene, submission_id = await _handed_in(school, starter=STARTER)
    await come(scene, "due_at")
    await scene.claim_work_of(scene.people[0], scene.people[1])

    code = await scene.people[1].ok("GET", f"/submissions/{submission_id}/code")

    assert (code["snapshot"]["commit"], code["snapshot"]["bytes"], code["snapshot"]["frozen_at"]) == (None, None, None)
    assert {file["size"] for file in code["files"] if file["kind"] == "text"} == {1024}


@pytest.mark.parametrize("rest", ["code", "code/file?path=main.py", "code.zip"])
async def test_code_is_for_those_who_may_see_it(school: School, rest: str) -> None:
    scene, submission_id = await _handed_in(school)

    for other in (await school.person(), scene.people[1]):
        await other.refused("GET", f"/submissions/{submission_id}/{rest}", 404, "submission_not_found")
    assert (await scene.author.get(f"/submissions/{submission_id}/{rest}")).status_code == 200


@pytest.mark.parametrize("rest", ["code", "code/file?path=main.py", "code.zip"])
async def test_what_is_not_frozen_is_refused_with_the_reason(school: School, rest: str) -> None:
    scene = await running(school)
    submission_id = (await scene.people[0].submit(scene.assignment_id)).json()["id"]
    path = f"/submissions/{submission_id}/{rest}"

    await scene.people[0].refused("GET", path, 409, "code_not_frozen")
    async with school.services.database.transaction() as db:
        await db.execute("update snapshots set state = 'failed', try_at = null, error = 'empty'")
    await scene.people[0].refused("GET", path, 404, "code_not_found")


async def _handed_in(
    school: School,
    *,
    starter: Mapping[str, str | bytes] | None = None,
    files: Mapping[str, str | bytes] = HANDED_IN,
) -> tuple[Scene, Json]:
    scene = await running(school)
    if starter is not None:
        async with school.services.database.transaction() as db:
            await give_starter(db, scene.assignment_id, starter, now=school.clock.now)
    return scene, await hand_in_code(school, scene.people[0], scene.assignment_id, files)


@pytest.mark.parametrize("show_repository", [False, True])
async def test_reviewers_of_frozen_code_get_the_link_only_if_the_track_says_so(
    school: School, show_repository: bool
) -> None:
    scene = await running(school, show_repository=show_repository)
    for person in scene.people:
        assert (await person.submit(scene.assignment_id)).status_code == 201
    frozen, reviewer = scene.people[:2]
    async with school.services.database.transaction() as db:
        track = await db.fetchrow("select track_id from assignments where id = $1", scene.assignment_id)
        assert track is not None
        tree_id = await save_tree(db, track_id=track["track_id"], tree=tree(HANDED_IN), now=school.clock.now)
        await db.execute(FREEZE, tree_id, school.clock.now, scene.assignment_id, frozen.id)
    await come(scene, "due_at")

    work = await scene.claim_work_of(frozen, reviewer)
    again = (await reviewer.claim(scene.assignment_id)).json()
    other = (await scene.people[2].claim(scene.assignment_id)).json()
    page = await signed_in(school, reviewer).see(f"/assignments/{scene.assignment_id}/review")

    assert work == again
    assert work["code_url"] == f"/submissions/{work['submission_id']}/code"
    assert (work["repo_url"] is not None) == show_repository
    assert ("git.example" in page) == show_repository
    assert "Read the code" in page
    if other["submission_id"] != work["submission_id"]:
        assert (other["repo_url"], other["code_url"]) == ("https://git.example/a/b", None)
