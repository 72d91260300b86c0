"""Many people, few places: in whatever order they enroll, place N+1 is never given and the track starts once."""

import random

import pytest

from tests.concurrency.outcomes import concurrently, outcome, outcomes
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
ROUNDS = 12


def enroll_path(track: Json) -> str:
    return f"/tracks/{track['id']}/enroll"


async def test_fifty_people_on_the_last_ten_places_start_the_track_once(school: School) -> None:
    early, late = await school.people(5), await school.people(50)
    track = await school.track(early[0], required_participants=15)
    for person in early:
        await person.ok("POST", enroll_path(track), 201)

    responses = await concurrently(person.post(enroll_path(track)) for person in late)

    assert outcomes(responses) == {"201": 10, "409 track_started": 40}
    assert sum(response.json()["track_started"] for response in responses if response.is_success) == 1
    full = await early[0].ok("GET", f"/tracks/{track['id']}")
    assert (full["status"], full["participants_count"]) == ("running", 15)
    admitted = [person for person, response in zip(late, responses, strict=True) if response.is_success]
    for person in early + admitted:
        assert await person.notification_types() == ["track_started", "assignment_opened"]
    refused = next(person for person in late if person not in admitted)
    assert await refused.notification_types() == []


async def test_the_same_person_takes_one_place_however_often_they_press(school: School) -> None:
    author, eager = await school.people(2)
    track = await school.track(author, required_participants=2)

    responses = await concurrently(eager.post(enroll_path(track)) for _ in range(8))

    assert outcomes(responses) == {"201": 1, "409 already_enrolled": 7}
    assert (await author.ok("GET", f"/tracks/{track['id']}"))["participants_count"] == 1


async def test_people_who_join_and_leave_at_the_same_time_are_counted_right(school: School) -> None:
    people = await school.people(20)
    track = await school.track(people[0], required_participants=100)
    for step in range(4):
        joining, leaving = people[step::2], people[step + 1 :: 2]
        await concurrently(
            [person.post(enroll_path(track)) for person in joining]
            + [person.delete(enroll_path(track)) for person in leaving]
        )

    shown = (await people[0].ok("GET", f"/tracks/{track['id']}"))["participants_count"]

    assert shown == len([person for person in people if await _takes_part(person, track)])


async def test_places_cut_to_those_taken_while_people_join_never_leave_too_few(school: School) -> None:
    people = await school.people(6)
    author = people[0]
    for _ in range(ROUNDS):
        track = await school.track(author, required_participants=6)
        await people[0].ok("POST", enroll_path(track), 201)
        cut = author.patch(f"/tracks/{track['id']}", json={"required_participants": 3})
        joins = [person.post(enroll_path(track)) for person in people[1:]]
        random.shuffle(joins)

        patched, *joined = await concurrently([cut, *joins])

        assert outcome(patched) in {"200", "409 places_taken", "409 track_started"}
        now = await author.ok("GET", f"/tracks/{track['id']}")
        assert now["participants_count"] == 1 + sum(response.is_success for response in joined)
        assert now["participants_count"] <= now["required_participants"]
        assert (now["status"] == "running") == (now["participants_count"] == now["required_participants"])
    started = (await author.notification_types()).count("track_started")
    running = await author.ok("GET", "/tracks", params={"status": "running"})
    assert started == len(running)


async def test_a_track_cancelled_while_its_last_place_is_taken_is_cancelled_and_says_so_last(school: School) -> None:
    author, second = await school.people(2)
    for _ in range(ROUNDS):
        track = await school.track(author, required_participants=2)
        await author.ok("POST", enroll_path(track), 201)

        cancelled, enrolled = await concurrently(
            [author.post(f"/tracks/{track['id']}/cancel"), second.post(enroll_path(track))]
        )

        assert outcome(cancelled) == "200"
        assert outcome(enrolled) in {"201", "409 track_over"}
        assert (await author.ok("GET", f"/tracks/{track['id']}"))["status"] == "cancelled"
        types = [each["type"] for each in await _inbox(author) if each["track_id"] == track["id"]]
        began = ["track_started", "assignment_opened"] if enrolled.is_success else []
        assert types == [*began, "track_cancelled"]


async def test_a_track_is_deleted_or_started_but_never_both(school: School) -> None:
    author, second = await school.people(2)
    for _ in range(ROUNDS):
        track = await school.track(author, required_participants=2)
        await author.ok("POST", enroll_path(track), 201)

        deleted, enrolled = await concurrently(
            [author.delete(f"/tracks/{track['id']}"), second.post(enroll_path(track))]
        )

        assert (outcome(deleted), outcome(enrolled)) in {
            ("204", "404 track_not_found"),
            ("409 track_started", "201"),
        }


async def _inbox(person: Person) -> list[Json]:
    inbox: list[Json] = await person.ok("GET", "/notifications", params={"limit": 200})
    return inbox


async def _takes_part(person: Person, track: Json) -> bool:
    seen = await person.ok("GET", f"/tracks/{track['id']}")
    return bool(seen["enrolled"])
