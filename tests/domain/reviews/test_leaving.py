"""Leaving a running track for good."""

from datetime import timedelta

import pytest

from learning_platform.attempts.review_stage import begin_review_stage
from learning_platform.core.database import Connection
from learning_platform.reviews.claims import claim
from learning_platform.reviews.leaving import leave_running_tracks
from tests import make
from tests.domain.reviews.scene import Scene, come, full_marks, hand_in, reviewing, running
from tests.make import NOON
from tests.people import Json, School

pytestmark = pytest.mark.anyio


async def test_a_user_who_leaves_owes_nothing_and_their_claim_goes_to_others_immediately(school: School) -> None:
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


async def test_a_user_who_leaves_owing_reviews_sees_their_own_when_the_time_for_reviews_is_over(school: School) -> None:
    scene = await reviewing(school, 4)
    leaver, *others = scene.people
    for person in others:
        await person.review_all(scene.assignment_id)
    await _leave(scene)
    path = f"/assignments/{scene.assignment_id}/reviews"

    await leaver.refused("GET", path, 409, "own_reviews_first")
    assert (await scene.outcome(leaver, reader=leaver))["assignments"][0]["result"] is None

    await come(scene, "reviews_due_at")
    assert len((await leaver.ok("GET", path))["reviews"]) == 3


async def test_a_user_who_leaves_with_their_reviews_done_goes_on_seeing_their_own(school: School) -> None:
    scene = await reviewing(school, 4)
    leaver, *others = scene.people
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    school.clock.advance(minutes=1)
    await _leave(scene)

    received = await leaver.ok("GET", f"/assignments/{scene.assignment_id}/reviews")

    assert len(received["reviews"]) == len(others)


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


async def test_a_user_who_deletes_their_account_leaves_every_track_under_way_and_only_those(db: Connection) -> None:
    people = await make.users(db, 3)
    goer = people[0]
    tracks = [await make.running_track(db, people) for _ in range(2)]
    over = await make.running_track(db, people, durations=[1], review_hours=1)
    gathering = await make.track(db, author_id=people[1])
    for track_id in tracks:
        assignment_id, _ = await make.assignment_ids(db, track_id)
        await make.submit_for_all(db, assignment_id, people)
        at = NOON + timedelta(hours=11)
        await begin_review_stage(db, assignment_id=assignment_id, now=at)
        await claim(db, assignment_id=assignment_id, user_id=goer, volunteers=False, now=at)

    for _ in range(2):
        await leave_running_tracks(db, user_id=goer, now=NOON + timedelta(hours=12))

    places = await db.fetch("select id, participants_count from tracks")
    assert {row["id"]: row["participants_count"] for row in places} == {
        tracks[0]: 2,
        tracks[1]: 2,
        over: 3,
        gathering: 0,
    }
    owing = await db.fetch("select track_id from attempts where user_id = $1 and finished_at is null", goer)
    assert [row["track_id"] for row in owing] == [over]
    assert await db.fetchval("select count(*) from claims where state = 'open'") == 0
    assert await db.fetchval("select sum(review_count) from submissions") == 0


async def test_a_user_who_has_left_gets_no_more_notifications_of_the_calendar(school: School) -> None:
    scene = await running(school, 3)
    leaver = scene.people[0]
    await _leave(scene)
    types = await leaver.notification_types()
    moved = (school.clock.now + timedelta(hours=11)).isoformat()
    await scene.author.ok("PATCH", f"/assignments/{scene.assignment_id}", json={"due_at": moved})

    await school.advance(hours=50)

    assert await leaver.notification_types() == types
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


async def test_a_user_who_has_left_can_do_nothing_more_there(school: School) -> None:
    scene = await reviewing(school, 3)
    leaver = scene.people[0]
    await _leave(scene)
    hand_in_path = f"/assignments/{scene.assignment_ids[1]}/submit"

    await leaver.refused("GET", f"/assignments/{scene.assignment_id}/review/submission", 409, "track_left")
    await leaver.refused("POST", hand_in_path, 409, "track_left", json={"repo_url": "https://git.example/a/b"})
    await leaver.refused("POST", f"/tracks/{scene.track_id}/leave", 409, "track_left")
    await leaver.refused("POST", f"/tracks/{scene.track_id}/enroll", 409, "track_left")
    await leaver.refused("DELETE", f"/tracks/{scene.track_id}/enroll", 409, "track_left")


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
