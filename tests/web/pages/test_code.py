"""The page on which the code of a submission is read."""

import re

import pytest

from learning_platform.web.pages.kit import code_view
from tests.domain.reviews.scene import Scene, running
from tests.frozen import give_starter_tree, hand_in_tree
from tests.people import School
from tests.sample_project import project, starter
from tests.web.pages.browsing import TAG, signed_in

pytestmark = pytest.mark.anyio


async def test_the_page_shows_what_changed_since_the_starter(school: School) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])

    response = await browser.get(path)

    assert response.status_code == 200, response.text
    for shown in ("src/words/count.py", "raise", "NotImplementedError", "latest", "web/chart.png", "+9"):
        assert shown in response.text


async def _handed_in(school: School, *, with_starter: bool = True) -> tuple[Scene, str]:
    scene = await running(school)
    if with_starter:
        async with school.services.database.transaction() as db:
            await give_starter_tree(db, scene.assignment_id, starter(), now=school.clock.now)
    submission_id = await hand_in_tree(school, scene.people[0], scene.assignment_id, project())
    return scene, f"/submissions/{submission_id}/code"


async def test_pictures_come_from_our_own_address_in_a_sandbox(school: School) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])
    images = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}

    page = await browser.get(path)
    picture = await browser.get(f"{path}/picture?path=web/chart.png", headers=images)

    assert "img-src 'self';" in page.headers["content-security-policy"]
    assert re.findall(r'<img[^>]* src="([^"]*)"', page.text) == [f"{path}/picture?path=web%2Fchart.png&amp;iteration=1"]
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    for other in ("web/logo.svg", "data/words.db", "README.md", "gone.png"):
        response = await browser.get(f"{path}/picture", params={"path": other}, headers=images)
        assert (response.status_code, response.json()["code"]) == (404, "file_not_found")
    stranger = signed_in(school, await school.person())
    assert (await stranger.get(f"{path}/picture?path=web/chart.png", headers=images)).status_code == 404


async def test_the_page_has_the_command_that_clones_the_code(school: School) -> None:
    scene, path = await _handed_in(school)
    text = (await signed_in(school, scene.people[0]).get(path)).text
    folder = path.removesuffix("/code").replace("/submissions/", "submission-")
    assert f">git clone {school.services.settings.public_url}{path}.git {folder}</textarea>" in text


async def test_the_page_is_compressed_and_repeats_nothing_of_its_address(school: School) -> None:
    """What is repeated and compressed beside a secret betrays it by the length of the page."""
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])
    probe = "guessed-secret"

    # What workers do may be ready for the second only.
    for _ in range(10):
        compressed = await browser.get(path, headers={"Accept-Encoding": "gzip"})
        plain = await browser.get(path, headers={"Accept-Encoding": "identity"})
        if TAG.sub("", compressed.text) == TAG.sub("", plain.text):
            break

    assert compressed.headers["content-encoding"] == "gzip"
    assert TAG.sub("", compressed.text) == TAG.sub("", plain.text)
    for name in ("comment", "unknown", "start"):
        assert probe not in (await browser.get(path, params={name: probe})).text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("view=all", "tests/test_count.py", ""),
        ("base=none", "def words_of", "NotImplementedError"),
        ("sides=2", 'class="lines two"', ""),
        ("file=src/words/count.py", "NotImplementedError", "web/app.js</h2>"),
        ("file=notes.txt", "Remember to write tests", ""),
        ("file=src/words/table.py", "word_1199", ""),
        ("file=src/words/table.py&start=1000", "word_1100", "word_10 "),
        ("", "U+202E", ""),
        ("", "CRLF", ""),
        ("", "UTF-16", ""),
        ("", "Git LFS", ""),
        ("", "symbolic link", ""),
        ("", "too large to be shown (3.2 MB)", ""),
        ("", "Generated file.", "version&#34;"),
        ("", "800 more lines", "word_1199"),
    ],
)
async def test_what_is_shown(school: School, query: str, shown: str, hidden: str) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])

    text = (await browser.get(f"{path}?{query}")).text

    assert TAG.sub("", shown) in (text if "class" in shown or "h2" in shown else TAG.sub("", text)), text[:3000]
    assert not hidden or hidden not in TAG.sub("", text)


async def test_a_file_is_marked_as_viewed_and_folded_until_it_changes(school: School) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])

    seen = await browser.fill_in(f"{path}/viewed?sides=2", path="src/lib.rs", viewed="yes")
    assert "You have viewed this file." in seen
    assert 'class="lines two"' in (await browser.get(f"{path}?sides=2")).text
    assert "HashMap" not in seen
    assert "HashMap" in await browser.see(f"{path}?file=src/lib.rs")
    assert "HashMap" in await signed_in(school, scene.author).see(path)

    assert "HashMap" in await browser.fill_in(f"{path}/viewed", path="src/lib.rs", viewed="no")
    await browser.fill_in(f"{path}/viewed", 404, path="gone.rs", viewed="yes")
    await signed_in(school, await school.person()).fill_in(f"{path}/viewed", 404, path="src/lib.rs", viewed="yes")


async def test_code_that_is_not_frozen_keeps_its_link_and_says_why(school: School) -> None:
    scene = await running(school)
    submission_id = (await scene.people[0].submit(scene.assignment_id)).json()["id"]
    browser = signed_in(school, scene.people[0])

    seen = await browser.see(f"/submissions/{submission_id}/code", 409)

    assert "The code is being fetched from its repository." in seen
    assert "git.example/a/b" in seen


async def test_a_link_to_a_line_leads_to_the_part_that_shows_it(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_view, "MAX_ROWS", 500)
    scene, path = await _handed_in(school)
    text = TAG.sub(
        "", (await signed_in(school, scene.people[0]).get(f"{path}?file=src/words/table.py&line=R1001")).text
    )
    assert "word_1000" in text
    assert "word_999 " not in text
