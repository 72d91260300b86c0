"""What the author of a submission answers to its reviews, and how a result is disputed."""

import pytest

from tests.domain.reviews.scene import Scene, come, reviewing
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
APPEAL = {"text": "The second reviewer looked at the wrong branch."}
HELPFUL = {"helpful": True, "comment": "Thank you"}


async def test_a_review_is_answered_by_its_recipient_and_the_answer_replaced(school: School) -> None:
    scene, person, reviews = await _reviewed(school)
    path = f"/reviews/{reviews[0]['id']}/answer"

    answered = await person.ok("POST", path, json=HELPFUL)
    assert (answered["helpful"], answered["answer"]) == (True, "Thank you")
    await person.ok("POST", path, json={"helpful": False})

    shown = {one["id"]: one for one in await _received(scene, person)}
    assert (shown[reviews[0]["id"]]["helpful"], shown[reviews[0]["id"]]["answer"]) == (False, None)
    assert shown[reviews[1]["id"]]["helpful"] is None


async def test_a_review_does_not_exist_for_anybody_but_its_recipient(school: School) -> None:
    scene, person, reviews = await _reviewed(school)
    path = f"/reviews/{reviews[0]['id']}/answer"

    for other in (scene.people[1], scene.author, await school.person(), await school.person(role="admin")):
        await other.refused("POST", path, 404, "review_not_found", json=HELPFUL)
    await person.refused("POST", "/reviews/999999/answer", 404, "review_not_found", json=HELPFUL)


async def test_a_review_is_answered_only_when_it_may_be_seen(school: School) -> None:
    scene, person, reviews = await _reviewed(school, own_done=False)
    path = f"/reviews/{reviews[0]['id']}/answer"
    await person.refused("POST", path, 409, "own_reviews_first", json=HELPFUL)
    await come(scene, "reviews_due_at")
    await person.ok("POST", path, json=HELPFUL)
    await come(scene, "reviews_due_at", at=1)
    await school.advance(hours=72)
    await person.refused("POST", path, 409, "track_over", json=HELPFUL)


async def test_the_reviewer_is_shown_the_answer_when_the_track_is_over_and_revising_keeps_it(school: School) -> None:
    scene, person, reviews = await _reviewed(school)
    await person.ok("POST", f"/reviews/{reviews[0]['id']}/answer", json=HELPFUL)
    path = f"/submissions/{(await scene.overseen(person))['id']}/review"
    by = [one for one in scene.people[1:] if (await one.ok("GET", path))["id"] == reviews[0]["id"]]
    said = await by[0].ok("GET", path)
    assert (said["helpful"], said["answer"]) == (None, None)

    scores = [{**score, "comment": "clearer now"} for score in said["scores"]]
    revised = await by[0].ok("PUT", path, json={"scores": scores})

    assert (revised["helpful"], revised["answer"]) == (None, None)
    await school.advance(hours=100)
    shown = await by[0].ok("GET", path)
    assert (shown["helpful"], shown["answer"]) == (True, "Thank you")


async def test_one_appeals_once_for_an_assignment(school: School) -> None:
    scene, person, _ = await _reviewed(school)
    path = f"/assignments/{scene.assignment_id}/appeal"

    appeal = await person.ok("POST", path, 201, json=APPEAL)

    assert (appeal["text"], appeal["settled_at"]) == (APPEAL["text"], None)
    await person.refused("POST", path, 409, "already_appealed", json=APPEAL)
    shown = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    assert shown["appeal"] == appeal


async def test_an_appeal_needs_a_text_a_submission_and_a_result_to_look_at(school: School) -> None:
    scene = await reviewing(school, 4, handing_in=3)
    person, *_, absent = scene.people
    path = f"/assignments/{scene.assignment_id}/appeal"

    assert (await person.post(path, json={"text": ""})).status_code == 422
    await person.refused("POST", path, 409, "own_reviews_first", json=APPEAL)
    await absent.refused("POST", path, 404, "no_submission", json=APPEAL)
    await (await school.person()).refused("POST", path, 403, "not_a_participant", json=APPEAL)
    await come(scene, "reviews_due_at", at=1)
    await school.advance(hours=72)
    await person.refused("POST", path, 409, "track_over", json=APPEAL)


async def test_corrected_scores_count_instead_of_the_medians_everywhere(school: School) -> None:
    scene, person, reviews = await _reviewed(school, score=2)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)
    first, _ = await _criteria(scene)

    await _settle(scene, appeal, scores=[{"criterion_id": first["id"], "score": 8}])

    received = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    corrected, kept = received["result"]["criteria"]
    assert (corrected["corrected"], corrected["median"], kept["corrected"]) == (8, 2, None)
    assert received["result"]["total"] == pytest.approx(100 * (8 + 2) / 15, abs=0.01)
    assert (await scene.outcome(person))["assignments"][0]["result"] == received["result"]["total"]
    assert received["reviews"] == reviews
    assert received["appeal"]["settlement"] == "You are right."
    assert (await person.notification_types()).count("appeal_settled") == 1


