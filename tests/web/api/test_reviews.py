"""Get work, judge it, revise it, hand it back; see what others said."""

from typing import Any

import pytest

from tests.people import Json, Person, School

WORK = {
    "id",
    "submission_id",
    "assignment_id",
    "repo_url",
    "code_url",
    "comment",
    "criteria",
    "reviews_done",
    "reviews_required",
    "claimed_until",
    "changed_at",
    "reason",
}
REVIEW = {"id", "scores", "comment", "updated_at", "helpful", "answer"}
RESULT = {"reviews_count", "criteria", "total", "spread", "is_disputed"}


class Stage:
    """A track whose first review stage has just begun; all have submitted."""

    def __init__(self, school: School, people: list[Person], track: Json, first: int, second: int) -> None:
        self.school, self.people, self.track, self.first, self.second = school, people, track, first, second


async def review_stage(school: School, people: int = 4) -> Stage:
    participants = await school.people(people)
    track = await school.running_track(await school.person(), participants)
    first, second = await school.assignment_ids(participants[0], track)
    for number, person in enumerate(participants):
        assert (await person.submit(first, f"https://git.example/work/{number}")).status_code == 201
    await school.advance(hours=10)
    return Stage(school, participants, track, first, second)


def scores(work: Json, *values: int, comment: str | None = None) -> list[Json]:
    """Return scores for the criteria of a work in their order."""
    return [
        {"criterion_id": criterion["id"], "score": value} | ({} if comment is None else {"comment": comment})
        for criterion, value in zip(work["criteria"], values, strict=True)
    ]


async def test_work_to_review_comes_with_everything_that_is_needed(school: School) -> None:
    stage = await review_stage(school)
    alice = stage.people[0]
    work = (await alice.claim(stage.first)).json()
    assert set(work) == WORK
    assert work["assignment_id"] == stage.first
    assert work["repo_url"] in {f"https://git.example/work/{number}" for number in (1, 2, 3)}
    assert work["criteria"] == stage.track["criteria"]
    assert (work["reviews_done"], work["reviews_required"]) == (0, 3)
    assert work["claimed_until"] == "2030-01-02T00:30:00Z", "a quarter of ten hours"
    assert (await alice.claim(stage.first)).json() == work, "asking again gives the same"


async def test_nothing_is_given_out_before_the_deadline_to_strangers_or_after_the_end(school: School) -> None:
    alice, bob, mallory = await school.people(3)
    track = await school.running_track(alice, [alice, bob])
    first, second = await school.assignment_ids(alice, track)
    await bob.submit(first)
    path = f"/assignments/{first}/review/submission"
    await alice.refused("GET", path, 409, "review_not_open")
    await mallory.refused("GET", path, 403, "not_a_participant")
    await alice.refused("GET", "/assignments/999999999/review/submission", 404, "assignment_not_found")
    # The clock decides, not the handling of the event.
    school.clock.advance(hours=10)
    assert (await alice.claim(first)).status_code == 200
    await bob.refused("GET", path, 404, "reviews_done")
    await school.advance(hours=20)
    await alice.refused("GET", f"/assignments/{second}/review/submission", 409, "assignment_locked")
    await school.advance(hours=10)
    await alice.refused("GET", path, 409, "track_over")


async def test_the_last_review_owed_opens_the_next_assignment(school: School) -> None:
    stage = await review_stage(school, people=3)
    alice = stage.people[0]
    path = f"/tracks/{stage.track['id']}/assignments/current"
    for done in range(2):
        here = await alice.ok("GET", path)
        assert (here["id"], here["reviews_done"], here["reviews_required"]) == (stage.first, done, 2)
        work = (await alice.claim(stage.first)).json()
        assert work["reviews_done"] == done
        given = await alice.ok(
            "POST", f"/submissions/{work['submission_id']}/review", 201, json={"scores": scores(work, 10, 5)}
        )
        assert set(given) == REVIEW
    assert (await alice.ok("GET", path))["id"] == stage.second
    assert (await alice.notification_types())[-1] == "assignment_opened"
    await alice.refused("GET", f"/assignments/{stage.first}/review/submission", 404, "reviews_done")


async def test_a_volunteer_gets_one_more_while_there_is_any(school: School) -> None:
    stage = await review_stage(school, people=5)
    alice = stage.people[0]
    assert await alice.review_all(stage.first) == 3
    assert (await alice.review((await alice.claim(stage.first, volunteer=True)).json())).status_code == 201
    path = f"/assignments/{stage.first}/review/submission"
    await alice.refused("GET", path, 404, "nothing_to_review", params={"volunteer": True})


