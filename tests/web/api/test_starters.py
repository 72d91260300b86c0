"""Starter code: given by the track's author, seen by participants once the assignment is open."""

import io
import zipfile

from tests.domain.snapshots.test_archives import zipped
from tests.people import School

CODE = {"main.py": "start here\n", "tests/test_main.py": "check\n"}
LINK = {"repo_url": "https://git.example/school/starter"}


def form(archive: bytes) -> dict[str, tuple[str, bytes]]:
    return {"file": ("code.zip", archive)}


async def test_the_author_gives_an_archive_and_participants_download_it(school: School) -> None:
    author, alice, bob = await school.people(3)
    track = await school.track(author, required_participants=2)
    first, second = await school.assignment_ids(author, track)
    path = f"/assignments/{first}/starter"
    await author.refused("GET", path, 404, "no_starter")
    given = await author.ok("PUT", path, 200, files=form(zipped(CODE)))
    assert (given["repo_url"], given["snapshot"]["state"], given["snapshot"]["files"]) == (None, "frozen", 2)
    await author.ok("PUT", f"/assignments/{second}/starter", 200, files=form(zipped(CODE)))
    for person in (alice, bob):
        await person.refused("GET", path, 403, "not_a_participant")
        await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    assert await alice.ok("GET", path) == given
    for address in (f"/assignments/{second}/starter", f"/assignments/{second}/starter.zip"):
        await alice.refused("GET", address, 409, "assignment_locked")
    download = await alice.get(f"{path}.zip")
    assert download.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == CODE
    await author.ok("DELETE", path, 204)
    await alice.refused("GET", f"{path}.zip", 404, "no_starter")
    await author.refused("DELETE", path, 404, "no_starter")


async def test_a_link_waits_to_be_fetched_and_only_its_form_is_checked(campus: School) -> None:
    author = await campus.person()
    first, _ = await campus.assignment_ids(author, await campus.track(author))
    path = f"/assignments/{first}/starter"
    given = await author.ok("PUT", path, 200, json=LINK)
    assert (given["repo_url"], given["snapshot"]["state"]) == (LINK["repo_url"], "waiting")
    await author.refused("GET", f"{path}.zip", 404, "no_starter")
    await author.refused("PUT", path, 422, "not_a_repository_link", json={"repo_url": "ftp://git.example/a"})
    await author.refused("PUT", path, 422, "invalid_input", json={})
    await author.refused("PUT", path, 422, "invalid_input", content=b"{")
    await author.refused("PUT", path, 413, "body_too_large", content=b" " * (1024 * 1024 + 1))
    await author.refused("PUT", path, 422, "bad_archive", files=form(b"hello"))


async def test_others_give_and_remove_nothing_and_after_the_end_the_author_neither(campus: School) -> None:
    author, mallory = await campus.people(2)
    track = await campus.track(author)
    first, _ = await campus.assignment_ids(author, track)
    path = f"/assignments/{first}/starter"
    await author.ok("PUT", path, 200, files=form(zipped(CODE)))
    for request in ({"files": form(zipped(CODE))}, {"json": LINK}):
        await mallory.refused("PUT", path, 403, "not_the_author", **request)
    await mallory.refused("DELETE", path, 403, "not_the_author")
    copy = await author.ok("POST", f"/tracks/{track['id']}/copy", 201)
    copied, _ = await campus.assignment_ids(author, copy)
    assert (await author.ok("GET", f"/assignments/{copied}/starter"))["snapshot"]["files"] == 2
    await author.ok("POST", f"/tracks/{track['id']}/cancel", 200)
    await author.refused("PUT", path, 409, "track_over", files=form(zipped(CODE)))
    await author.refused("DELETE", path, 409, "track_over")
