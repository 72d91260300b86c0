"""An author writes a track, changes it while people gather, and moves a deadline: every button without a script."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI

from tests.conftest import opened_school
from tests.conftest import test_settings as settings_with
from tests.people import HandClock, Json, Person, School
from tests.web.pages.authoring import WRITTEN, focused, length, marked, send, typed
from tests.web.pages.browsing import Browser, signed_in, words
from tests.web.pages.counting import counted_statements

pytestmark = pytest.mark.anyio


@pytest.fixture
async def author(school: School) -> Person:
    """Sign an author up."""
    return await school.person("maria")


@pytest.fixture
async def browser(school: School, author: Person) -> AsyncIterator[Browser]:
    """Open the author's browser."""
    async with signed_in(school, author) as opened:
        yield opened


async def test_a_track_is_created_by_one_form(browser: Browser, author: Person) -> None:
    assert "Create a track" in await browser.see("/tracks/new")
    created = await send(browser, "/tracks/new", WRITTEN)
    assert "Draft saved." in words(created)
    track = await author.ok("GET", f"/tracks/{created.url.path.rpartition('/')[2]}")
    assert (track["title"], track["required_participants"], track["review_hours"]) == ("Rust, gently", 3, 0.5)
    assert [each["name"] for each in track["criteria"]] == ["Correctness"]
    [assignment] = await author.ok("GET", f"/tracks/{track['id']}/assignments")
    assert (assignment["title"], assignment["duration_hours"]) == ("A guessing game", 1.5)


async def test_a_refused_form_keeps_everything_typed_and_points_at_each_field(browser: Browser, author: Person) -> None:
    wrong = WRITTEN | {
        "title": " ",
        "required_participants": "1",
        "review_hours-days": "a day",
        "criteria-0-name": "",
        "criteria-0-max_score": "101",
        "assignments-0-duration_hours-days": "-3",
    }
    page = await send(browser, "/tracks/new", wrong, 422)
    assert typed(page) == wrong
    assert marked(page) == [
        "title",
        "required_participants",
        "review_hours-days",
        "criteria-0-name",
        "criteria-0-max_score",
        "assignments-0-duration_hours-days",
    ]
    assert focused(page) == ["title"]
    assert "This must be at most 100." in words(page)
    assert await author.ok("GET", "/tracks/my") == []


async def test_the_calendar_is_foreseen_in_the_readers_time_zone(browser: Browser, author: Person) -> None:
    await author.ok("PATCH", "/me", json={"time_zone": "Asia/Kolkata"})
    fields = WRITTEN | {"assignments-1-title": "A parser", **length("assignments-1-duration_hours", days="2")}
    fields |= length("review_hours", days="1")
    page = words(await send(browser, "/tracks/new", fields | {"rows": "preview"}))
    # It is noon in UTC: half past five there.
    for text in ("Tue, 1 Jan, 17:30", "Tue, 1 Jan, 19:00", "Wed, 2 Jan, 19:00", "Fri, 4 Jan, 19:00"):
        assert text in page
    assert "From start to end: 4 d 1 h." in page
    page = words(
        await send(browser, "/tracks/new", fields | {"assignments-1-duration_hours-days": "?", "rows": "preview"})
    )
    assert "Wed, 2 Jan, 19:00" in page
    assert "Fri, 4 Jan" not in page
    assert "Dates appear when you fill in the times." in page


async def test_markdown_is_shown_as_it_will_look_and_is_never_run(browser: Browser) -> None:
    fields = WRITTEN | {"assignments-0-description": "**bold** <script>alert(1)</script>", "rows": "preview"}
    page = (await send(browser, "/tracks/new", fields)).text
    assert "<em>can</em>" in page
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page


async def test_a_track_is_written_from_another_with_criteria_that_may_change(
    browser: Browser, author: Person, school: School
) -> None:
    track = await school.track(author)
    fields = typed(await browser.get("/tracks/new", params={"copy": track["id"]}))
    assert fields["criteria-1-name"] == "Readability"
    assert (fields["review_hours-hours"], fields["assignments-1-description"]) == ("10", "Print that")
    created = await send(browser, "/tracks/new", fields | {"criteria-1-name": "Style"})
    copy = await author.ok("GET", created.url.path)
    assert copy["id"] != track["id"]
    assert [each["name"] for each in copy["criteria"]] == ["Correctness", "Style"]
    stranger = signed_in(school, await school.person())
    await stranger.see(f"/tracks/new?copy={track['id']}", 403)


