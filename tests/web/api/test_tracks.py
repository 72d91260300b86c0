"""Tracks: create, show, list, edit, copy, cancel, delete."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from tests.conftest import opened_school, test_settings
from tests.people import HandClock, School, track_json

TRACK = {
    "id",
    "title",
    "description",
    "status",
    "required_participants",
    "participants_count",
    "start",
    "start_state",
    "review_hours",
    "criteria_changeable",
    "iteration_hours",
    "appeal_days",
    "show_repository",
    "language",
    "level",
    "tags",
    "effort",
    "visibility",
    "criteria",
    "assignments_count",
    "author",
    "enrolled",
    "cohort",
    "head_start_until",
    "created_at",
    "started_at",
    "finishes_at",
}
PLACE = {"declinable", "decline_until"}
CRITERION = {"name": "Style", "description": "", "max_score": 5}
ASSIGNMENT = {"title": "Hello", "description": "", "duration_hours": 1}


async def ids(person: Any, path: str, **query: object) -> list[int]:
    return [track["id"] for track in await person.ok("GET", path, params=query)]


async def test_a_new_track_is_as_it_was_described(campus: School) -> None:
    alice = await campus.person()
    track = await alice.ok("POST", "/tracks", 201, json=track_json(title="  Python basics  ", review_hours=0.5))
    assert set(track) == TRACK
    assert (track["title"], track["status"], track["review_hours"]) == ("Python basics", "enrolling", 0.5)
    assert (track["required_participants"], track["participants_count"], track["assignments_count"]) == (5, 0, 2)
    assert track["author"] == {"id": alice.id, "username": alice.username}
    assert (track["enrolled"], track["started_at"], track["finishes_at"]) == (False, None, None)
    assert track["created_at"] == "2030-01-01T12:00:00Z"
    assert [set(criterion) for criterion in track["criteria"]] == [
        {"id", "position", "name", "description", "max_score"}
    ] * 2
    assert [criterion["name"] for criterion in track["criteria"]] == ["Correctness", "Readability"]
    assert await alice.ok("GET", f"/tracks/{track['id']}") == track


async def test_what_is_left_out_has_its_default(campus: School) -> None:
    alice = await campus.person()
    shortest = {
        "title": "x",
        "required_participants": 2,
        "criteria": [{"name": "x", "max_score": 1}],
        "assignments": [{"title": "x", "duration_hours": 0.002}],
    }
    track = await alice.ok("POST", "/tracks", 201, json=shortest)
    assert (track["description"], track["review_hours"], track["criteria"][0]["description"]) == ("", 24, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"required_participants": 2},
        {"required_participants": 10_000},
        {"criteria": [CRITERION] * 20},
        {"assignments": [ASSIGNMENT] * 50},
        {"criteria": [{**CRITERION, "max_score": 100}, {**CRITERION, "max_score": 1}]},
        {"title": "x" * 200},
    ],
    ids=str,
)
async def test_the_limits_themselves_are_allowed(campus: School, changes: dict[str, Any]) -> None:
    await campus.track(await campus.person(), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " \n "},
        {"title": "x" * 201},
        {"required_participants": 1},
        {"required_participants": 10_001},
        {"required_participants": 2.5},
        {"review_hours": 0},
        {"review_hours": -1},
        {"review_hours": 100_000},
        {"criteria": []},
        {"criteria": [CRITERION] * 21},
        {"criteria": [{**CRITERION, "max_score": 0}]},
        {"criteria": [{**CRITERION, "max_score": 101}]},
        {"criteria": [{**CRITERION, "name": ""}]},
        {"assignments": []},
        {"assignments": [ASSIGNMENT] * 51},
        {"assignments": [{**ASSIGNMENT, "duration_hours": 0}]},
        {"assignments": [{**ASSIGNMENT, "duration_hours": 100_000}]},
        {"assignments": [{**ASSIGNMENT, "title": " "}]},
    ],
    ids=str,
)
async def test_a_track_that_could_not_work_is_not_created(campus: School, changes: dict[str, Any]) -> None:
    alice = await campus.person()
    await alice.refused("POST", "/tracks", 422, "invalid_input", json=track_json(**changes))
    assert await alice.ok("GET", "/tracks/my") == []


@pytest.fixture
async def strict_school(app: FastAPI, database_url: str, clock: HandClock) -> AsyncIterator[School]:
    """Open a school where only authors create tracks."""
    async with opened_school(app, test_settings(database_url, track_creation="authors"), clock) as strict:
        yield strict


async def test_where_only_authors_create_tracks_others_are_refused(strict_school: School) -> None:
    user = await strict_school.person()
    await user.refused("POST", "/tracks", 403, "track_creation_closed", json=track_json())
    await strict_school.track(await strict_school.person(role="author"))
    await strict_school.track(await strict_school.person(role="admin"))


async def test_tracks_are_listed_for_every_user_and_filtered(campus: School) -> None:
    alice, bob = await campus.people(2)
    word = f"w{uuid4().hex}"
    enrolling = (await campus.track(alice, title=f"Основы {word}"))["id"]
    cancelled = (await campus.track(alice, description=f"all about {word}"))["id"]
    await alice.ok("POST", f"/tracks/{cancelled}/cancel")
    assert await ids(bob, "/tracks", q=word) == [enrolling, cancelled]
    assert await ids(bob, "/tracks", q=word, status="cancelled") == [cancelled]
    assert await ids(bob, "/tracks", q=f"ОСНОВА {word[:9]}") == [enrolling]
    assert await ids(bob, "/tracks", q=f"{word} nothing") == []
    for track in await bob.ok("GET", "/tracks", params={"q": word}):
        assert set(track) == TRACK


async def test_ones_own_tracks_come_with_the_role(campus: School) -> None:
    alice, bob = await campus.people(2)
    created, joined = await campus.track(alice), await campus.track(bob)
    await campus.track(bob)
    await alice.ok("POST", f"/tracks/{joined['id']}/enroll", 201)
    mine = await alice.ok("GET", "/tracks/my")
    assert [set(track) for track in mine] == [TRACK | PLACE | {"my_role"}] * 2
    assert [(track["id"], track["my_role"], track["enrolled"]) for track in mine] == [
        (created["id"], "author", False),
        (joined["id"], "participant", True),
    ]


async def test_the_author_edits_everything_but_the_criteria_while_people_gather(campus: School) -> None:
    alice = await campus.person()
    track = await campus.track(alice)
    path = f"/tracks/{track['id']}"
    change: dict[str, Any] = {
        "title": "Go basics",
        "description": "",
        "required_participants": 7,
        "review_hours": 1.5,
        "assignments": [{"title": "Only one", "duration_hours": 3}],
    }
    edited = await alice.ok("PATCH", path, json=change)
    assert {key: edited[key] for key in ("title", "description", "required_participants", "review_hours")} == {
        key: change[key] for key in ("title", "description", "required_participants", "review_hours")
    }
    assert (edited["assignments_count"], edited["criteria"]) == (1, track["criteria"])
    assert await alice.ok("PATCH", path, json={}) == edited
    for criteria in ([CRITERION], [], track["criteria"], "x"):
        await alice.refused("PATCH", path, 409, "criteria_fixed", json={"criteria": criteria})
    assert await alice.ok("GET", path) == edited


async def test_an_edit_takes_no_nonsense(campus: School) -> None:
    alice = await campus.person()
    track = await campus.track(alice)
    changes: list[dict[str, Any]] = [{"title": ""}, {"required_participants": 1}, {"assignments": []}]
    for change in changes:
        await alice.refused("PATCH", f"/tracks/{track['id']}", 422, "invalid_input", json=change)
    assert await alice.ok("GET", f"/tracks/{track['id']}") == track


async def test_places_that_are_taken_are_not_taken_away_and_the_last_one_starts_the_track(campus: School) -> None:
    people = await campus.people(3)
    track = await campus.track(people[0])
    path = f"/tracks/{track['id']}"
    for person in people:
        await person.ok("POST", f"{path}/enroll", 201)
    problem = await people[0].refused("PATCH", path, 409, "places_taken", json={"required_participants": 2})
    assert "3" in problem["detail"]
    started = await people[0].ok("PATCH", path, json={"required_participants": 3})
    assert (started["status"], started["started_at"]) == ("running", "2030-01-01T12:00:00Z")
    await people[0].refused("PATCH", path, 409, "track_started", json={"title": "Late"})
    await people[0].refused("DELETE", path, 409, "track_started")


@pytest.mark.parametrize(
    ("method", "path", "arguments"),
    [
        ("PATCH", "", {"json": {"title": "Mine"}}),
        ("DELETE", "", {}),
        ("POST", "/cancel", {}),
        ("POST", "/copy", {}),
    ],
)
async def test_what_belongs_to_the_author_is_refused_to_others_and_open_to_administrators(
    campus: School, method: str, path: str, arguments: dict[str, Any]
) -> None:
    alice, bob = await campus.people(2)
    admin = await campus.person(role="admin")
    track = await campus.track(alice)
    await bob.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    await bob.refused(method, f"/tracks/{track['id']}{path}", 403, "not_the_author", **arguments)
    await admin.refused(method, f"/tracks/999999999{path}", 404, "track_not_found", **arguments)
    assert (await admin.request(method, f"/tracks/{track['id']}{path}", **arguments)).is_success


async def test_a_deleted_track_is_gone(campus: School) -> None:
    alice = await campus.person()
    track = await campus.track(alice)
    assert await alice.ok("DELETE", f"/tracks/{track['id']}", 204) is None
    await alice.refused("GET", f"/tracks/{track['id']}", 404, "track_not_found")
    await alice.refused("DELETE", f"/tracks/{track['id']}", 404, "track_not_found")


async def test_a_cancelled_track_stays_to_be_seen_and_is_over(campus: School) -> None:
    alice, bob = await campus.people(2)
    track = await campus.running_track(alice, [alice, bob])
    path = f"/tracks/{track['id']}"
    cancelled = await alice.ok("POST", f"{path}/cancel")
    assert set(cancelled) == TRACK
    assert cancelled["status"] == "cancelled"
    assert await bob.notification_types() == ["track_started", "assignment_opened", "track_cancelled"]
    for method, rest in (("POST", "/cancel"), ("PATCH", ""), ("DELETE", ""), ("DELETE", "/enroll")):
        await alice.refused(method, path + rest, 409, "track_over", json={} if method == "PATCH" else None)
    await (await campus.person()).refused("POST", f"{path}/enroll", 409, "track_over")
    await bob.refused("GET", f"{path}/assignments/current", 404, "track_cancelled")


async def test_a_copy_is_a_fresh_track_with_the_same_content(campus: School) -> None:
    alice, bob = await campus.people(2)
    track = await campus.running_track(alice, [alice, bob])
    copy = await alice.ok("POST", f"/tracks/{track['id']}/copy", 201)
    assert set(copy) == TRACK
    assert copy["id"] != track["id"]
    assert (copy["status"], copy["participants_count"], copy["started_at"]) == ("enrolling", 0, None)
    same = ("title", "description", "required_participants", "review_hours", "assignments_count")
    assert [copy[key] for key in same] == [track[key] for key in same]
    assert [{**one, "id": 0} for one in copy["criteria"]] == [{**one, "id": 0} for one in track["criteria"]]
    assert not {one["id"] for one in copy["criteria"]} & {one["id"] for one in track["criteria"]}


async def test_a_draft_is_for_its_staff_alone(campus: School) -> None:
    alice, bob = await campus.people(2)
    draft = await campus.track(alice, draft=True)
    assert draft["status"] == "draft"
    path = f"/tracks/{draft['id']}"
    await bob.refused("GET", path, 404, "track_not_found")
    await bob.refused("GET", f"{path}/assignments", 404, "track_not_found")
    await bob.refused("POST", f"{path}/enroll", 404, "track_not_found")
    await alice.refused("POST", f"{path}/enroll", 409, "track_is_draft")
    assert draft["id"] not in await ids(bob, "/tracks", limit=200)
    assert await ids(alice, "/tracks", status="draft") == [draft["id"]]
    assert (await alice.ok("PATCH", path, json={"title": "Better"}))["title"] == "Better"
    await alice.ok("DELETE", path, 204)
