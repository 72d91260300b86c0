"""One participant gets a later deadline; no other calendar moves."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from learning_platform.core.anonymity import shown_day
from tests.domain.reviews.scene import Scene, come, return_path, reviewing, running
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
LATE = "https://git.example/late/work"


async def test_an_extension_is_announced_to_its_participant_and_moves_only_their_deadline(school: School) -> None:
    scene = await running(school, 3)
    person, other, _ = scene.people
    before = await other.ok("GET", f"/tracks/{scene.track_id}/assignments")

    granted = await _extend(scene, person, hours=14)

    assert granted["user_id"] == person.id
    own = (await person.ok("GET", f"/tracks/{scene.track_id}/assignments"))[0]
    assert own["personal_due_at"] == granted["due_at"]
    assert own["due_at"] == before[0]["due_at"]
    assert await other.ok("GET", f"/tracks/{scene.track_id}/assignments") == before
    assert (await person.notification_types())[-1] == "deadline_moved"
    assert "deadline_moved" not in await other.notification_types()


async def test_work_handed_in_by_the_later_deadline_is_reviewed_by_those_who_still_owe(school: School) -> None:
    scene = await running(school, 4)
    late, *others = scene.people
    await _extend(scene, late, hours=13)
    for person in others:
        await person.submit(scene.assignment_id)
    await school.advance(hours=12)

    assert (await late.submit(scene.assignment_id, LATE)).status_code == 201

    for person in others:
        assert await person.review_all(scene.assignment_id) == 2
    assert (await scene.overseen(late))["reviews_count"] == 2
    await school.advance(hours=1)
    assert await late.review_all(scene.assignment_id) == 3


async def test_until_then_they_work_like_anybody_before_a_deadline_and_see_nobodys_work(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    await _extend(scene, late, hours=14)
    for person in others:
        await person.submit(scene.assignment_id)
    await school.advance(hours=12)

    claim = f"/assignments/{scene.assignment_id}/review/submission"
    await late.refused("GET", claim, 409, "review_not_open")
    current = await late.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert (current["state"], current["reviews_required"]) == ("open", None)
    assert "review_started" not in await late.notification_types()
    assert (await others[0].claim(scene.assignment_id)).status_code == 200


async def test_the_draw_works_with_a_participant_whose_review_stage_is_still_to_begin(school: School) -> None:
    scene = await reviewing(school, 5, handing_in=4)
    late = scene.people[4]
    await _extend(scene, late, hours=4)

    for person in scene.people[:4]:
        assert await person.review_all(scene.assignment_id) == 3


async def test_a_user_who_is_still_handing_in_is_not_reminded_of_reviews(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    await _extend(scene, late, hours=19)
    for person in others:
        await person.submit(scene.assignment_id)

    await school.advance(hours=18)

    assert "reviews_overdue" not in await late.notification_types()
    assert "reviews_overdue" in await others[0].notification_types()


async def test_their_own_review_stage_begins_at_their_own_deadline(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    await _extend(scene, late, hours=14)
    for person in others:
        await person.submit(scene.assignment_id)
    await school.advance(hours=14)
    await school.sweep()

    assert (await late.notification_types()).count("review_started") == 1
    current = await late.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert (current["state"], current["reviews_required"]) == ("review", 2)
    await late.refused(
        "POST",
        f"/assignments/{scene.assignment_id}/submit",
        409,
        "deadline_passed",
        json={"repo_url": LATE},
    )


async def test_it_begins_also_when_no_scheduler_has_come_round(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    await _extend(scene, late, hours=14)
    for person in others:
        await person.submit(scene.assignment_id)
    school.clock.advance(hours=14)

    assert (await late.claim(scene.assignment_id)).json()["reviews_required"] == 2
    await school.sweep()

    assert (await late.notification_types()).count("review_started") == 1


async def test_a_user_who_owes_nothing_at_their_own_deadline_goes_on(school: School) -> None:
    scene = await running(school, 3)
    late = scene.people[0]
    await _extend(scene, late, hours=14)
    await school.advance(hours=14)

    current = await late.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert current["id"] == scene.assignment_ids[1]


async def test_after_the_common_deadline_the_assignment_opens_again(school: School) -> None:
    scene = await reviewing(school, 3, handing_in=2)
    late = scene.people[2]
    current = await late.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert current["state"] == "review"

    await _extend(scene, late, hours=3)

    current = await late.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert (current["state"], current["reviews_required"]) == ("open", None)
    assert (await late.submit(scene.assignment_id, LATE)).status_code == 201
    assert (await late.submit(scene.assignment_id, LATE + "/2")).status_code == 200
    await school.advance(hours=3)
    assert await late.review_all(scene.assignment_id) == 2


@pytest.mark.parametrize(
    ("hours", "allowed"),
    [(10, False), (10.001, True), (19.999, True), (20, False), (1, False), (100, False)],
)
async def test_an_extension_lies_after_the_common_deadline_and_before_the_end_of_reviews(
    school: School, hours: float, allowed: bool
) -> None:
    scene = await running(school, 3)

    response = await _ask(scene, scene.people[0], hours=hours)

    assert response.status_code == (201 if allowed else 422)
    if not allowed:
        assert response.json()["code"] == "extension_out_of_range"


async def test_an_extension_lies_in_the_future(school: School) -> None:
    scene = await reviewing(school, 3, handing_in=2)
    await school.advance(hours=2)

    response = await _ask(scene, scene.people[2], hours=-1)

    assert (response.status_code, response.json()["code"]) == (422, "extension_out_of_range")


async def test_a_user_who_has_seen_others_work_or_is_through_gets_no_extension(school: School) -> None:
    scene = await reviewing(school, 5)
    claimed, finished, returned, *_ = scene.people
    await claimed.claim(scene.assignment_id)
    await finished.review_all(scene.assignment_id)
    work = (await returned.claim(scene.assignment_id)).json()
    await returned.ok("POST", return_path(work), 204, json={"reason": "broken"})

    for person in (claimed, finished, returned):
        response = await _ask(scene, person, hours=2)
        assert (response.status_code, response.json()["code"]) == (409, "not_extendable")


async def test_extensions_are_given_by_the_author_to_participants_of_a_running_track(school: School) -> None:
    scene = await running(school, 3)
    person, stranger = scene.people[0], await school.person()
    path = f"/assignments/{scene.assignment_id}/extensions"
    body = _body(scene, person, hours=14)

    await person.refused("POST", path, 403, "not_the_author", json=body)
    await scene.author.refused("POST", path, 404, "participant_not_found", json={**body, "username": stranger.username})
    await scene.author.refused("POST", path, 404, "participant_not_found", json={**body, "username": "unknown"})
    await scene.author.refused("POST", "/assignments/999999/extensions", 404, "assignment_not_found", json=body)
    assert (await scene.author.post(path, json={**body, "reason": ""})).status_code == 422
    await (await school.person(role="admin")).ok("POST", path, 201, json=body)
    await scene.author.ok("POST", path, 201, json={**body, "username": person.username.upper()})


async def test_there_are_no_extensions_before_the_start_or_after_the_end(school: School) -> None:
    author, person = await school.people(2)
    track = await school.track(author, required_participants=2)
    await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    scene = Scene(school, author, [person], track["id"], await school.assignment_ids(author, track))
    response = await _ask(scene, person, hours=14)
    assert (response.status_code, response.json()["code"]) == (409, "track_not_started")

    over = await running(school, 2)
    await over.author.ok("POST", f"/tracks/{over.track_id}/cancel")
    response = await _ask(over, over.people[0], hours=14)
    assert (response.status_code, response.json()["code"]) == (409, "track_over")


async def test_a_later_extension_replaces_the_first(school: School) -> None:
    scene = await running(school, 3)
    late = scene.people[0]
    await _extend(scene, late, hours=12)
    granted = await _extend(scene, late, hours=15)
    await school.advance(hours=13)

    assert (await late.submit(scene.assignment_id, LATE)).status_code == 201
    own = await late.ok("GET", f"/assignments/{scene.assignment_id}")
    assert own["personal_due_at"] == granted["due_at"]
    assert (await late.notification_types()).count("deadline_moved") == 2


async def test_an_extension_that_ran_out_may_be_given_again_to_who_has_claimed_nothing(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    for person in others:
        await person.submit(scene.assignment_id)
    await _extend(scene, late, hours=12)
    await school.advance(hours=13)
    assert (await late.submit(scene.assignment_id, LATE)).status_code == 409

    await _extend(scene, late, hours=2)

    assert (await late.submit(scene.assignment_id, LATE)).status_code == 201
    await school.advance(hours=2)
    assert await late.review_all(scene.assignment_id) == 2


async def test_a_reviewer_sees_that_the_link_was_replaced_after_they_were_given_it(school: School) -> None:
    scene = await running(school, 2)
    late, reviewer = scene.people
    await _extend(scene, late, hours=12)
    for person in scene.people:
        await person.submit(scene.assignment_id)
    await come(scene, "due_at")
    given = (await reviewer.claim(scene.assignment_id)).json()
    assert given["changed_at"] is None
    school.clock.advance(minutes=5)

    assert (await late.submit(scene.assignment_id, LATE)).status_code == 200

    work = (await reviewer.claim(scene.assignment_id)).json()
    assert (work["id"], work["repo_url"]) == (given["id"], LATE)
    assert datetime.fromisoformat(work["changed_at"]) == shown_day(school.clock.now)


async def test_a_common_deadline_moved_beyond_it_holds_for_them_too(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    await _extend(scene, late, hours=12)
    moved = (school.clock.now + timedelta(hours=16)).isoformat()
    await scene.author.ok("PATCH", f"/assignments/{scene.assignment_id}", json={"due_at": moved})
    for person in others:
        await person.submit(scene.assignment_id)
    await school.advance(hours=15)

    assert (await late.submit(scene.assignment_id, LATE)).status_code == 201
    await late.refused("GET", f"/assignments/{scene.assignment_id}/review/submission", 409, "review_not_open")
    await school.advance(hours=1)
    assert (await late.notification_types()).count("review_started") == 1
    assert await late.review_all(scene.assignment_id) == 2


async def test_an_extension_of_a_cancelled_track_comes_to_nothing(school: School) -> None:
    scene = await running(school, 3)
    late = scene.people[0]
    await _extend(scene, late, hours=14)
    await scene.author.ok("POST", f"/tracks/{scene.track_id}/cancel")
    response = await late.submit(scene.assignment_id, LATE)
    assert (response.status_code, response.json()["code"]) == (409, "track_over")

    await school.advance(hours=15)

    assert "review_started" not in await late.notification_types()


async def test_the_next_assignment_opens_and_falls_due_for_every_participant_as_planned(school: School) -> None:
    scene = await running(school, 3)
    late, *others = scene.people
    before = await late.ok("GET", f"/assignments/{scene.assignment_ids[1]}")
    await _extend(scene, late, hours=14)
    for person in scene.people:
        await person.submit(scene.assignment_id)
    await come(scene, "due_at")
    for person in others:
        await person.review_all(scene.assignment_id)
    await school.advance(hours=4)
    await late.review_all(scene.assignment_id)

    for person in scene.people:
        current = await person.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
        assert (current["id"], current["due_at"]) == (scene.assignment_ids[1], before["due_at"])


def _body(scene: Scene, person: Person, *, hours: float) -> dict[str, Any]:
    due_at = scene.school.clock.now + timedelta(hours=hours)
    return {"username": person.username, "due_at": due_at.isoformat(), "reason": "A week in hospital"}


async def _ask(scene: Scene, person: Person, *, hours: float) -> Any:
    path = f"/assignments/{scene.assignment_id}/extensions"
    return await scene.author.post(path, json=_body(scene, person, hours=hours))


async def _extend(scene: Scene, person: Person, *, hours: float) -> Json:
    """Give a person until so many hours from now."""
    response = await _ask(scene, person, hours=hours)
    assert response.status_code == 201, response.text
    return response.json()