@pytest.mark.parametrize(
    ("change", "code", "loc"),
    [
        (lambda given: given.pop(), "score_missing", ["scores"]),
        (lambda given: given.clear(), "score_missing", ["scores"]),
        (lambda given: given.append(given[0]), "score_twice", ["scores", 2, "criterion_id"]),
        (lambda given: given[1].update(criterion_id=999_999_999), "unknown_criterion", ["scores", 1, "criterion_id"]),
        (lambda given: given[1].update(score=6), "score_out_of_range", ["scores", 1, "score"]),
        (lambda given: given[0].update(score=9), "reason_missing", ["scores", 0, "comment"]),
        (lambda given: given[0].update(score=9, comment="  "), "reason_missing", ["scores", 0, "comment"]),
        (lambda given: given[0].update(score=-1), "invalid_input", ["scores", 0, "score"]),
        (lambda given: given[0].update(score=7.5), "invalid_input", ["scores", 0, "score"]),
        (lambda given: given[0].update(score=None), "invalid_input", ["scores", 0, "score"]),
        (lambda given: given[0].pop("criterion_id"), "invalid_input", ["scores", 0, "criterion_id"]),
    ],
)
async def test_a_review_needs_exactly_one_valid_score_for_every_criterion(
    school: School, change: Any, code: str, loc: list[str | int]
) -> None:
    stage = await review_stage(school, people=2)
    alice = stage.people[0]
    work = (await alice.claim(stage.first)).json()
    path, given = f"/submissions/{work['submission_id']}/review", scores(work, 10, 5)
    change(given)
    problem = await alice.refused("POST", path, 422, code, json={"scores": given})
    assert [error["loc"] for error in problem["errors"]] == [["body", *loc]]
    assert (await alice.claim(stage.first)).json()["reviews_done"] == 0
    assert (await alice.review(work)).status_code == 201


@pytest.mark.parametrize("reason", ["on the criterion", "overall"])
async def test_a_score_below_the_maximum_needs_a_reason_here_or_there(school: School, reason: str) -> None:
    stage = await review_stage(school, people=2)
    alice, bob = stage.people
    work = (await alice.claim(stage.first)).json()
    given: Json = {"scores": scores(work, 0, 5)}
    if reason == "overall":
        given["comment"] = "Nothing starts"
    else:
        given["scores"][0]["comment"] = "Nothing starts"
    review = await alice.ok("POST", f"/submissions/{work['submission_id']}/review", 201, json=given)
    assert [score["score"] for score in review["scores"]] == [0, 5]
    await bob.review_all(stage.first)
    received = await bob.ok("GET", f"/assignments/{stage.first}/reviews")
    assert [each["scores"] for each in received["reviews"]] == [review["scores"]]


async def test_only_what_one_was_given_is_reviewed_and_only_once(school: School) -> None:
    stage = await review_stage(school)
    alice, bob, *_ = stage.people
    work = (await alice.claim(stage.first)).json()
    path, given = f"/submissions/{work['submission_id']}/review", {"scores": scores(work, 10, 5)}
    own = await alice.ok("GET", f"/assignments/{stage.first}/submission")
    admin, mallory = await school.person(role="admin"), await school.person()
    for person in (bob, mallory):
        if (await person.claim(stage.first)).json().get("submission_id") != work["submission_id"]:
            await person.refused("POST", path, 403, "not_yours_to_review", json=given)
    await alice.refused("POST", f"/submissions/{own['id']}/review", 403, "not_yours_to_review", json=given)
    await admin.refused("POST", "/submissions/999999999/review", 404, "submission_not_found", json=given)
    await alice.refused("PUT", path, 404, "not_reviewed_yet", json=given)
    await alice.ok("POST", path, 201, json=given)
    await alice.refused("POST", path, 409, "already_reviewed", json=given)
    await alice.refused("POST", f"{path}/return", 409, "already_reviewed", json={"reason": "broken"})