async def test_an_appeal_may_be_settled_with_words_alone(school: School) -> None:
    scene, person, _ = await _reviewed(school, score=2)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)
    before = (await scene.outcome(person))["assignments"][0]["result"]

    await _settle(scene, appeal)

    assert (await scene.outcome(person))["assignments"][0]["result"] == before


async def test_a_submission_without_reviews_gets_a_result_by_appeal(school: School) -> None:
    scene = await reviewing(school, 2)
    person = scene.people[0]
    await come(scene, "reviews_due_at")
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)

    await _settle(scene, appeal, scores=[{"criterion_id": one["id"], "score": 3} for one in await _criteria(scene)])

    assert (await scene.outcome(person))["assignments"][0]["result"] == 40
    received = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    assert (received["result"]["total"], received["result"]["reviews_count"]) == (40, 0)


async def test_an_appeal_is_settled_once_only_by_the_author_or_an_admin(school: School) -> None:
    scene, person, _ = await _reviewed(school)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)
    path, settlement = f"/appeals/{appeal['id']}/settle", {"text": "It stands."}

    for other in (person, scene.people[1], await school.person()):
        await other.refused("POST", path, 403, "not_the_author", json=settlement)
    await scene.author.refused("POST", "/appeals/999999/settle", 404, "appeal_not_found", json=settlement)
    await (await school.person(role="admin")).ok("POST", path, json=settlement)
    await scene.author.refused("POST", path, 409, "already_settled", json=settlement)


async def test_an_appeal_made_in_time_is_settled_after_the_end(school: School) -> None:
    scene, person, _ = await _reviewed(school, score=2)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)
    await come(scene, "reviews_due_at", at=1)
    first, _ = await _criteria(scene)

    await _settle(scene, appeal, scores=[{"criterion_id": first["id"], "score": 10}])

    assert (await scene.outcome(person))["assignments"][0]["result"] == 80


async def test_no_user_settles_their_own_appeal(school: School) -> None:
    people = await school.people(2)
    author = people[0]
    track = await school.running_track(author, people)
    scene = Scene(school, author, people, track["id"], await school.assignment_ids(author, track))
    await author.submit(scene.assignment_id)
    await come(scene, "reviews_due_at")
    appeal = await author.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)
    path, settlement = f"/appeals/{appeal['id']}/settle", {"text": "I agree with myself."}

    await author.refused("POST", path, 403, "takes_part", json=settlement)
    await (await school.person(role="admin")).ok("POST", path, json=settlement)


async def test_corrections_have_to_be_scores_of_the_track(school: School) -> None:
    scene, person, _ = await _reviewed(school)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)
    first, second = await _criteria(scene)
    path = f"/appeals/{appeal['id']}/settle"
    right = {"criterion_id": first["id"], "score": 10}

    for code, scores in (
        ("score_out_of_range", [right, {"criterion_id": second["id"], "score": 6}]),
        ("score_twice", [right, right]),
        ("unknown_criterion", [right, {"criterion_id": 999_999, "score": 1}]),
    ):
        problem = (await scene.author.post(path, json={"text": "So be it.", "scores": scores})).json()
        assert (problem["status"], problem["code"]) == (422, code)
    assert (await scene.author.ok("GET", f"/tracks/{scene.track_id}/appeals"))[0]["settled_at"] is None


async def test_the_author_sees_every_appeal_with_who_made_it(school: School) -> None:
    scene, person, _ = await _reviewed(school)
    await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json=APPEAL)

    (appeal,) = await scene.author.ok("GET", f"/tracks/{scene.track_id}/appeals")

    assert (appeal["participant"], appeal["text"]) == (person.username, APPEAL["text"])
    assert (await scene.overseen(person))["appeal"] == "open"
    await person.refused("GET", f"/tracks/{scene.track_id}/appeals", 403, "not_the_author")


async def _reviewed(
    school: School, *, score: int | None = None, own_done: bool = True
) -> tuple[Scene, Person, list[Json]]:
    """Bring a class of four to where the first has three reviews; return them as their recipient sees them."""
    scene = await reviewing(school, 4)
    person, *others = scene.people
    for other in others:
        await other.review(await scene.claim_work_of(person, other), score)
    if not own_done:
        submission = await scene.overseen(person)
        overseen = await scene.author.ok("GET", f"/submissions/{submission['id']}/reviews")
        return scene, person, overseen["received"]["reviews"]
    await person.review_all(scene.assignment_id)
    return scene, person, await _received(scene, person)


async def _received(scene: Scene, person: Person) -> list[Json]:
    received = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    reviews: list[Json] = received["reviews"]
    return reviews


async def _criteria(scene: Scene) -> list[Json]:
    criteria: list[Json] = (await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"]
    return criteria


async def _settle(scene: Scene, appeal: Json, *, scores: list[Json] | None = None) -> Json:
    settlement = {"text": "You are right.", "scores": scores or []}
    return await scene.author.ok("POST", f"/appeals/{appeal['id']}/settle", json=settlement)
