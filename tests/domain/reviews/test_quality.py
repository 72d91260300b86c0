"""How a participant reviews: shown to them and their track's author, without consequences."""

import pytest

from tests.domain.reviews.scene import Scene, come, full_marks, return_path, reviewing
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio


async def test_quality_counts_reviews_and_answers_and_measures_severity(school: School) -> None:
    scene, severe = await _with_a_severe_reviewer(school)

    mine = await _quality(scene, severe, severe)

    assert (mine["reviews_count"], mine["helpful_count"], mine["unhelpful_count"]) == (1, None, None)
    assert mine["severity"] == -100
    seen = await _quality(scene, scene.author, severe)
    assert (seen["helpful_count"], seen["unhelpful_count"]) == (0, 1)
    await school.advance(hours=100)
    mine = await _quality(scene, severe, severe)
    assert (mine["helpful_count"], mine["unhelpful_count"]) == (0, 1)


async def test_severity_is_the_mean_distance_from_the_medians(school: School) -> None:
    scene, severe = await _with_a_severe_reviewer(school)
    generous = next(person for person in scene.people[1:] if person is not severe)

    assert (await _quality(scene, generous, generous))["severity"] == 0


async def test_a_single_review_says_nothing_of_severity(school: School) -> None:
    scene = await reviewing(school, 2)
    await scene.people[0].review_all(scene.assignment_id)
    await come(scene, "reviews_due_at")

    assert (await _quality(scene, scene.people[0], scene.people[0]))["severity"] is None


async def test_quality_is_empty_while_others_still_review(school: School) -> None:
    scene = await reviewing(school, 4)
    await scene.people[0].review_all(scene.assignment_id)

    assert await scene.people[0].ok("GET", f"/tracks/{scene.track_id}/review-quality") == []


async def test_one_sees_ones_own_quality_and_the_author_everybodys(school: School) -> None:
    scene, severe = await _with_a_severe_reviewer(school)
    path = f"/tracks/{scene.track_id}/review-quality"

    for person in scene.people[1:]:
        assert [one["id"] for one in await person.ok("GET", path)] == [person.id]
    ids = [one["id"] for one in await scene.author.ok("GET", path)]
    assert ids == sorted(person.id for person in scene.people[1:])
    assert len(await (await school.person(role="admin")).ok("GET", path)) == 3
    await (await school.person()).refused("GET", path, 403, "not_a_participant")
    assert severe.id in ids


async def test_reviews_that_were_returned_because_the_reviewer_knew_the_author_are_counted(school: School) -> None:
    scene = await reviewing(school, 4)
    first, second, *_ = scene.people
    done = await first.review_all(scene.assignment_id)
    for reason in ("know_author", "other"):
        work = (await second.claim(scene.assignment_id)).json()
        await second.ok("POST", return_path(work), 204, json={"reason": reason})

    path = f"/tracks/{scene.track_id}/review-quality"
    shown = await signed_in(school, scene.author).see(path)

    assert f"1 of {done + 2} reviews were returned because the reviewer knew the author." in shown
    assert "knew the author" not in await signed_in(school, first).see(path)


async def test_every_order_has_the_reviewers_who_take_part_and_those_who_review_as_staff(school: School) -> None:
    scene, _ = await _with_a_severe_reviewer(school)
    work = await scene.overseen(scene.people[1])
    marks = full_marks((await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"])
    await scene.author.ok("POST", f"/submissions/{work['id']}/review", 201, json=marks)
    reviewers = [scene.author, *scene.people[1:]]

    by_name = await _ids(scene, "name")

    assert by_name == [person.id for person in sorted(reviewers, key=lambda person: person.username.lower())]
    for sort in ("reviews", "helpful", "unhelpful", "severity"):
        assert sorted(await _ids(scene, sort)) == sorted(by_name)


async def test_disagreement_alone_changes_nothing_for_the_reviewer(school: School) -> None:
    scene, severe = await _with_a_severe_reviewer(school)
    like_the_others = await scene.outcome(scene.people[2])

    outcome = await scene.outcome(severe)

    assert outcome["assignments"][0]["reviews_done"] == like_the_others["assignments"][0]["reviews_done"] == 1
    assert outcome["total"] == like_the_others["total"]


async def _with_a_severe_reviewer(school: School) -> tuple[Scene, Person]:
    """Let three review the work of the first: two give everything, one nothing; the first answers, the window ends."""
    scene = await reviewing(school, 4)
    person, severe, *others = scene.people
    await severe.review(await scene.claim_work_of(person, severe), 0)
    for other in others:
        await other.review(await scene.claim_work_of(person, other))
    await come(scene, "reviews_due_at")
    for review in (await person.ok("GET", f"/assignments/{scene.assignment_id}/reviews"))["reviews"]:
        helpful = review["scores"][0]["score"] > 0
        await person.ok("POST", f"/reviews/{review['id']}/answer", json={"helpful": helpful})
    return scene, severe


async def _ids(scene: Scene, sort: str) -> list[int]:
    listed = await scene.author.ok("GET", f"/tracks/{scene.track_id}/review-quality?sort={sort}")
    return [one["id"] for one in listed]


async def _quality(scene: Scene, reader: Person, of: Person) -> Json:
    qualities = await reader.ok("GET", f"/tracks/{scene.track_id}/review-quality")
    return next(one for one in qualities if one["id"] == of.id)
