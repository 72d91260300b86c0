"""Assignments: the calendar everyone sees, and where one is."""

from datetime import datetime, timedelta

from tests.people import School

ASSIGNMENT = {
    "id",
    "position",
    "title",
    "description",
    "duration_hours",
    "opens_at",
    "warn_at",
    "due_at",
    "reviews_due_at",
    "iteration_due_at",
    "personal_due_at",
    "state",
}


async def test_everyone_sees_the_calendar_and_only_participants_what_is_open(campus: School) -> None:
    alice, bob, mallory = await campus.people(3)
    track = await campus.running_track(alice, [bob, await campus.person()])
    path = f"/tracks/{track['id']}/assignments"
    first, second = await bob.ok("GET", path)
    assert set(first) == set(second) == ASSIGNMENT
    assert (first["position"], first["title"], first["duration_hours"]) == (0, "Hello", 10)
    assert (first["opens_at"], first["warn_at"]) == ("2030-01-01T12:00:00Z", "2030-01-01T20:00:00Z")
    assert (first["due_at"], first["reviews_due_at"]) == ("2030-01-01T22:00:00Z", "2030-01-02T08:00:00Z")
    assert second["opens_at"] == first["reviews_due_at"]
    assert (first["state"], first["description"]) == ("open", "Print it")
    assert (second["state"], second["description"]) == ("locked", None)
    looked_on = await mallory.ok("GET", path)
    assert [(one["state"], one["description"]) for one in looked_on] == [("locked", None)] * 2
    assert [one["due_at"] for one in looked_on] == [first["due_at"], second["due_at"]]
    as_author = await alice.ok("GET", path)
    assert [one["state"] for one in as_author] == ["open", "locked"]
    assert [one["description"] for one in as_author] == ["Print it", "Print that"]
    await mallory.refused("GET", "/tracks/999999999/assignments", 404, "track_not_found")


async def test_before_the_start_there_is_no_calendar(campus: School) -> None:
    alice = await campus.person()
    for assignment in await alice.ok("GET", f"/tracks/{(await campus.track(alice))['id']}/assignments"):
        times = [assignment[name] for name in ("opens_at", "warn_at", "due_at", "reviews_due_at")]
        assert times == [None] * 4
        assert assignment["state"] == "locked"


async def test_one_assignment_is_shown_to_who_takes_part_or_is_responsible(campus: School) -> None:
    alice, bob, mallory = await campus.people(3)
    admin = await campus.person(role="admin")
    track = await campus.running_track(alice, [bob, await campus.person()])
    first, second = await bob.ok("GET", f"/tracks/{track['id']}/assignments")
    assert await bob.ok("GET", f"/assignments/{first['id']}") == first
    assert await bob.ok("GET", f"/assignments/{second['id']}") == second
    assert (await alice.ok("GET", f"/assignments/{second['id']}"))["description"] == "Print that"
    assert (await admin.ok("GET", f"/assignments/{second['id']}"))["description"] == "Print that"
    await mallory.refused("GET", f"/assignments/{first['id']}", 403, "not_a_participant")
    await mallory.refused("GET", "/assignments/999999999", 404, "assignment_not_found")


async def test_a_participant_goes_through_the_states_of_an_assignment(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)

    async def states() -> list[str]:
        return [one["state"] for one in await alice.ok("GET", f"/tracks/{track['id']}/assignments")]

    assert await states() == ["open", "locked"]
    await alice.submit(first)
    await bob.submit(first)
    assert await states() == ["submitted", "locked"]
    # Nothing has run since the deadline: the clock decides.
    school.clock.advance(hours=10)
    assert await states() == ["review", "locked"]
    await school.sweep()
    assert await alice.review_all(first) == 1
    assert await states() == ["finished", "open"]
    # Nothing was submitted for the second: no review of it is owed.
    await school.advance(hours=30)
    assert await states() == ["finished", "finished"]


