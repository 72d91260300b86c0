"""A claim is held for a while; then the work goes on to others, and its holder may still finish it."""

from datetime import datetime, timedelta

import pytest

from tests.domain.reviews.scene import come, reviewing
from tests.people import School

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("review_hours", "held_for"),
    [
        (10, timedelta(hours=2.5)),
        (200, timedelta(hours=24)),
        (0.01, timedelta(minutes=1)),
    ],
    ids=["a quarter of the window", "a day at most", "a minute at least"],
)
async def test_a_claim_is_held_as_long_as_fits_the_window(
    school: School, review_hours: float, held_for: timedelta
) -> None:
    scene = await reviewing(school, 2, review_hours=review_hours)

    work = (await scene.people[0].claim(scene.assignment_id)).json()

    assert datetime.fromisoformat(work["claimed_until"]) - school.clock.now == held_for


async def test_asking_again_gives_the_same_work_and_does_not_prolong_it(school: School) -> None:
    scene = await reviewing(school)
    person = scene.people[0]
    work = (await person.claim(scene.assignment_id)).json()
    await school.advance(hours=1)

    again = (await person.claim(scene.assignment_id)).json()

    assert again == work


async def test_a_claim_that_ran_out_lets_others_claim(school: School) -> None:
    scene = await reviewing(school, 2)
    await scene.people[0].claim(scene.assignment_id)
    assert (await scene.overseen(scene.people[1]))["claims_count"] == 1

    await school.advance(hours=2.5)

    assert (await scene.overseen(scene.people[1]))["claims_count"] == 0
    assert await scene.review_count(scene.people[1]) == 0


async def test_a_claim_holds_until_its_end(school: School) -> None:
    scene = await reviewing(school, 2)
    await scene.people[0].claim(scene.assignment_id)

    await school.advance(hours=2.5, microseconds=-1)

    assert (await scene.overseen(scene.people[1]))["claims_count"] == 1


async def test_a_submission_whose_reviewer_stays_away_is_reviewed_by_others(school: School) -> None:
    scene = await reviewing(school, 5)
    sleeper, *others = scene.people
    await sleeper.claim(scene.assignment_id)
    await school.advance(hours=2.5)

    for person in others:
        assert await person.review_all(scene.assignment_id) == 3

    counts = [(await scene.overseen(person))["reviews_count"] for person in scene.people]
    assert min(counts) == 2


async def test_the_holder_may_still_finish_what_ran_out_and_it_counts_once(school: School) -> None:
    scene = await reviewing(school, 2)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    await school.advance(hours=5)

    assert (await scene.people[0].review(work)).status_code == 201

    assert (await scene.overseen(scene.people[1]))["reviews_count"] == 1
    assert await scene.review_count(scene.people[1]) == 1
    outcome = (await scene.outcome(scene.people[0]))["assignments"][0]
    assert outcome["reviews_done"] == 1


async def test_coming_back_takes_the_same_work_up_again_with_a_fresh_lease(school: School) -> None:
    scene = await reviewing(school)
    person = scene.people[0]
    work = (await person.claim(scene.assignment_id)).json()
    await school.advance(hours=5)

    again = (await person.claim(scene.assignment_id)).json()

    assert again["submission_id"] == work["submission_id"]
    assert datetime.fromisoformat(again["claimed_until"]) == school.clock.now + timedelta(hours=2.5)
    (author,) = [one for one in scene.people if (await scene.overseen(one))["id"] == work["submission_id"]]
    assert await scene.review_count(author) == 1


async def test_the_reminder_goes_once_and_only_to_those_who_still_owe(school: School) -> None:
    scene = await reviewing(school, 5)
    done, leaver, *owing = scene.people
    await done.review_all(scene.assignment_id)
    await leaver.ok("POST", f"/tracks/{scene.track_id}/leave", 204)
    await school.advance(hours=8, microseconds=-1)
    assert not [one for one in owing if "reviews_overdue" in await one.notification_types()]

    await school.advance(microseconds=1)
    await school.sweep()
    await school.advance(hours=1)

    for person in owing:
        assert (await person.notification_types()).count("reviews_overdue") == 1
    for person in (done, leaver, scene.author):
        assert "reviews_overdue" not in await person.notification_types()


async def test_late_reviews_count_while_the_track_runs_and_no_longer(school: School) -> None:
    scene = await reviewing(school, 2)
    first, second = scene.people
    work = (await first.claim(scene.assignment_id)).json()
    other = (await second.claim(scene.assignment_id)).json()
    await come(scene, "reviews_due_at")
    assert (await first.review(work)).status_code == 201

    await come(scene, "reviews_due_at", at=1)

    refused = await second.review(other)
    assert (refused.status_code, refused.json()["code"]) == (409, "track_over")
