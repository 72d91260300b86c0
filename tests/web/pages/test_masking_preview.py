"""The page on which authors see their code as reviewers see it, and say what else would give them away."""

import re

import pytest

from tests.domain.reviews.scene import Scene, come, running
from tests.frozen import hand_in_code
from tests.people import School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
FILES = {
    "README.md": "# Lab\nBy Vanya & me@mail.example\n",
    "vanya/main.py": "import os  # Ваня wrote it\nnames = ['<Vanya>']\n",
    "other.py": "print(1)\n",
}


async def test_an_author_sees_what_reviewers_see_and_how_much_is_hidden(school: School) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])
    await scene.people[0].ok("PUT", f"/tracks/{scene.track_id}/hidden-terms", json={"terms": ["Vanya"]})

    own = await browser.get(path)
    page = await browser.get(f"{path}?as=reviewer&show=lines")

    assert f'href="{path}?as=reviewer"' in own.text
    assert "Vanya" in own.text
    # Two in the first file, two in the second, and the name of a folder.
    assert "This is what reviewers see: 5 places hidden in 2 files." in page.text
    assert not re.search("vanya|ваня|me@mail", _code(page.text), re.IGNORECASE)
    assert len(re.findall(r'<mark class="masked">', _code(page.text))) == 4 + 1
    assert "hidden: </span>_hidden_</mark>/main.py</h2>" in page.text
    assert "<textarea" in page.text
    assert "code/viewed" not in page.text


async def test_terms_are_added_without_scripts_and_hidden_immediately(school: School) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])

    shown = await browser.fill_in(f"{path}/hidden-terms", terms="Vanya\r\n\r\n  Group 21-3 \r\nvanya")

    assert "Saved." in shown
    assert "5 places hidden in 2 files" in shown
    kept = await scene.people[0].ok("GET", f"/tracks/{scene.track_id}/hidden-terms")
    assert kept == {"terms": ["Vanya", "Group 21-3"]}
    assert "1 place hidden in one file" in await browser.fill_in(f"{path}/hidden-terms", terms="")


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ("good\nx", "x: Use at least 2 characters."),
        ("x" * 101, "Use at most 100 characters."),
        ("\n".join(f"term {number}" for number in range(51)), "Add at most 50."),
        ("a\0b", "Remove the characters that cannot be used here."),
    ],
)
async def test_what_is_wrong_with_terms_is_said_at_the_form(school: School, terms: str, message: str) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.people[0])

    answer = await browser.post(
        f"{path}/hidden-terms", data={"terms": terms}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert answer.status_code == 422
    assert '<p class="error" id="error-terms">' in answer.text
    assert message in answer.text
    assert "This is what reviewers see" in answer.text
    assert await scene.people[0].ok("GET", f"/tracks/{scene.track_id}/hidden-terms") == {"terms": []}
    assert "This is what reviewers see" in await browser.see(f"{path}/hidden-terms")


async def test_staff_see_the_preview_without_the_form(school: School) -> None:
    scene, path = await _handed_in(school)
    browser = signed_in(school, scene.author)

    page = await browser.get(f"{path}?as=reviewer")

    assert "1 place hidden in one file" in page.text
    assert "me@mail" not in page.text
    assert "<textarea" not in page.text
    await browser.fill_in(f"{path}/hidden-terms", 404, terms="Vanya")


async def test_the_preview_is_for_the_author_and_staff(school: School) -> None:
    scene, path = await _handed_in(school)
    await come(scene, "due_at")
    reviewer, other = scene.people[1:3]
    await scene.claim_work_of(scene.people[0], reviewer)

    for person in (reviewer, other, await school.person()):
        browser = signed_in(school, person)
        await browser.see(f"{path}?as=reviewer", 404)
        await browser.fill_in(f"{path}/hidden-terms", 404, terms="Vanya")
        picture = await browser.get(f"{path}/picture?path=a.png&as=reviewer", headers={"Accept": "image/*"})
        assert picture.status_code == 404
    assert "What reviewers see" not in await signed_in(school, reviewer).see(path)
    assert "What reviewers see" in await signed_in(school, scene.people[0]).see(f"/assignments/{scene.assignment_id}")


async def _handed_in(school: School) -> tuple[Scene, str]:
    scene = await running(school)
    submission_id = await hand_in_code(school, scene.people[0], scene.assignment_id, FILES)
    return scene, f"/submissions/{submission_id}/code"


def _code(page: str) -> str:
    return page[page.index('class="file-list"') :]