async def test_the_current_assignment_says_what_is_owed_and_what_was_handed_in(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, second = await school.assignment_ids(alice, track)
    path = f"/tracks/{track['id']}/assignments/current"
    here = await alice.ok("GET", path)
    assert set(here) == ASSIGNMENT | {"reviews_required", "reviews_done", "submission"}
    assert (here["id"], here["state"], here["description"]) == (first, "open", "Print it")
    assert (here["reviews_required"], here["reviews_done"], here["submission"]) == (None, 0, None)
    handed_in = (await alice.submit(first)).json()
    here = await alice.ok("GET", path)
    assert (here["state"], here["submission"]) == ("submitted", handed_in)
    await bob.submit(first)
    school.clock.advance(hours=10)
    here = await alice.ok("GET", path)
    assert (here["state"], here["reviews_required"], here["reviews_done"]) == ("review", 1, 0)
    await alice.review_all(first)
    here = await alice.ok("GET", path)
    assert (here["id"], here["state"], here["submission"]) == (second, "open", None)


async def test_there_is_no_current_assignment_where_there_can_be_none(school: School) -> None:
    alice, bob, mallory = await school.people(3)
    gathering = await school.track(alice)
    await alice.ok("POST", f"/tracks/{gathering['id']}/enroll", 201)
    await alice.refused("GET", f"/tracks/{gathering['id']}/assignments/current", 404, "track_not_started")
    await mallory.refused("GET", f"/tracks/{gathering['id']}/assignments/current", 404, "not_enrolled")
    await mallory.refused("GET", "/tracks/999999999/assignments/current", 404, "not_enrolled")
    track = await school.running_track(alice, [alice, bob])
    await school.advance(hours=40)
    await alice.refused("GET", f"/tracks/{track['id']}/assignments/current", 404, "track_completed")


async def test_a_user_who_is_through_before_the_end_has_completed_the_track(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob], assignments=[{"title": "One", "duration_hours": 10}])
    (only,) = await school.assignment_ids(alice, track)
    for person in (alice, bob):
        await person.submit(only)
    await school.advance(hours=10)
    await alice.review_all(only)
    await alice.refused("GET", f"/tracks/{track['id']}/assignments/current", 404, "track_completed")
    assert (await bob.ok("GET", f"/tracks/{track['id']}/assignments/current"))["state"] == "review"


async def test_the_author_moves_a_deadline_and_all_that_follows_for_everyone(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [bob, await school.person()])
    first, second = await bob.ok("GET", f"/tracks/{track['id']}/assignments")
    moved = await alice.ok("PATCH", f"/assignments/{first['id']}", json={"due_at": "2030-01-02T03:00:00+03:00"})
    assert set(moved) == ASSIGNMENT
    assert (moved["due_at"], moved["reviews_due_at"]) == ("2030-01-02T00:00:00Z", "2030-01-02T10:00:00Z")
    assert (moved["warn_at"], moved["duration_hours"]) == ("2030-01-01T21:36:00Z", 12)
    _, after = await bob.ok("GET", f"/tracks/{track['id']}/assignments")
    for name in ("opens_at", "warn_at", "due_at", "reviews_due_at"):
        by = datetime.fromisoformat(after[name]) - datetime.fromisoformat(second[name])
        assert by == timedelta(hours=2), name
    assert (await bob.ok("GET", f"/tracks/{track['id']}"))["finishes_at"] == "2030-01-03T06:00:00Z"
    (message,) = [one for one in await bob.ok("GET", "/notifications") if one["type"] == "deadline_moved"]
    assert (message["due_at"], message["assignment_id"]) == ("2030-01-02T00:00:00Z", first["id"])
    school.clock.advance(hours=11)
    assert (await bob.submit(first["id"])).status_code == 201


async def test_a_deadline_is_moved_later_before_it_passes_by_the_author(school: School) -> None:
    alice, bob = await school.people(2)
    gathering = await school.track(alice)
    (waiting, _) = await school.assignment_ids(alice, gathering)
    later = {"due_at": "2030-01-02T00:00:00Z"}
    await alice.refused("PATCH", f"/assignments/{waiting}", 409, "track_not_started", json=later)
    track = await school.running_track(alice, [bob, await school.person()])
    (first, second) = await school.assignment_ids(alice, track)
    path = f"/assignments/{first}"
    await bob.refused("PATCH", path, 403, "not_the_author", json=later)
    await alice.refused("PATCH", "/assignments/999999999", 404, "assignment_not_found", json=later)
    await alice.refused("PATCH", path, 422, "deadline_not_later", json={"due_at": "2030-01-01T22:00:00Z"})
    await alice.refused("PATCH", path, 422, "deadline_too_far", json={"due_at": "2099-01-01T00:00:00Z"})
    await alice.refused("PATCH", path, 422, "invalid_input", json={})
    school.clock.advance(hours=10)
    await alice.refused("PATCH", path, 409, "deadline_passed", json=later)
    await alice.ok("PATCH", f"/assignments/{second}", json={"due_at": "2030-01-09T00:00:00Z"})
    await alice.ok("POST", f"/tracks/{track['id']}/cancel")
    await alice.refused("PATCH", f"/assignments/{second}", 409, "track_over", json={"due_at": "2030-02-09T00:00:00Z"})
