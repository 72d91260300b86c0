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
    assert [str(event["UID"]).partition("@")[0] for event in events] == [
        f"{kind}-{id}" for id in (first, second) for kind in ("hand-in", "review")
    ]
    assert str(events[0]["SUMMARY"]) == "Hello: срок сдачи (Python basics)"
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


async def calendar_of(reader: Person, path: str) -> Any:
    """Return a calendar as a program reads it."""
    return Calendar.from_ical((await reader.get(path)).content)


async def test_a_calendar_has_a_name_and_says_how_often_to_look(school: School) -> None:
    alice, bob = await school.person(language="ru"), await school.person()
    track = await school.running_track(bob, [alice, bob], title="Основы: «Python», часть 1")

    for path, name in ((f"/tracks/{track['id']}/calendar.ics", track["title"]), ("/calendar.ics", "Learning Platform")):
        calendar = await calendar_of(alice, path)
        assert calendar["NAME"] == calendar["X-WR-CALNAME"] == name
        assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
        assert calendar["REFRESH-INTERVAL"].params == {"VALUE": "DURATION"}
        assert calendar["X-PUBLISHED-TTL"] == "PT1H"
        assert calendar.errors == []


async def test_an_entry_blocks_no_time_and_reminds_when_a_fifth_of_the_time_is_left(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(bob, [alice, bob])

    event = (await calendar_of(alice, f"/tracks/{track['id']}/calendar.ics")).walk("VEVENT")[0]

    assert (event["TRANSP"], event["STATUS"]) == ("TRANSPARENT", "CONFIRMED")
    (alarm,) = event.walk("VALARM")
    assert alarm["ACTION"] == "DISPLAY"
    assert alarm["TRIGGER"].dt == timedelta(hours=-2)
    assert alarm["TRIGGER"].params == {"RELATED": "END"}
    assert alarm["DESCRIPTION"] == event["SUMMARY"]


async def test_programs_learn_that_an_entry_has_changed(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(bob, [alice, bob])
    path = f"/tracks/{track['id']}/calendar.ics"
    first, _ = await school.assignment_ids(alice, track)
    before = (await calendar_of(alice, path)).walk("VEVENT")
    await school.advance(hours=1)

    later = (school.clock.now + timedelta(hours=12)).isoformat()
    await bob.ok("PATCH", f"/assignments/{first}", json={"due_at": later})
    moved = (await calendar_of(alice, path)).walk("VEVENT")
    await school.advance(minutes=1)
    await bob.ok("POST", f"/tracks/{track['id']}/cancel")
    cancelled = (await calendar_of(alice, path)).walk("VEVENT")

    versions = (before, moved, cancelled)
    assert [[event["SEQUENCE"] for event in version] for version in versions] == [[0] * 4, [3600] * 4, [3660] * 4]
    for version, changed in zip(versions, (61, 1, 0), strict=True):
        times = {event["LAST-MODIFIED"].dt for event in version} | {event["DTSTAMP"].dt for event in version}
        assert times == {school.clock.now - timedelta(minutes=changed)}
    assert {event["STATUS"] for event in cancelled} == {"CANCELLED"}
    assert [event.walk("VALARM") for event in cancelled] == [[]] * 4


async def test_a_personal_deadline_changes_the_entry_of_one_person_only(school: School) -> None:
    author, alice, bob = await school.people(3)
    track = await school.running_track(author, [alice, bob])
    path = f"/tracks/{track['id']}/calendar.ics"
    first, _ = await school.assignment_ids(alice, track)
    await school.advance(minutes=30)
    extension = {
        "username": alice.username,
        "due_at": (school.clock.now + timedelta(hours=12)).isoformat(),
        "reason": "was ill",
    }
    await author.ok("POST", f"/assignments/{first}/extensions", 201, json=extension)

    of_alice, of_bob = [(await calendar_of(person, path)).walk("VEVENT") for person in (alice, bob)]

    assert [event["SEQUENCE"] for event in of_alice] == [1800, 1800, 0, 0]
    assert [event["SEQUENCE"] for event in of_bob] == [0] * 4


async def test_a_calendar_that_has_not_changed_is_not_sent_again(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(bob, [alice, bob])
    path = f"/tracks/{track['id']}/calendar.ics"
    etag = (await alice.get(path)).headers["etag"]
    await school.advance(hours=1)

    known = await alice.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    head = await alice.head(path)

    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    assert known.headers["cache-control"] == "private, no-cache"
    await bob.ok("POST", f"/tracks/{track['id']}/cancel")
    assert (await alice.get(path, headers={"If-None-Match": etag})).status_code == 200


async def test_two_installations_never_name_two_entries_alike(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(bob, [alice, bob])
    path = f"/tracks/{track['id']}/calendar.ics"
    here = {str(event["UID"]).partition("@")[2] for event in (await calendar_of(alice, path)).walk("VEVENT")}
    assert here == {str(event["UID"]).partition("@")[2] for event in (await calendar_of(bob, path)).walk("VEVENT")}

    async with school.services.database.connection() as db:
        await db.execute("delete from installation")
    elsewhere = {str(event["UID"]).partition("@")[2] for event in (await calendar_of(alice, path)).walk("VEVENT")}

    assert len(here) == len(elsewhere) == 1
    assert here != elsewhere