async def test_where_only_authors_create_tracks_others_have_no_button_and_are_refused(
    app: FastAPI, database_url: str, clock: HandClock
) -> None:
    async with opened_school(app, settings_with(database_url, track_creation="authors"), clock) as school:
        user, writer = await school.person("user"), await school.person("writer", role="author")
        theirs, writers = signed_in(school, user), signed_in(school, writer)
        for path in ("/", "/tracks"):
            assert "Create a track" not in await theirs.see(path)
            assert "Create a track" in await writers.see(path)
        assert "Only authors can create tracks here." in await theirs.see("/tracks/new", 403)
        await send(theirs, "/tracks/new", WRITTEN, 403)
        assert await user.ok("GET", "/tracks") == []
        await send(writers, "/tracks/new", WRITTEN)


async def test_a_track_is_changed_while_people_gather(browser: Browser, author: Person, school: School) -> None:
    track = await school.track(author)
    path = f"/tracks/{track['id']}/edit"
    assert "Edit" in await browser.see(f"/tracks/{track['id']}")
    page = await browser.get(path)
    assert "You cannot change these criteria." in words(page)
    fields = typed(page) | {"title": "Python, again", "description": "", "rows": "assignments move 0 1"}
    fields = typed(await send(browser, path, fields))
    assert "Saved." in words(await send(browser, path, fields))
    changed = await author.ok("GET", f"/tracks/{track['id']}")
    assert (changed["title"], changed["description"]) == ("Python, again", "")
    assert [each["name"] for each in changed["criteria"]] == ["Correctness", "Readability"]
    assignments = await author.ok("GET", f"/tracks/{track['id']}/assignments")
    assert [each["title"] for each in assignments] == ["Goodbye", "Hello"]


async def test_fewer_places_than_people_are_refused_at_the_field(
    browser: Browser, author: Person, school: School
) -> None:
    track = await school.track(author)
    people = await school.people(3)
    for person in people:
        await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    path = f"/tracks/{track['id']}/edit"
    page = await browser.get(path)
    assert "3 participants have enrolled. With exactly as many places, the track starts immediately." in words(page)
    page = await send(browser, path, typed(page) | {"required_participants": "2"}, 409)
    assert marked(page) == ["required_participants"]
    assert "3 people are already enrolled" in words(page)
    page = await send(browser, path, typed(page) | {"required_participants": "3"})
    assert "All places are taken, so the track has started." in words(page)
    assert "The track has already started." in await browser.see(path, 409)


async def test_no_user_edits_the_track_of_another(author: Person, school: School) -> None:
    track = await school.track(author)
    mallory = signed_in(school, await school.person("mallory"))
    await mallory.see(f"/tracks/{track['id']}/edit", 403)
    await send(mallory, f"/tracks/{track['id']}/edit", WRITTEN, 403)
    assert "Edit" not in await mallory.see(f"/tracks/{track['id']}")
    admin = signed_in(school, await school.person("root", role="admin"))
    assert "Python basics" in await admin.see(f"/tracks/{track['id']}/edit")


async def running(school: School, author: Person) -> tuple[Json, list[int]]:
    """Start a track of the author's by two others; return it and the ids of its assignments."""
    track = await school.running_track(author, await school.people(2))
    return track, await school.assignment_ids(author, track)


async def test_an_author_sees_what_moves_before_a_deadline_is_moved(
    browser: Browser, author: Person, school: School
) -> None:
    track, (first, _) = await running(school, author)
    assert "Move deadline" in await browser.see(f"/tracks/{track['id']}")
    page = await browser.see(f"/assignments/{first}/extend?due_at=2030-01-03T10:00")
    # Hello was due at ten in the evening of New Year's Day; everything moves by a day and a half.
    assert "Hello submit by Tue, 1 Jan, 22:00 Thu, 3 Jan, 10:00" in page
    assert "Goodbye opens Wed, 2 Jan, 08:00 Thu, 3 Jan, 20:00" in page
    assert "2 participants will be notified." in page
    before = await author.ok("GET", f"/assignments/{first}")
    assert before["due_at"] == "2030-01-01T22:00:00Z"
    said = await browser.fill_in(f"/assignments/{first}/extend", due_at="2030-01-03T10:00:00+00:00")
    assert "Deadline moved. Participants have been notified." in said
    after = await author.ok("GET", f"/tracks/{track['id']}/assignments")
    assert [each["due_at"] for each in after] == ["2030-01-03T10:00:00Z", "2030-01-04T06:00:00Z"]


