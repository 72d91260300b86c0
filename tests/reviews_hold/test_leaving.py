"""Leaving a running track for good."""

from datetime import timedelta

import pytest

from tests.people import Json, School
from tests.reviews_hold.scene import Scene, come, full_marks, hand_in, reviewing, running

pytestmark = pytest.mark.anyio


async def test_who_leaves_owes_nothing_and_their_claim_goes_to_others_at_once(school: School) -> None:
    scene = await reviewing(school, 2)
    leaver, other = scene.people
    work = (await leaver.claim(scene.assignment_id)).json()
    assert (await scene.overseen(other))["claims_count"] == 1

    await _leave(scene)

    assert (await scene.overseen(other))["claims_count"] == 0
    assert await scene.review_count(other) == 0
    await leaver.refused("GET", f"/tracks/{scene.track_id}/assignments/current", 404, "not_enrolled")
    await leaver.refused(
        "POST",
        f"/submissions/{work['submission_id']}/review",
        403,
        "not_yours_to_review",
        json=full_marks(work["criteria"]),
    )


async def test_a_claim_whose_lease_ran_out_is_not_counted_back_twice(school: School) -> None:
    scene = await reviewing(school, 2)
    await scene.people[0].claim(scene.assignment_id)
    await school.advance(hours=3)

    await _leave(scene)

    assert await scene.review_count(scene.people[1]) == 0


async def test_what_they_handed_in_stays_and_is_reviewed(school: School) -> None:
    scene = await reviewing(school, 4)
    leaver, *others = scene.people
    await _leave(scene)

    for person in others:
        assert await person.review_all(scene.assignment_id) == 3

    assert (await scene.overseen(leaver))["reviews_count"] == 3
    outcome = await scene.outcome(leaver)
    assert (outcome["has_left"], outcome["assignments"][0]["result"]) == (True, 100)


async def test_others_owe_and_count_as_before(school: School) -> None:
    scene = await running(school, 4)
    leaver, *others = scene.people
    for person in scene.people:
        await person.submit(scene.assignment_id)
    await _leave(scene)
    assert (await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["participants_count"] == 3

    await come(scene, "due_at")

    for person in others:
        current = await person.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
        assert current["reviews_required"] == 3
    assert await leaver.notification_types() == ["track_started", "assignment_opened"]


async def test_who_has_left_is_told_nothing_more_of_the_calendar(school: School) -> None:
    scene = await running(school, 3)
    leaver = scene.people[0]
    await _leave(scene)
    told = await leaver.notification_types()
    moved = (school.clock.now + timedelta(hours=11)).isoformat()
    await scene.author.ok("PATCH", f"/assignments/{scene.assignment_id}", json={"due_at": moved})

    await school.advance(hours=50)

    assert await leaver.notification_types() == told
    assert "track_finished" in await scene.people[1].notification_types()


async def test_an_extension_does_not_follow_who_has_left(school: School) -> None:
    scene = await running(school, 3)
    leaver = scene.people[0]
    due_at = (school.clock.now + timedelta(hours=14)).isoformat()
    body = {"username": leaver.username, "due_at": due_at, "reason": "Ill"}
    await scene.author.ok("POST", f"/assignments/{scene.assignment_id}/extensions", 201, json=body)
    await _leave(scene)

    await school.advance(hours=15)

    assert "review_started" not in await leaver.notification_types()
    await scene.author.refused("POST", f"/assignments/{scene.assignment_id}/extensions", 409, "track_left", json=body)


async def test_who_has_left_can_do_nothing_more_there(school: School) -> None:
    scene = await reviewing(school, 3)
    leaver = scene.people[0]
    await _leave(scene)
    hand_in_path = f"/assignments/{scene.assignment_ids[1]}/submit"

    await leaver.refused("GET", f"/assignments/{scene.assignment_id}/review/submission", 409, "track_left")
    await leaver.refused("POST", hand_in_path, 409, "track_left", json={"repo_url": "https://git.example/a/b"})
    await leaver.refused("POST", f"/tracks/{scene.track_id}/leave", 409, "track_left")
    await leaver.refused("POST", f"/tracks/{scene.track_id}/enroll", 409, "already_enrolled")


async def test_leaving_is_for_running_tracks_and_those_who_take_part(school: School) -> None:
    author, person, stranger = await school.people(3)
    gathering = await school.track(author, required_participants=3)
    await person.ok("POST", f"/tracks/{gathering['id']}/enroll", 201)
    await person.refused("POST", f"/tracks/{gathering['id']}/leave", 404, "track_not_started")
    scene = await running(school, 2)
    await stranger.refused("POST", f"/tracks/{scene.track_id}/leave", 404, "not_enrolled")
    await stranger.refused("POST", "/tracks/999999/leave", 404, "track_not_found")
    await come(scene, "reviews_due_at", at=1)
    await scene.people[0].refused("POST", f"/tracks/{scene.track_id}/leave", 409, "track_over")


async def test_giving_the_place_back_stays_refused_after_the_start(school: School) -> None:
    scene = await running(school, 2)

    await scene.people[0].refused("DELETE", f"/tracks/{scene.track_id}/enroll", 409, "track_started")


async def test_the_reviews_they_wrote_stay(school: School) -> None:
    scene = await reviewing(school, 4)
    leaver, other, *_ = scene.people
    await leaver.review(await scene.claim_work_of(other, leaver), 1)

    await _leave(scene)
    await come(scene, "reviews_due_at")

    received = await other.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    assert received["result"]["reviews_count"] == 1


async def test_a_track_goes_on_when_all_but_one_have_left(school: School) -> None:
    scene = await reviewing(school, 3)
    *leavers, last = scene.people
    for leaver in leavers:
        await leaver.ok("POST", f"/tracks/{scene.track_id}/leave", 204)

    assert await last.review_all(scene.assignment_id) == 2
    await come(scene, "opens_at", at=1)
    await hand_in(scene, [last], at=1)
    assert [(await scene.outcome(one))["has_left"] for one in scene.people] == [True, True, False]
    assert await _results_count(scene) == 3


async def _leave(scene: Scene) -> None:
    """Let the first one leave."""
    await scene.people[0].ok("POST", f"/tracks/{scene.track_id}/leave", 204)


async def _results_count(scene: Scene) -> int:
    rows: Json = await scene.author.ok("GET", f"/tracks/{scene.track_id}/results")
    return len(rows)
