"""Calendars for people's calendar programs."""

from datetime import timedelta
from typing import Any

from httpx import AsyncClient, Response
from icalendar import Calendar

from tests.people import Person, School


def entries(response: Response) -> list[dict[str, Any]]:
    """Return the entries of a calendar."""
    return [dict(event) for event in Calendar.from_ical(response.content).walk("VEVENT")]


async def events_of(reader: Person | AsyncClient, path: str) -> list[tuple[str, str]]:
    response = await reader.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/calendar")
    return [(str(event["UID"]), str(event["SUMMARY"])) for event in Calendar.from_ical(response.content).walk("VEVENT")]


async def test_a_track_is_a_calendar_of_what_to_hand_in_and_what_to_review(school: School) -> None:
    alice, bob = await school.person("alice", language="ru"), await school.person("bob")
    track = await school.running_track(bob, [alice, bob])
    first, second = await school.assignment_ids(alice, track)
    response = await alice.get(f"/tracks/{track['id']}/calendar.ics")
    events = entries(response)
    assert [str(event["UID"]) for event in events] == [
        f"{kind}-{id}@learning-platform" for id in (first, second) for kind in ("hand-in", "review")
    ]
    assert str(events[0]["SUMMARY"]) == "Hello: сдать (Python basics)"
    assert events[0]["DTEND"].dt == school.clock.now + timedelta(hours=10)
    assert events[1]["DTEND"].dt == school.clock.now + timedelta(hours=20)


async def test_the_secret_link_works_without_signing_in_until_it_is_renewed(
    school: School, client: AsyncClient
) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(bob, [alice, bob])
    link = (await alice.ok("POST", "/me/calendar-link"))["url"].removeprefix("http://localhost:8000")
    key = link.partition("key=")[2]
    assert len(await events_of(client, link)) == 4
    assert len(await events_of(client, f"/tracks/{track['id']}/calendar.ics?key={key}")) == 4
    await alice.ok("POST", "/me/calendar-link")
    assert (await client.get(link)).status_code == 401


async def test_a_calendar_needs_a_reader_who_takes_part(school: School, client: AsyncClient) -> None:
    alice, bob, mallory = await school.people(3)
    track = await school.running_track(bob, [alice, bob])
    assert (await client.get("/calendar.ics")).status_code == 401
    assert await events_of(mallory, "/calendar.ics") == []
    await mallory.refused("GET", f"/tracks/{track['id']}/calendar.ics", 403, "not_a_participant")
    await alice.refused("GET", "/tracks/999/calendar.ics", 404, "track_not_found")


async def test_a_deadline_that_moves_moves_its_entry(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(bob, [alice, bob])
    path = f"/tracks/{track['id']}/calendar.ics"
    before = await events_of(alice, path)
    first, _ = await school.assignment_ids(alice, track)
    later = (school.clock.now + timedelta(hours=12)).isoformat()
    await bob.ok("PATCH", f"/assignments/{first}", json={"due_at": later})
    assert await events_of(alice, path) == before
    moved = entries(await alice.get(path))[0]
    assert moved["DTEND"].dt == school.clock.now + timedelta(hours=12)
