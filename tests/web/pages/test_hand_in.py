"""Hand in code on the page of an assignment, and the starter code on its own."""

import pytest

from tests.domain.reviews.scene import come, running
from tests.domain.snapshots.test_archives import tar_gz, zipped
from tests.people import Person, School
from tests.web.pages.browsing import signed_in, words

pytestmark = pytest.mark.anyio
CODE = {"main.py": "print(1)\n", "lib/a.py": "x = 1\n"}
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n"


def form(archive: bytes) -> dict[str, tuple[str, bytes]]:
    return {"file": ("code.zip", archive)}


async def opened(school: School) -> tuple[Person, Person, str]:
    """Return the author of a track and a participant, and the path of an open assignment."""
    author, alice, bob = await school.people(3)
    track = await school.running_track(author, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)
    return author, alice, f"/assignments/{first}"


async def test_the_page_offers_three_ways_and_shows_what_was_saved(school: School) -> None:
    _, alice, path = await opened(school)
    async with signed_in(school, alice) as browser:
        empty = (await browser.get(path)).text
        assert (
            f"git push http://{alice.username}@localhost:8000/hand-in/{path.rpartition('/')[2]}.git HEAD:main" in empty
        )
        assert 'name="repo_url"' in empty
        answer = await browser.post(f"{path}/submit/archive", files=form(zipped(CODE)), data={"comment": "Mine"})
        assert (answer.status_code, answer.url.path) == (200, path)
        page = words(answer)
        for said in ("uploaded archive", "2 files, 15 B", "The code is saved here", "View the code"):
            assert said in page
        assert "Mine" in answer.text
        version = {"version": "1"}
        await browser.post(f"{path}/submit/archive", files=form(tar_gz({"a.py": KEY})), data=version)
        page = await browser.see(path)
        assert "a.py looks like a private key" in page
        assert "2 versions submitted" in page
        await alice.submit(int(path.rpartition("/")[2]), "https://git.example/a/b")
        page = (await browser.get(path)).text
        assert "The repository is being fetched." in page
        assert "data-waiting" in page


async def test_an_archive_that_cannot_be_kept_is_refused_at_its_field_with_the_note_that_was_typed(
    school: School,
) -> None:
    _, alice, path = await opened(school)
    async with signed_in(school, alice) as browser:
        for archive, said in (
            (b"hello", "cannot be read"),
            (b"", "Choose a .zip"),
            (zipped({"../a": ""}), "file name"),
        ):
            answer = await browser.post(f"{path}/submit/archive", files=form(archive), data={"comment": "My note"})
            assert answer.status_code == 422
            assert said in answer.text
            assert "error-file" in answer.text
        assert "My note" in answer.text
        await alice.ok("POST", f"{path}/submit/archive", 201, files=form(zipped(CODE)))
        old = await browser.post(f"{path}/submit/archive", files=form(zipped(CODE)), data={"version": "7"})
        assert old.status_code == 409
        school.clock.advance(hours=10)
        late = await browser.post(f"{path}/submit/archive", files=form(zipped(CODE)))
        assert late.status_code == 409
        assert "The deadline has passed." in late.text


async def test_code_without_a_link_is_shown_to_its_author_its_reviewer_and_the_staff(school: School) -> None:
    author, alice, bob = await school.people(3)
    track = await school.running_track(author, [alice, bob])
    path = f"/assignments/{(await school.assignment_ids(alice, track))[0]}"
    submitted = await alice.ok("POST", f"{path}/submit/archive", 201, files=form(zipped(CODE)))
    code = f"/submissions/{submitted['id']}/code"
    async with signed_in(school, author) as browser:
        for page in (f"/tracks/{track['id']}/submissions", f"/submissions/{submitted['id']}/reviews"):
            assert f'href="{code}"' in (await browser.get(page)).text, page
    await school.advance(hours=10)
    async with signed_in(school, alice) as browser:
        assert code in (await browser.get(path)).text


async def test_the_author_gives_starter_code_and_an_unchanged_one_is_named(school: School) -> None:
    author, alice, path = await opened(school)
    async with signed_in(school, author) as browser:
        assert f'href="{path}/starter"' in (await browser.get(path)).text
        assert (await browser.get(f"{path}/starter")).status_code == 200
        refused = await browser.post(f"{path}/starter", files=form(b"hello"))
        assert (refused.status_code, "cannot be read" in refused.text) == (422, True)
        given = await browser.post(f"{path}/starter", files=form(zipped(CODE)))
        assert given.url.path == f"{path}/starter"
        assert "2 files, 15 B" in words(given)
    async with signed_in(school, alice) as browser:
        assert f'href="{path}/starter.zip"' in (await browser.get(path)).text
        assert (await browser.get(f"{path}/starter.zip")).content.startswith(b"PK")
        assert (await browser.get(f"{path}/starter")).status_code == 403
        await browser.post(f"{path}/submit/archive", files=form(zipped(CODE)))
        assert "This is only the starter code" in (await browser.get(path)).text
    async with signed_in(school, author) as browser:
        wrong = await browser.post(f"{path}/starter/link", data={"repo_url": "ftp://git.example/a"})
        assert wrong.status_code == 422
        await browser.post(f"{path}/starter/link", data={"repo_url": "https://git.example/school/starter"})
        assert "is being fetched" in (await browser.get(f"{path}/starter")).text
        await browser.post(f"{path}/starter/delete")
        assert "git.example" not in (await browser.get(f"{path}/starter")).text


async def test_after_the_reviews_the_page_takes_a_second_iteration(school: School) -> None:
    scene = await running(school, 3, iteration_hours=10)
    alice, path = scene.people[0], f"/assignments/{scene.assignment_id}"
    async with signed_in(school, alice) as browser:
        await browser.post(f"{path}/submit/archive", files=form(zipped(CODE)))
        await scene.people[1].submit(scene.assignment_id)
        await come(scene, "due_at")
        assert 'name="repo_url"' not in (await browser.get(path)).text
        await come(scene, "reviews_due_at")
        page = await browser.get(path)
        assert 'id="second-iteration"' in page.text
        assert 'name="repo_url"' in page.text
        answer = await browser.post(
            f"{path}/submit/archive", files=form(zipped({"main.py": "print(2)\n"})), data={"version": "1"}
        )
        assert (answer.status_code, answer.url.path) == (200, path)
        assert "1 file, 9 B" in words(answer)
        assert "2 files, 15 B" in words(answer)
        await come(scene, "iteration_due_at")
        assert 'name="repo_url"' not in (await browser.get(path)).text
        late = await browser.post(f"{path}/submit/archive", files=form(zipped(CODE)))
        assert (late.status_code, "deadline has passed" in words(late)) == (409, True)
