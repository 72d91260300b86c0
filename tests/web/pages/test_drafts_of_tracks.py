"""A track begins as a draft: its staff look at it, change its criteria, publish it, and may take it back."""

import pytest

from tests.people import Person, School
from tests.web.pages.authoring import WRITTEN, send, typed
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def author(school: School) -> Person:
    """Sign an author up."""
    return await school.person("maria")


@pytest.fixture
def browser(school: School, author: Person) -> Browser:
    """Open the author's browser."""
    return signed_in(school, author)


async def test_a_draft_is_looked_at_and_published(browser: Browser, author: Person, school: School) -> None:
    look = await send(browser, "/tracks/new", WRITTEN | {"save": "publish"})
    path = look.url.path.removesuffix("/publish")
    assert "Publish this track?" in look.text
    other = signed_in(school, await school.person())
    await other.see(path, 404)
    page = await browser.see(path)
    assert "This is a draft" in page
    assert " does not say what reviewers should look at." in page
    assert "Every assignment has a task description." in page
    preview = await browser.see(f"{path}/preview")
    assert "You're enrolled." in preview
    assert "Guess it" in preview
    assert "Track published." in await browser.fill_in(f"{path}/publish")
    assert "This is a draft" not in await browser.see(path)
    assert "Rust, gently" in await other.see("/tracks")
    assert "already" in await browser.see(f"{path}/publish", 409)


async def test_only_staff_preview_and_publish(browser: Browser, school: School) -> None:
    path = (await send(browser, "/tracks/new", WRITTEN)).url.path
    other = signed_in(school, await school.person())
    for page in ("preview", "publish"):
        await other.see(f"{path}/{page}", 404)
    await other.fill_in(f"{path}/publish", 404)
    await browser.fill_in(f"{path}/publish")
    for page in ("preview", "publish"):
        await other.see(f"{path}/{page}", 403)
    await other.fill_in(f"{path}/unpublish", 403)


async def test_a_published_track_is_a_draft_again_while_no_user_is_enrolled(
    browser: Browser, author: Person, school: School
) -> None:
    track = await school.track(author)
    path, bob = f"/tracks/{track['id']}", await school.person("bob")
    assert "Back to draft" in await browser.see(path)
    assert "The track is a draft again." in await browser.fill_in(f"{path}/unpublish")
    await bob.refused("POST", f"{path}/enroll", 404, "track_not_found")
    await author.ok("POST", f"{path}/publish")
    await bob.ok("POST", f"{path}/enroll", 201)
    assert "Back to draft" not in await browser.see(path)
    await author.refused("POST", f"{path}/unpublish", 409, "has_participants")
    await author.refused("POST", f"{path}/publish", 409, "track_published")


async def test_criteria_of_a_draft_are_changed_by_the_form_until_a_user_enrolls(
    browser: Browser, author: Person, school: School
) -> None:
    path = (await send(browser, "/tracks/new", WRITTEN)).url.path
    page = await browser.get(f"{path}/edit")
    changed = typed(page) | {"criteria-0-name": "Clarity", "criteria-1-name": "Tests", "criteria-1-max_score": "3"}
    await send(browser, f"{path}/edit", changed | {"track_visibility": "unlisted"})
    track = await author.ok("GET", path)
    assert [each["name"] for each in track["criteria"]] == ["Clarity", "Tests"]
    assert (track["visibility"], track["criteria_changeable"]) == ("unlisted", True)
    await author.ok("POST", f"{path}/publish")
    opened = typed(await browser.get(f"{path}/edit"))
    await (await school.person()).ok("POST", f"{path}/enroll", 201)
    late = await send(browser, f"{path}/edit", opened | {"criteria-0-name": "Late"}, 409)
    assert "These criteria cannot be changed any more." in late.text
    assert "A user has enrolled, so the criteria are fixed." in late.text
    assert "Saved." in (await send(browser, f"{path}/edit", typed(late))).text
    assert [each["name"] for each in (await author.ok("GET", path))["criteria"]] == ["Clarity", "Tests"]


async def test_programs_change_the_criteria_of_a_draft_and_no_others(author: Person, school: School) -> None:
    new = [{"name": "Tests", "max_score": 3}]
    draft = await school.track(author, draft=True)
    path = f"/tracks/{draft['id']}"
    changed = await author.ok("PATCH", path, json={"criteria": new, "visibility": "private"})
    assert [(each["name"], each["max_score"]) for each in changed["criteria"]] == [("Tests", 3)]
    assert changed["visibility"] == "private"
    for wrong in ([], "x", [{"name": ""}], [{"name": "a", "max_score": 0}]):
        problem = await author.refused("PATCH", path, 422, "invalid_input", json={"title": "no", "criteria": wrong})
        assert problem["errors"][0]["loc"][:2] == ["body", "criteria"]
    assert (await author.ok("GET", path))["title"] == draft["title"]
    published = await school.track(author)
    assert not published["criteria_changeable"]
    await author.refused("PATCH", f"/tracks/{published['id']}", 409, "criteria_fixed", json={"criteria": new})
