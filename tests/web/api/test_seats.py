"""Places that change hands, in the API."""

import pytest

from tests.people import Person, School

pytestmark = pytest.mark.anyio


async def test_a_place_is_taken_from_a_participant_who_submitted_nothing_and_declined(school: School) -> None:
    author, alice, bob, carol, dave = await school.people(5)
    track = await school.running_track(author, [alice, bob])
    path, (first, *_) = f"/tracks/{track['id']}", await school.assignment_ids(author, track)
    for person in (carol, dave):
        await person.ok("POST", f"{path}/waiting-list", 201)
    await alice.submit(first)
    place = {"admitted_id": carol.id, "reason": "Away"}
    of_alice, of_bob = [f"{path}/participants/{person.username}/replace" for person in (alice, bob)]
    await author.refused("POST", of_alice, 409, "has_submitted", json=place)
    await author.refused("POST", of_bob, 404, "not_waiting", json=place | {"admitted_id": alice.id})
    idle = await author.ok("GET", f"{path}/people", params={"has_submitted": False})
    assert [each["username"] for each in idle] == [bob.username]
    await author.ok("POST", of_bob, 204, json=place)
    await author.refused("POST", of_bob, 404, "participant_not_found", json=place)
    await bob.refused("POST", f"{path}/decline", 404, "not_enrolled")
    await alice.refused("POST", f"{path}/decline", 409, "decline_over")
    await carol.ok("POST", f"{path}/decline", 204)
    assert "seat_received" in await dave.notification_types()
    await school.advance(hours=1)
    await dave.submit(first)
    await dave.refused("POST", f"{path}/decline", 409, "decline_over")


async def test_own_tracks_say_whether_and_until_when_a_place_can_be_declined(school: School) -> None:
    author, alice, bob, carol = await school.people(4)
    track = await school.track(author, required_participants=2, start={"rule": "on_date"})
    path = f"/tracks/{track['id']}"

    async def place(person: Person) -> tuple[bool, str | None]:
        (own,) = await person.ok("GET", "/tracks/my")
        return own["declinable"], own["decline_until"]

    for person in (alice, bob):
        await person.ok("POST", f"{path}/enroll", 201)
    await carol.ok("POST", f"{path}/waiting-list", 201)
    await bob.ok("DELETE", f"{path}/enroll", 204)
    assert [await place(each) for each in (author, alice, carol)] == [(False, None), (False, None), (True, None)]
    await author.ok("POST", f"{path}/start")
    # The first assignment takes ten hours, and is due before the 24 hours are over.
    (first, _) = await carol.ok("GET", f"{path}/assignments")
    assert await place(carol) == (True, first["due_at"])
    assert await place(alice) == (False, None)
    await carol.submit(first["id"])
    assert await place(carol) == (False, None)
    await carol.refused("POST", f"{path}/decline", 409, "decline_over")


async def test_what_a_track_waits_for_is_one_word_until_it_starts(school: School) -> None:
    author, alice, bob = await school.people(3)
    # The school begins at noon, UTC: the morning comes in 21 hours.
    morning = {"rule": "when_full", "time_zone": "UTC", "from_hour": 9, "until_hour": 12}
    track = await school.track(author, required_participants=2, start=morning)
    path = f"/tracks/{track['id']}"
    assert track["start_state"] == "when_full"
    for person in (alice, bob):
        await person.ok("POST", f"{path}/enroll", 201)
    assert (await bob.ok("GET", path))["start_state"] == "full"
    await school.advance(hours=22)
    assert (await bob.ok("GET", path))["start_state"] is None