async def test_a_review_is_revised_until_the_window_closes(school: School) -> None:
    stage = await review_stage(school, people=2)
    alice, bob = stage.people
    work = (await alice.claim(stage.first)).json()
    path = f"/submissions/{work['submission_id']}/review"
    first = await alice.ok("POST", path, 201, json={"scores": scores(work, 10, 5)})
    school.clock.advance(hours=9)
    change = {"scores": scores(work, 4, 5, comment="On second thoughts"), "comment": None}
    revised = await alice.ok("PUT", path, json=change)
    assert revised["id"] == first["id"]
    assert revised["updated_at"] == "2030-01-02T07:00:00Z"
    assert [score["score"] for score in revised["scores"]] == [4, 5]
    await bob.refused("PUT", path, 403, "not_yours_to_review", json=change)
    await alice.refused("PUT", path, 422, "score_missing", json={"scores": scores(work, 4, 5)[:1], "comment": "x"})
    await school.advance(hours=1)
    await alice.refused("PUT", path, 409, "review_closed", json=change)
    (received,) = (await bob.ok("GET", f"/assignments/{stage.first}/reviews"))["reviews"]
    assert received["scores"] == revised["scores"]


async def test_a_late_review_counts_and_is_revised_until_the_track_ends(school: School) -> None:
    stage = await review_stage(school, people=2)
    alice = stage.people[0]
    work = (await alice.claim(stage.first)).json()
    path = f"/submissions/{work['submission_id']}/review"
    await school.advance(hours=20)
    await alice.ok("POST", path, 201, json={"scores": scores(work, 10, 5)})
    await school.advance(hours=9)
    await alice.ok("PUT", path, json={"scores": scores(work, 9, 5), "comment": "Too generous"})
    await school.advance(hours=1)
    for method in ("PUT", "POST"):
        response = await alice.request(method, path, json={"scores": scores(work, 10, 5)})
        assert (response.status_code, response.json()["code"]) in {(409, "track_over"), (409, "already_reviewed")}


@pytest.mark.parametrize("reason", ["broken", "empty", "know_author", "other"])
async def test_work_is_handed_back_for_another(school: School, reason: str) -> None:
    stage = await review_stage(school)
    alice = stage.people[0]
    work = (await alice.claim(stage.first)).json()
    path = f"/submissions/{work['submission_id']}/review"
    returned = await alice.request("POST", f"{path}/return", json={"reason": reason, "comment": "404"})
    assert (returned.status_code, returned.content) == (204, b"")
    assert (await alice.claim(stage.first)).json()["submission_id"] != work["submission_id"]
    await alice.refused("POST", path, 403, "not_yours_to_review", json={"scores": scores(work, 10, 5)})
    await alice.refused("POST", f"{path}/return", 403, "not_yours_to_review", json={"reason": reason})
    await alice.refused("POST", f"{path}/return", 422, "invalid_input", json={"reason": "boring"})
    await alice.refused(
        "POST", "/submissions/999999999/review/return", 404, "submission_not_found", json={"reason": "other"}
    )


async def test_reviews_are_seen_after_ones_own_or_when_the_window_is_over(school: School) -> None:
    stage = await review_stage(school, people=2)
    alice, bob = stage.people
    path = f"/assignments/{stage.first}/reviews"
    await alice.review_all(stage.first)
    assert await alice.ok("GET", path) == {
        "submission_id": (await alice.ok("GET", f"/assignments/{stage.first}/submission"))["id"],
        "reviews": [],
        "result": None,
        "appeal": None,
        "corrections": [],
    }
    await bob.refused("GET", path, 409, "own_reviews_first")
    await school.advance(hours=10)
    received = await bob.ok("GET", path)
    assert [set(review) for review in received["reviews"]] == [REVIEW]
    assert set(received["result"]) == RESULT
    assert (received["result"]["reviews_count"], received["result"]["total"]) == (1, 100)
    mallory = await school.person()
    await mallory.refused("GET", path, 403, "not_a_participant")
    await alice.refused("GET", f"/assignments/{stage.second}/reviews", 404, "no_submission")
    await alice.refused("GET", "/assignments/999999999/reviews", 404, "assignment_not_found")


async def test_the_result_is_the_median_of_each_criterion(school: School) -> None:
    stage = await review_stage(school)
    alice, *others = stage.people
    own = (await alice.ok("GET", f"/assignments/{stage.first}/submission"))["id"]
    generosity = iter([(10, 5), (7, 1), (0, 2)])
    for person in others:
        for _ in range(3):
            work = (await person.claim(stage.first)).json()
            values = next(generosity) if work["submission_id"] == own else (10, 5)
            given = {"scores": scores(work, *values), "comment": "because"}
            await person.ok("POST", f"/submissions/{work['submission_id']}/review", 201, json=given)
    await alice.review_all(stage.first)
    result = (await alice.ok("GET", f"/assignments/{stage.first}/reviews"))["result"]
    assert [(line["median"], line["lowest"], line["highest"]) for line in result["criteria"]] == [(7, 0, 10), (2, 1, 5)]
    assert (result["reviews_count"], result["total"]) == (3, 60)
