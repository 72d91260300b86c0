"""How a track starts, in the API: on a date, at certain hours, by its staff."""

from datetime import datetime

import pytest
from icalendar import Calendar

from tests.people import Json, School

DATE = "2030-01-03T12:00:00Z"
ON_DATE = {"rule": "on_date", "at": DATE, "min_participants": 2, "time_zone": "Europe/Moscow"}


async def test_a_track_starts_on_its_date_when_the_scheduler_comes(school: School) -> None:
    alice, bob, carol = await school.people(3)
    track = await school.track(alice, required_participants=5, start=ON_DATE)
    path = f"/tracks/{track['id']}"
    assert track["start"] == {**ON_DATE, "from_hour": None, "until_hour": None, "missed_at": None}
    for person in (bob, carol):
        await person.ok("POST", f"{path}/enroll", 201)
    [planned] = Calendar.from_ical((await bob.get(f"{path}/calendar.ics")).text).walk("VEVENT")
    assert planned.decoded("dtstart") == datetime.fromisoformat(DATE)

    await school.advance(hours=48)

    running = await bob.ok("GET", path)
    assert (running["status"], running["started_at"], running["participants_count"]) == ("running", DATE, 2)


async def test_a_date_that_too_few_wait_for_can_be_moved(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.track(alice, required_participants=5, start=ON_DATE)
    path = f"/tracks/{track['id']}"
    await bob.ok("POST", f"{path}/enroll", 201)
    await school.advance(hours=49)
    assert (await bob.ok("GET", path))["start"]["missed_at"] == "2030-01-03T13:00:00Z"
    later = {**ON_DATE, "at": "2030-01-05T12:00:00Z"}
    assert (await alice.ok("PATCH", path, json={"start": later}))["start"]["missed_at"] is None
    assert await bob.notification_types() == ["start_missed", "start_planned"]


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ({**ON_DATE, "at": "2029-01-03T12:00:00Z"}, "start_in_past"),
        ({**ON_DATE, "at": "2060-01-03T12:00:00Z"}, "start_too_far"),
        ({**ON_DATE, "min_participants": 6}, "minimum_above_places"),
        ({**ON_DATE, "from_hour": 16, "until_hour": 20}, "outside_start_hours"),
        ({**ON_DATE, "from_hour": 16}, "start_hours_not_a_range"),
        ({**ON_DATE, "time_zone": "Moscow/Kremlin"}, "unknown_time_zone"),
    ],
)
async def test_a_start_that_cannot_be_kept_is_refused_at_its_field(school: School, start: Json, code: str) -> None:
    alice = await school.person()
    track = await school.track(alice, required_participants=5)
    problem = await alice.refused("PATCH", f"/tracks/{track['id']}", 422, code, json={"start": start})
    assert problem["errors"][0]["loc"][:2] == ["body", "start"]
    assert (await alice.ok("GET", f"/tracks/{track['id']}"))["start"]["rule"] == "when_full"


async def test_a_full_track_that_waits_for_its_date_takes_no_more(school: School) -> None:
    alice, bob, carol = await school.people(3)
    track = await school.track(alice, required_participants=2, start=ON_DATE)
    for person in (alice, bob):
        await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    await carol.refused("POST", f"/tracks/{track['id']}/enroll", 409, "track_full")


async def test_staff_start_a_track_now_and_no_others(school: School) -> None:
    alice, bob, carol = await school.people(3)
    track = await school.track(alice, required_participants=5)
    path = f"/tracks/{track['id']}"
    await bob.ok("POST", f"{path}/enroll", 201)
    await alice.refused("POST", f"{path}/start", 409, "too_few_participants")
    await carol.ok("POST", f"{path}/enroll", 201)
    await bob.refused("POST", f"{path}/start", 403, "not_the_author")
    assert (await alice.ok("POST", f"{path}/start"))["status"] == "running"
    await alice.refused("POST", f"{path}/start", 409, "track_started")
