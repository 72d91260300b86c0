"""Ways in which other systems fail their reviewers and the reviewed, one test each."""

import pytest

from tests.domain.reviews.scene import Scene, come, hand_in, return_path, reviewing, running
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
# What would identify a user.
TELLTALE = ("username", "email", "user_id", "reviewer", "author", "participant")


async def test_assigned_is_not_done(school: School) -> None:
    scene = await reviewing(school)
    person = scene.people[0]

    work = (await person.claim(scene.assignment_id)).json()

    assert work["reviews_done"] == 0
    assert (await scene.outcome(person))["assignments"][0]["reviews_done"] == 0


async def test_a_review_of_one_assignment_counts_for_no_other(school: School) -> None:
    scene = await reviewing(school, 4)
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    await come(scene, "opens_at", at=1)
    await hand_in(scene, scene.people, at=1)

    work = (await scene.people[0].claim(scene.assignment_ids[1])).json()

    assert (work["reviews_done"], work["reviews_required"]) == (0, 3)


async def test_no_participant_reads_others_links_before_the_deadline(school: School) -> None:
    scene = await running(school)
    for person in scene.people:
        await person.submit(scene.assignment_id, "https://git.example/secret/work")
    reader = scene.people[0]
    submission = await scene.overseen(scene.people[1])

    await reader.refused("GET", f"/assignments/{scene.assignment_id}/review/submission", 409, "review_not_open")
    await reader.refused("GET", f"/tracks/{scene.track_id}/submissions", 403, "not_the_author")
    await reader.refused("GET", f"/submissions/{submission['id']}/reviews", 403, "not_the_author")
    for path in (f"/tracks/{scene.track_id}", f"/tracks/{scene.track_id}/results", "/notifications"):
        assert "secret" not in (await reader.get(path)).text


async def test_a_refused_revision_leaves_every_score_as_it_was(school: School) -> None:
    scene = await reviewing(school, 2)
    reviewer = scene.people[0]
    work = (await reviewer.claim(scene.assignment_id)).json()
    await reviewer.review(work, 4)
    path = f"/submissions/{work['submission_id']}/review"
    before = await reviewer.ok("GET", path)
    first, second = before["scores"]

    for scores in ([first], [first, first], [first, {**second, "score": 99}], []):
        response = await reviewer.put(path, json={"scores": scores, "comment": "again"})
        assert response.status_code == 422

    assert await reviewer.ok("GET", path) == before


async def test_a_revision_of_a_comment_keeps_the_scores(school: School) -> None:
    scene = await reviewing(school, 2)
    reviewer, author = scene.people
    work = (await reviewer.claim(scene.assignment_id)).json()
    await reviewer.review(work, 4)
    path = f"/submissions/{work['submission_id']}/review"
    said = await reviewer.ok("GET", path)

    await reviewer.ok("PUT", path, json={"scores": said["scores"], "comment": "a kinder word"})

    assert (await scene.outcome(author))["assignments"][0]["result"] == pytest.approx(100 * 8 / 15, abs=0.01)


async def test_neither_side_learns_who_the_other_is(school: School) -> None:
    scene = await reviewing(school, 2)
    reviewer, author = scene.people
    work = (await reviewer.claim(scene.assignment_id)).json()
    await reviewer.review(work)
    await author.review_all(scene.assignment_id)

    received = await author.get(f"/assignments/{scene.assignment_id}/reviews")

    for shown in (work, received.json(), await reviewer.ok("GET", f"/submissions/{work['submission_id']}/review")):
        assert not [key for key in _keys(shown) if any(word in key for word in TELLTALE)]
    messages = [one for one in await author.ok("GET", "/notifications") if one["type"] == "review_received"]
    assert all(reviewer.username not in f"{one['title']} {one['text']}" for one in messages)


async def test_asking_for_work_again_destroys_nothing(school: School) -> None:
    scene = await reviewing(school)
    person = scene.people[0]
    done = (await person.claim(scene.assignment_id)).json()
    await person.review(done)
    in_hand = (await person.claim(scene.assignment_id)).json()

    for other in scene.people[1:]:
        await other.claim(scene.assignment_id)
    await school.sweep()

    assert (await person.claim(scene.assignment_id)).json() == in_hand
    said = await person.ok("GET", f"/submissions/{done['submission_id']}/review")
    assert len(said["scores"]) == 2


async def test_a_user_who_submitted_nothing_is_never_drawn_and_still_owes_reviews(school: School) -> None:
    scene = await reviewing(school, 4, handing_in=3)
    absent = scene.people[3]

    assert await absent.review_all(scene.assignment_id) == 3
    for person in scene.people[:3]:
        assert await person.review_all(scene.assignment_id) == 2

    assert [(await scene.overseen(person))["reviews_count"] for person in scene.people[:3]] == [3, 3, 3]


@pytest.mark.parametrize("people", [2, 3, 4, 5])
async def test_small_groups_are_no_special_case(school: School, people: int) -> None:
    scene = await reviewing(school, people)
    owed = min(3, people - 1)

    for person in scene.people:
        assert await person.review_all(scene.assignment_id) == owed

    assert [(await scene.overseen(person))["reviews_count"] for person in scene.people] == [owed] * people


async def test_one_friend_does_not_decide_a_result(school: School) -> None:
    scene = await reviewing(school, 4)
    author, friend, *others = scene.people
    for reviewer, score in ((friend, None), (others[0], 1), (others[1], 1)):
        await _review_work_of(scene, author, reviewer, score)

    assert (await scene.outcome(author))["assignments"][0]["result"] == pytest.approx(100 * 2 / 15, abs=0.01)


async def test_no_participant_waits_for_others_to_get_on(school: School) -> None:
    scene = await reviewing(school)
    eager = scene.people[0]

    await eager.review_all(scene.assignment_id)

    current = await eager.ok("GET", f"/tracks/{scene.track_id}/assignments/current")
    assert (current["id"], current["state"]) == (scene.assignment_ids[1], "open")


async def test_a_bad_draw_can_be_given_back_without_losing_what_was_done(school: School) -> None:
    scene = await reviewing(school)
    person = scene.people[0]
    await person.review((await person.claim(scene.assignment_id)).json())
    bad = (await person.claim(scene.assignment_id)).json()

    await person.ok("POST", return_path(bad), 204, json={"reason": "broken"})

    assert (await person.claim(scene.assignment_id)).json()["reviews_done"] == 1


def _keys(shown: Json) -> set[str]:
    if isinstance(shown, dict):
        return set(shown) | {key for value in shown.values() for key in _keys(value)}
    return {key for value in shown for key in _keys(value)} if isinstance(shown, list) else set()


async def _review_work_of(scene: Scene, author: Person, reviewer: Person, score: int | None) -> None:
    response = await reviewer.review(await scene.claim_work_of(author, reviewer), score)
    assert response.status_code == 201, response.text
