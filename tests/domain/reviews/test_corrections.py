"""Staff correct the scores of a submission without an appeal."""

import re

import pytest

from tests.domain.reviews.scene import Scene, come, reviewing
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
REASON = "The tests do run: the reviewers looked at the wrong branch."


async def test_scores_that_staff_correct_count_everywhere_and_the_author_sees_why(school: School) -> None:
    scene, person, path = await _reviewed(school)
    first, _ = await _criteria(scene)

    await _correct(scene, path, {first["id"]: 8})

    received = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    corrected, kept = received["result"]["criteria"]
    assert (corrected["corrected"], corrected["median"], kept["corrected"]) == (8, 2, None)
    assert received["result"]["total"] == pytest.approx(100 * (8 + 2) / 15, abs=0.01)
    assert [(each["reason"], each["scores"][0]["score"]) for each in received["corrections"]] == [(REASON, 8)]
    for reader in (person, scene.author):
        assert (await scene.outcome(person, reader=reader))["assignments"][0]["result"] == received["result"]["total"]
    assert (await person.notification_types()).count("scores_corrected") == 1
    assert REASON in await signed_in(school, person).see(f"/assignments/{scene.assignment_id}/reviews")


async def test_the_latest_correction_or_settlement_counts_and_one_without_scores_ends_it(school: School) -> None:
    scene, person, path = await _reviewed(school)
    first, second = (each["id"] for each in await _criteria(scene))
    totals = [await _total(scene, person)]
    for scores in ({first: 8}, {second: 5}, {}):
        await _correct(scene, path, scores)
        totals.append(await _total(scene, person))
        await school.advance(minutes=1)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json={"text": "Look again"})
    settlement = {"text": "Right", "scores": [{"criterion_id": first, "score": 10}]}
    await scene.author.ok("POST", f"/appeals/{appeal['id']}/settle", json=settlement)
    totals.append(await _total(scene, person))
    await school.advance(minutes=1)
    await _correct(scene, path, {first: 9})
    totals.append(await _total(scene, person))

    assert totals == [pytest.approx(100 * points / 15, abs=0.01) for points in (4, 10, 7, 4, 12, 11)]
    received = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    assert [len(each["scores"]) for each in received["corrections"]] == [1, 0, 1, 1]


async def test_the_same_correction_twice_is_one_and_nothing_is_corrected_by_nothing(school: School) -> None:
    scene, person, path = await _reviewed(school)
    first, _ = await _criteria(scene)
    await scene.author.refused("POST", path, 422, "invalid_input", json={"reason": "", "scores": []})
    await scene.author.refused("POST", path, 422, "nothing_corrected", json={"reason": REASON})
    one, other = [await _correct(scene, path, {first["id"]: 8}) for _ in range(2)]
    assert one["id"] == other["id"]
    assert (await person.notification_types()).count("scores_corrected") == 1


async def test_scores_are_corrected_by_staff_from_the_review_deadline_until_appeals_are_over(school: School) -> None:
    scene, person, path = await _reviewed(school, is_over=False)
    first, _ = await _criteria(scene)
    body = {"reason": REASON, "scores": [{"criterion_id": first["id"], "score": 8}]}
    await scene.author.refused("POST", path, 409, "corrections_not_open", json=body)
    await come(scene, "reviews_due_at")
    for other in (person, scene.people[1]):
        await other.refused("POST", path, 403, "not_the_author", json=body)
    too_much = {"reason": REASON, "scores": [{"criterion_id": first["id"], "score": 99}]}
    await scene.author.refused("POST", path, 422, "score_out_of_range", json=too_much)
    await come(scene, "reviews_due_at", at=1)
    await school.advance(hours=71.9)
    await scene.author.ok("POST", path, 201, json=body)
    await school.advance(hours=0.1)
    await scene.author.refused("POST", path, 409, "track_over", json=body)


async def test_reviewers_are_not_notified_of_a_correction(school: School) -> None:
    scene, person, path = await _reviewed(school)
    first, _ = await _criteria(scene)
    review = path.replace("corrections", "review")
    before = [await each.ok("GET", review) for each in scene.people[1:]]
    await _correct(scene, path, {first["id"]: 8})
    assert [await each.ok("GET", review) for each in scene.people[1:]] == before
    for each in scene.people[1:]:
        assert "scores_corrected" not in await each.notification_types()
    shown = (await scene.outcome(person, reader=scene.people[1]))["assignments"][0]["result"]
    assert shown == pytest.approx(100 * 4 / 15, abs=0.01)


async def test_the_page_keeps_what_was_typed_and_shows_what_counts(school: School) -> None:
    scene, person, path = await _reviewed(school)
    page = path.replace("corrections", "reviews")
    first, second = await _criteria(scene)
    browser = signed_in(school, scene.author)
    typed = {"scores-0-criterion_id": first["id"], "scores-1-criterion_id": second["id"], "scores-1-score": ""}
    refused = await browser.fill_in(page, 422, **typed, **{"scores-0-score": 11}, reason="Typed <reason>")
    assert "Typed <reason>" in refused
    assert "must be a whole number from 0 to 10" in refused
    await browser.fill_in(page, **typed, **{"scores-0-score": 7}, reason=REASON)
    assert REASON in await browser.see(page)
    field = re.search(r'id="correct-scores-0-score"[^>]*value="(\d+)"', (await browser.get(page)).text)
    assert field is not None
    assert field[1] == "7"
    assert await _total(scene, person) == pytest.approx(100 * 9 / 15, abs=0.01)


async def _reviewed(school: School, *, is_over: bool = True) -> tuple[Scene, Person, str]:
    """Return a participant whose submission has two reviews, and where its scores are corrected."""
    scene = await reviewing(school, 3)
    person, *others = scene.people
    for other in others:
        await other.review(await scene.claim_work_of(person, other), 2)
    await person.review_all(scene.assignment_id)
    if is_over:
        await come(scene, "reviews_due_at")
    return scene, person, f"/submissions/{(await scene.overseen(person))['id']}/corrections"


async def _correct(scene: Scene, path: str, scores: dict[int, int]) -> Json:
    given = [{"criterion_id": criterion, "score": score} for criterion, score in scores.items()]
    made: Json = await scene.author.ok("POST", path, 201, json={"reason": REASON, "scores": given})
    return made


async def _criteria(scene: Scene) -> list[Json]:
    found: list[Json] = (await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"]
    return found


async def _total(scene: Scene, person: Person) -> float:
    received = await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    stored = (await scene.outcome(person))["assignments"][0]["result"]
    assert stored == received["result"]["total"]
    return float(stored)
