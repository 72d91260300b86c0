"""A filter by status finds what has that status by the clock, on every route that has one, though no scheduler runs."""

from typing import get_args

import pytest
from fastapi import FastAPI

from learning_platform.tracks.rules import TrackStatus
from tests.people import Json, Person, School
from tests.routes import routes_of
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
STATUSES = get_args(TrackStatus)


def filtered(app: FastAPI) -> set[tuple[str, bool]]:
    """Return the path of every route that filters by status, and whether it is a page."""
    return {
        (route.path, route.is_page)
        for route in routes_of(app)
        if any(
            field.alias == "status" or "status" in getattr(field.field_info.annotation, "model_fields", {})
            for field in route.dependant.query_params
        )
    }


async def test_every_filter_by_status_finds_what_is_so_by_the_clock(school: School, app: FastAPI) -> None:
    admin = await school.person(role="admin")
    titles, browser = await _one_of_each(school, admin), signed_in(school, admin)
    paths = filtered(app)
    assert {("/tracks", False), ("/tracks", True), ("/admin/tracks", True)} <= paths

    for path, is_page in paths:
        for search in ({}, {"q": "Python"}):
            for status in STATUSES:
                asked = {"status": status, **search}
                answer = await (browser if is_page else admin).get(path, params=asked)
                assert answer.status_code == 200
                shown = {title for title in titles.values() if title in answer.text}
                assert shown == {titles[status]}, f"{path} {asked}"


async def test_what_is_shown_is_what_was_asked_for(school: School) -> None:
    admin = await school.person(role="admin")
    await _one_of_each(school, admin)
    for status in STATUSES:
        found: list[Json] = await admin.ok("GET", "/tracks", params={"status": status})
        assert [each["status"] for each in found] == [status]


async def test_pages_say_the_same_before_and_after_the_end_is_noted(school: School) -> None:
    author, first, other = await school.people(3)
    track = await school.running_track(author, [first, other])
    (assignment_id, _) = await school.assignment_ids(author, track)
    submission_id = (await other.submit(assignment_id)).json()["id"]
    await school.advance(hours=10)
    school.clock.advance(days=5)
    here, there = f"/tracks/{track['id']}", f"/assignments/{assignment_id}"
    common = [here, f"{here}/results", there, "/tracks"]
    pages = [(author, path) for path in (*common, f"{here}/board", f"{here}/submissions", f"{here}/extensions")]
    pages += [(author, f"/submissions/{submission_id}/reviews")]
    pages += [(other, path) for path in (*common, f"{there}/review", f"{there}/reviews")]

    before = [await signed_in(school, person).see(path) for person, path in pages]
    async with school.services.database.transaction() as db:
        await db.execute("update tracks set status = 'finished'")

    assert [await signed_in(school, person).see(path) for person, path in pages] == before


async def _one_of_each(school: School, author: Person) -> dict[str, str]:
    """Make a track in each status; the one that is finished is stored as running, since nothing has swept."""
    titles = {status: f"Python {status.title()}" for status in STATUSES}
    await school.running_track(author, [author, await school.person()], title=titles["finished"])
    cancelled = await school.track(author, title=titles["cancelled"])
    await author.ok("POST", f"/tracks/{cancelled['id']}/cancel")
    school.clock.advance(days=5)
    await school.running_track(author, [author, await school.person()], title=titles["running"])
    await school.track(author, title=titles["enrolling"])
    await school.track(author, title=titles["draft"], draft=True)
    return titles