async def test_second_iterations_are_seen_to_move_with_a_deadline(
    browser: Browser, author: Person, school: School
) -> None:
    track = await school.running_track(author, await school.people(2), iteration_hours=24)
    first, _ = await school.assignment_ids(author, track)
    before = await author.ok("GET", f"/tracks/{track['id']}/assignments")
    page = await browser.see(f"/assignments/{first}/extend?due_at=2030-01-03T22:00")
    assert page.count(" improve by ") == 2
    assert "improve by Thu, 3 Jan, 08:00 Sat, 5 Jan, 08:00" in page
    await browser.fill_in(f"/assignments/{first}/extend", due_at="2030-01-03T22:00:00+00:00")
    after = await author.ok("GET", f"/tracks/{track['id']}/assignments")
    assert (before[0]["iteration_due_at"], after[0]["iteration_due_at"]) == (
        "2030-01-03T08:00:00Z",
        "2030-01-05T08:00:00Z",
    )


async def test_what_is_offered_for_a_later_deadline_can_be_followed(
    browser: Browser, author: Person, school: School
) -> None:
    _, (first, _) = await running(school, author)
    page = await browser.get(f"/assignments/{first}/extend")
    offered = [unescape(link) for link in re.findall(r'class="button quiet" href="(\?due_at=[^"]+)"', page.text)]
    assert len(offered) == 3
    assert "Wed, 2 Jan, 22:00" in await browser.see(f"/assignments/{first}/extend{offered[0]}")


@pytest.mark.parametrize(
    ("due_at", "says"),
    [
        ("2030-01-01T21:00", "must be later than the current one"),
        ("2050-01-01T21:00", "by at most ten years"),
        ("soon", "Enter a date and time"),
    ],
)
async def test_a_deadline_that_cannot_be_is_refused_at_the_field(
    browser: Browser, author: Person, school: School, due_at: str, says: str
) -> None:
    _, (first, _) = await running(school, author)
    asked = await browser.get(f"/assignments/{first}/extend", params={"due_at": due_at})
    sent = await send(browser, f"/assignments/{first}/extend", {"due_at": due_at}, 422)
    for page in (asked, sent):
        assert marked(page) == ["due_at"]
        assert says in words(page)
    assert (await author.ok("GET", f"/assignments/{first}"))["due_at"] == "2030-01-01T22:00:00Z"


async def test_a_deadline_that_has_passed_and_one_of_another_author_are_not_moved(
    browser: Browser, author: Person, school: School
) -> None:
    track, (first, second) = await running(school, author)
    mallory = signed_in(school, await school.person("mallory"))
    await mallory.see(f"/assignments/{first}/extend", 403)
    assert "Move deadline" not in await mallory.see(f"/tracks/{track['id']}")
    await browser.see("/assignments/999/extend", 404)
    await school.advance(hours=10)
    assert "The deadline has passed." in await browser.see(f"/assignments/{first}/extend", 409)
    await send(browser, f"/assignments/{first}/extend", {"due_at": "2030-02-01T10:00"}, 409)
    await browser.see(f"/assignments/{second}/extend")


async def test_an_authors_pages_cost_few_statements(browser: Browser, author: Person, school: School) -> None:
    gathering = await school.track(author)
    track, (first, _) = await running(school, author)
    most = {
        "/tracks/new": 2,
        f"/tracks/new?copy={gathering['id']}": 4,
        f"/tracks/{gathering['id']}": 7,
        f"/tracks/{gathering['id']}/edit": 5,
        f"/tracks/{track['id']}": 10,
        f"/assignments/{first}/extend?due_at=2030-01-03T10:00": 4,
    }
    for path, statements in most.items():
        with counted_statements() as seen:
            assert (await browser.get(path)).status_code == 200
        assert len(seen) <= statements, f"{path}\n" + "\n".join(seen)


async def test_authors_read_everything_in_russian_too(school: School) -> None:
    marie = await school.person(language="ru")
    track = await school.track(marie, title="Основы", description="", criteria=[{"name": "Ясность", "max_score": 5}])
    russian = signed_in(school, marie)
    for path in ("/tracks/new", f"/tracks/{track['id']}/edit"):
        page = await russian.see(path)
        assert not re.search(r"\b(the|your|with|and|of|to)\b", page), page


async def test_a_session_shows_for_how_long_it_was_not_used(browser: Browser, author: Person, school: School) -> None:
    async with school.services.database.transaction() as db:
        await db.execute(
            "insert into sessions (user_id, created_at, expires_at) values ($1, $2, $3)",
            author.id,
            school.clock.now - timedelta(days=9),
            school.clock.now + timedelta(days=30 - 6.5),
        )
    page = await browser.see("/settings/security")
    assert "not used for 5 days" in page
    assert page.count("not used for") == 1


async def test_whether_reviewers_see_links_is_chosen_with_the_track(browser: Browser) -> None:
    """A box that is ticked stays so, and can be unticked."""
    page = await send(browser, "/tracks/new", WRITTEN | {"rows": "preview", "show_repository": "true"})

    assert typed(page) == WRITTEN | {"show_repository": "true"}
