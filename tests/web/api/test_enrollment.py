"""Join, leave, and the start that the last place brings."""

from tests.people import School
from tests.web.pages.browsing import signed_in


async def test_a_user_who_enrolls_has_a_place_that_others_see_counted(campus: School) -> None:
    alice, bob = await campus.people(2)
    track = await campus.track(alice)
    path = f"/tracks/{track['id']}"
    place = await bob.ok("POST", f"{path}/enroll", 201)
    assert place == {
        "track_id": track["id"],
        "user_id": bob.id,
        "enrolled_at": "2030-01-01T12:00:00Z",
        "track_started": False,
    }
    assert await bob.ok("GET", path) == {**track, "participants_count": 1, "enrolled": True}
    assert await alice.ok("GET", path) == {**track, "participants_count": 1}


async def test_the_last_place_starts_the_track_and_fixes_its_calendar(campus: School) -> None:
    people = await campus.people(3)
    track = await campus.track(people[0], required_participants=3)
    path = f"/tracks/{track['id']}"
    started = [(await person.ok("POST", f"{path}/enroll", 201))["track_started"] for person in people]
    assert started == [False, False, True]
    running = await people[0].ok("GET", path)
    assert (running["status"], running["participants_count"]) == ("running", 3)
    assert (running["started_at"], running["finishes_at"]) == ("2030-01-01T12:00:00Z", "2030-01-03T04:00:00Z")
    for person in people:
        assert await person.notification_types() == ["track_started", "assignment_opened"]


async def test_no_user_enrolls_twice_or_too_late(campus: School) -> None:
    alice, bob, carol = await campus.people(3)
    track = await campus.track(alice, required_participants=2)
    path = f"/tracks/{track['id']}/enroll"
    await alice.ok("POST", path, 201)
    await alice.refused("POST", path, 409, "already_enrolled")
    await bob.ok("POST", path, 201)
    await bob.refused("POST", path, 409, "already_enrolled")
    await carol.refused("POST", path, 409, "track_started")
    await carol.refused("POST", "/tracks/999999999/enroll", 404, "track_not_found")


async def test_a_place_is_given_back_before_the_start_only(campus: School) -> None:
    alice, bob, carol = await campus.people(3)
    track = await campus.track(alice, required_participants=2)
    path = f"/tracks/{track['id']}/enroll"
    await carol.refused("DELETE", path, 404, "not_enrolled")
    await carol.ok("POST", path, 201)
    assert await carol.ok("DELETE", path, 204) is None
    await carol.refused("DELETE", path, 404, "not_enrolled")
    for person in (alice, bob):
        await person.ok("POST", path, 201)
    await alice.refused("DELETE", path, 409, "track_started")
    await carol.refused("DELETE", path, 404, "not_enrolled")
    await carol.refused("DELETE", "/tracks/999999999/enroll", 404, "track_not_found")


async def test_a_user_who_gave_the_place_back_may_take_one_again(school: School) -> None:
    author, alice = await school.people(2)
    track = await school.track(author, required_participants=3)
    path = f"/tracks/{track['id']}/enroll"
    for _ in range(2):
        await alice.ok("POST", path, 201)
        await alice.ok("DELETE", path, 204)
    await alice.refused("DELETE", path, 404, "not_enrolled")
    page = signed_in(school, alice)
    assert "You're enrolled." in await page.fill_in(path)
    assert "Enroll" in await page.fill_in(f"/tracks/{track['id']}/leave")
    assert "You're enrolled." in await page.fill_in(path)
