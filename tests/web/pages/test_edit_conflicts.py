"""A form that meets a newer version shows it, with the labels of the form."""

import re

import pytest

from tests.domain.reviews.scene import reviewing, running
from tests.domain.snapshots.test_archives import zipped
from tests.people import School
from tests.web.api.test_archives import CODE, form
from tests.web.pages.authoring import send, typed
from tests.web.pages.browsing import signed_in, words

pytestmark = pytest.mark.anyio
VERSION = re.compile(r'name="version" value="(\d+)"')


async def test_the_fields_of_a_review_are_named_by_its_criteria(school: School) -> None:
    scene = await reviewing(school, 3)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    await scene.people[0].review(work)
    browser = signed_in(school, scene.people[0])
    path = f"/submissions/{work['submission_id']}/review"
    criterion = work["criteria"][0]
    typed = {"scores-0-score": "0", "scores-0-comment": "No", "revise": "yes", "comment": "Other", "version": "0"}
    for index, each in enumerate(work["criteria"]):
        typed |= {f"scores-{index}-criterion_id": str(each["id"])}
        typed.setdefault(f"scores-{index}-score", str(each["max_score"]))
    refused = await browser.fill_in(path, 409, **typed)
    name, points = criterion["name"], criterion["max_score"]
    assert f"Currently saved Overall comment because {name} {points} {name}: comment" in refused


async def test_an_archive_that_was_submitted_meanwhile_is_named(school: School) -> None:
    scene = await running(school, 2)
    person, page = scene.people[0], f"/assignments/{scene.assignment_id}"
    browser = signed_in(school, person)
    link = {"repo_url": "https://git.example/people/one", "comment": "A note"}
    await browser.fill_in(f"{page}/submit", **link)
    version = VERSION.findall((await browser.get(page)).text)[0]
    await person.ok("POST", f"{page}/submit/archive", 200, files=form(zipped(CODE)), data={"comment": "Careful"})
    refused = await browser.fill_in(f"{page}/submit", 409, **link, version=version)
    assert "then submit again" in refused
    assert "Currently saved Submitted uploaded archive Note for reviewers Careful" in refused


async def test_a_start_that_did_not_change_is_not_named(school: School) -> None:
    author = await school.person()
    start = {"rule": "on_date", "at": "2030-01-09T07:00:00Z", "min_participants": 2, "time_zone": "Europe/Moscow"}
    track = await school.track(author, start=start)
    path = f"/tracks/{track['id']}/edit"
    browser = signed_in(school, author)
    opened = typed(await browser.get(path))
    assert opened["start-at"] == "2030-01-09T10:00"
    # Of a group of buttons the helper reads none.
    opened |= {"start-rule": "on_date", "track_visibility": "public", "title": "Mine"}
    await author.ok("PATCH", f"/tracks/{track['id']}", json={"title": "Theirs"})
    refused = words(await send(browser, path, opened, 409))
    saved = refused.partition("Currently saved")[2][:200]
    assert "Title Theirs" in saved
    assert "Start date" not in saved
