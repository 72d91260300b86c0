"""A refused page of a track names the track and says what to do next, to users who may know of the track."""

import re

import pytest

from tests.people import School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
ON_DATE = {"rule": "on_date", "at": "2030-01-10T12:00:00Z", "min_participants": 2, "time_zone": "UTC"}


async def test_a_refusal_names_the_track_its_author_and_the_next_step(school: School) -> None:
    author, people = await school.person("maria"), await school.people(2)
    stranger = signed_in(school, await school.person("bob"))
    open_track = await school.track(author, title="In spring", required_participants=3)
    page = await stranger.see(f"/tracks/{open_track['id']}/board", 403)
    assert "In spring" in page
    assert "by maria" in page
    assert "Enrollment is open." in page
    assert "You are signed in as bob." in page
    track = await school.running_track(author, people, title="Under way")
    first, _ = await school.assignment_ids(author, track)
    page = await stranger.see(f"/assignments/{first}/extend", 403)
    assert "Under way" in page
    assert "it is not open for enrollment" in page
    page = await signed_in(school, people[0]).see(f"/tracks/{track['id']}/board", 403)
    assert "You take part in this track." in page


async def test_a_private_track_and_none_are_refused_by_the_same_page(school: School) -> None:
    author = await school.person("maria")
    track = await school.track(author, title="Hidden", visibility="private")
    [first, _] = await school.assignment_ids(author, track)
    browser = signed_in(school, await school.person("bob"))
    for hidden, none in (
        (f"/tracks/{track['id']}/board", "/tracks/999/board"),
        (f"/tracks/{track['id']}", "/tracks/999"),
        (f"/assignments/{first}", "/assignments/999"),
    ):
        pages = [(await browser.get(path)).text for path in (hidden, none)]
        assert "Hidden" not in pages[0]
        one, other = (re.sub(r"/(tracks|assignments)/\d+|nonce-\S+|data-now=\S+", "", page) for page in pages)
        assert one == other
        assert "it may be private" in one


async def test_another_user_signs_in_and_comes_back_to_the_page(school: School) -> None:
    author = await school.person("maria")
    track = await school.track(author)
    path = f"/tracks/{track['id']}/board"
    browser = signed_in(school, await school.person("bob"))
    page = await browser.post("/logout", data={"next": path}, headers={"Sec-Fetch-Site": "same-origin"})
    assert str(page.url).endswith(f"/sign-in?next={path}")
    elsewhere = await browser.post(
        "/logout", data={"next": "//evil.example"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert str(elsewhere.url).endswith("/sign-in?next=/")


async def test_the_page_of_a_track_has_other_listed_tracks_of_its_author(school: School) -> None:
    author, viewer = await school.person("maria"), await school.person("bob")
    first = await school.track(author, title="First")
    await school.track(author, title="Second")
    for visibility in ("private", "unlisted"):
        await school.track(author, title=f"Not {visibility}", visibility=visibility)
    await school.track(author, title="Not a draft", draft=True)
    await school.track(viewer, title="Not by her")
    page = await signed_in(school, viewer).see(f"/tracks/{first['id']}")
    assert "Other tracks by maria Second" in page
    assert "Not " not in page


async def test_a_full_track_is_never_said_to_be_open_for_enrollment(school: School) -> None:
    author, participant, viewer = await school.person("maria"), await school.person("ann"), await school.person("bob")
    other = await school.track(author, title="Another", draft=True)
    await author.ok("POST", f"/tracks/{other['id']}/publish")
    full = await school.track(author, title="Full", required_participants=2, start=ON_DATE)
    for person in (participant, await school.person()):
        await person.ok("POST", f"/tracks/{full['id']}/enroll", 201)
    for person, path, status in (
        (viewer, "/tracks?q=full", 200),
        (viewer, f"/tracks/{other['id']}", 200),
        (viewer, f"/tracks/{full['id']}/board", 403),
        (participant, "/progress", 200),
    ):
        page = await signed_in(school, person).see(path, status)
        assert "all places taken" in page, path
        assert page.count("open for enrollment") == (path == f"/tracks/{other['id']}"), path
