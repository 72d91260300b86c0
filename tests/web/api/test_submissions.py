"""Hand in, until the deadline and not after it."""

import pytest

from tests.people import School

SUBMISSION = {"id", "assignment_id", "repo_url", "comment", "submitted_at", "snapshot", "second_iteration"}
WAITING = {
    "state": "waiting",
    "origin": "link",
    "commit": None,
    "files": None,
    "bytes": None,
    "error": None,
    "frozen_at": None,
}
LINK = {"repo_url": "https://git.example/alice/hello"}


async def test_the_first_link_is_created_and_the_next_replaces_it(school: School) -> None:
    alice, bob = await school.people(2)
    first, _ = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    path = f"/assignments/{first}"
    created = await alice.ok("POST", f"{path}/submit", 201, json={**LINK, "comment": "Careful: first try"})
    assert set(created) == SUBMISSION
    assert (created["assignment_id"], created["repo_url"]) == (first, LINK["repo_url"])
    assert (created["comment"], created["submitted_at"]) == ("Careful: first try", "2030-01-01T12:00:00Z")
    assert created["snapshot"] == WAITING
    assert await alice.ok("GET", f"{path}/submission") == created
    school.clock.advance(hours=1)
    replaced = await alice.ok("POST", f"{path}/submit", 200, json={"repo_url": "https://git.example/alice/better"})
    assert replaced == {
        **created,
        "repo_url": "https://git.example/alice/better",
        "comment": None,
        "submitted_at": "2030-01-01T13:00:00Z",
    }
    assert await alice.ok("GET", f"{path}/submission") == replaced


async def test_a_second_after_the_deadline_it_is_too_late_even_if_nothing_else_has_run(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, second = await school.assignment_ids(alice, track)
    school.clock.advance(hours=10, microseconds=-1)
    kept = await alice.ok("POST", f"/assignments/{first}/submit", 201, json=LINK)
    school.clock.advance(microseconds=1)
    other = {"repo_url": "https://git.example/alice/late"}
    await alice.refused("POST", f"/assignments/{first}/submit", 409, "deadline_passed", json=other)
    await bob.refused("POST", f"/assignments/{first}/submit", 409, "deadline_passed", json=other)
    assert await alice.ok("GET", f"/assignments/{first}/submission") == kept
    await bob.refused("POST", f"/assignments/{second}/submit", 409, "assignment_locked", json=LINK)
    await school.advance(hours=99)
    await alice.refused("POST", f"/assignments/{first}/submit", 409, "deadline_passed", json=other)


async def test_a_user_who_starts_an_assignment_early_hands_in_early_and_who_is_late_hands_in_if_there_is_time(
    school: School,
) -> None:
    early, late, third = await school.people(3)
    first, second = await school.assignment_ids(early, await school.running_track(early, [early, late, third]))
    for person in (early, late, third):
        await person.submit(first)
    await school.advance(hours=10)
    await early.review_all(first)
    assert (await early.submit(second)).status_code == 201
    await late.refused("POST", f"/assignments/{second}/submit", 409, "assignment_locked", json=LINK)
    await school.advance(hours=19)
    await late.review_all(first)
    assert (await late.submit(second)).status_code == 201
    await school.advance(hours=1)
    await third.review_all(first)
    await third.refused("POST", f"/assignments/{second}/submit", 409, "deadline_passed", json=LINK)


async def test_only_participants_hand_in_and_see_only_what_is_theirs(campus: School) -> None:
    alice, bob, mallory = await campus.people(3)
    admin = await campus.person(role="admin")
    first, _ = await campus.assignment_ids(alice, await campus.running_track(alice, [alice, bob]))
    await alice.submit(first)
    for stranger in (mallory, admin):
        await stranger.refused("POST", f"/assignments/{first}/submit", 403, "not_a_participant", json=LINK)
        await stranger.refused("GET", f"/assignments/{first}/submission", 403, "not_a_participant")
    await bob.refused("GET", f"/assignments/{first}/submission", 404, "no_submission")
    for path in ("submit", "submission"):
        method = "POST" if path == "submit" else "GET"
        await alice.refused(method, f"/assignments/999999999/{path}", 404, "assignment_not_found", json=LINK)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "github.com/a/b",
        "ftp://git.example/a",
        "javascript:alert(1)",
        "https://git.example",
        "https:///a",
        "https://u:p@h/a",
    ],
)
async def test_what_is_no_link_to_a_host_and_a_path_is_refused(campus: School, url: str) -> None:
    alice, bob = await campus.people(2)
    first, _ = await campus.assignment_ids(alice, await campus.running_track(alice, [alice, bob]))
    response = await alice.submit(first, url)
    assert response.status_code == 422
    assert response.json()["code"] in {"not_a_repository_link", "invalid_input"}
    assert [error["loc"] for error in response.json()["errors"]] == [["body", "repo_url"]]
    await alice.refused("GET", f"/assignments/{first}/submission", 404, "no_submission")
