"""The diary: private notes, and those shared after the deadline."""

from typing import Any

import pytest

from tests.people import School

ENTRY = {"id", "assignment_id", "author", "is_own", "text", "visibility", "created_at", "updated_at"}


async def test_an_entry_is_written_changed_and_deleted_by_its_writer(school: School) -> None:
    alice, bob = await school.people(2)
    first, _ = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    path = f"/assignments/{first}/diary"
    entry = await alice.ok("POST", path, 201, json={"text": "Generators!"})
    assert set(entry) == ENTRY
    assert (entry["author"], entry["is_own"], entry["visibility"]) == (alice.username, True, "private")
    assert (entry["created_at"], entry["updated_at"]) == ("2030-01-01T12:00:00Z", None)
    assert await alice.ok("GET", path) == [entry]
    school.clock.advance(hours=1)
    edited = await alice.ok("PATCH", f"/diary/{entry['id']}", json={"visibility": "track"})
    assert edited == {**entry, "visibility": "track", "updated_at": "2030-01-01T13:00:00Z"}
    assert await alice.ok("DELETE", f"/diary/{entry['id']}", 204) is None
    assert await alice.ok("GET", path) == []
    await alice.refused("PATCH", f"/diary/{entry['id']}", 404, "diary_entry_not_found", json={"text": "x"})
    await alice.refused("DELETE", f"/diary/{entry['id']}", 404, "diary_entry_not_found")


async def test_what_others_share_is_read_after_the_deadline(school: School) -> None:
    alice, bob = await school.people(2)
    first, _ = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    path = f"/assignments/{first}/diary"
    await alice.ok("POST", path, 201, json={"text": "secret"})
    await alice.ok("POST", path, 201, json={"text": "shared", "visibility": "track"})
    school.clock.advance(minutes=1)
    own = await bob.ok("POST", path, 201, json={"text": "mine"})
    assert await bob.ok("GET", path) == [own]
    school.clock.advance(hours=10)
    shared, mine = await bob.ok("GET", path)
    assert (shared["text"], shared["author"], shared["is_own"]) == ("shared", alice.username, False)
    assert mine == own
    assert await bob.ok("GET", path, params={"author": "me"}) == [own]
    await bob.refused("GET", path, 422, "invalid_input", params={"author": alice.username})


async def test_the_diary_stays_open_when_everything_else_is_over(school: School) -> None:
    alice, bob = await school.people(2)
    first, second = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    entry = await alice.ok("POST", f"/assignments/{first}/diary", 201, json={"text": "Day one"})
    await school.advance(hours=50)
    await alice.ok("POST", f"/assignments/{second}/diary", 201, json={"text": "Looking back"})
    await alice.ok("PATCH", f"/diary/{entry['id']}", json={"text": "Day one, with hindsight"})
    await alice.ok("DELETE", f"/diary/{entry['id']}", 204)


async def test_only_participants_write_and_only_where_it_is_open(school: School) -> None:
    alice, bob, mallory = await school.people(3)
    admin = await school.person(role="admin")
    first, second = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    entry = {"text": "x"}
    await mallory.refused("POST", f"/assignments/{first}/diary", 403, "not_a_participant", json=entry)
    await admin.refused("POST", f"/assignments/{first}/diary", 403, "not_a_participant", json=entry)
    await alice.refused("POST", f"/assignments/{second}/diary", 409, "assignment_locked", json=entry)
    await alice.refused("POST", "/assignments/999999999/diary", 404, "assignment_not_found", json=entry)
    await mallory.refused("GET", f"/assignments/{first}/diary", 403, "not_a_participant")
    await alice.refused("GET", "/assignments/999999999/diary", 404, "assignment_not_found")
    assert await admin.ok("GET", f"/assignments/{first}/diary") == []


@pytest.mark.parametrize(
    "wrong",
    [{}, {"text": ""}, {"text": "x" * 20_001}, {"text": "x", "visibility": "world"}, {"text": "a\u0000"}],
    ids=str,
)
async def test_an_entry_has_a_text_of_some_length(campus: School, wrong: dict[str, Any]) -> None:
    alice, bob = await campus.people(2)
    first, _ = await campus.assignment_ids(alice, await campus.running_track(alice, [alice, bob]))
    await alice.refused("POST", f"/assignments/{first}/diary", 422, "invalid_input", json=wrong)
    assert await alice.ok("GET", f"/assignments/{first}/diary") == []
