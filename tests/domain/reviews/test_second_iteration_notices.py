"""Reviewers are notified of second iterations: once for each, by day, and only of work that they have reviewed."""

from datetime import timedelta

import pytest

from learning_platform.attempts.shown_iterations import next_look
from learning_platform.notifications.actions import Announcement, announce_each
from tests.domain.reviews.code_scene import FILES, Claimed, claimed, hand_in_code
from tests.domain.reviews.scene import come
from tests.make import NOON
from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
BETTER = {**FILES, "main.py": b"print('better')\n"}


async def notices(person: Person) -> list[Json]:
    """Return what a user was notified of second iterations."""
    inbox = await person.ok("GET", "/notifications", params={"limit": 200})
    return [each for each in inbox if each["type"] == "iteration_shown"]


async def reviewed(school: School) -> Claimed:
    """Return work that one reviewer has reviewed, and another has only been given; its author is done with reviews."""
    here = await claimed(school, iteration_hours=72)
    await here.send()
    await here.author.review_all(here.scene.assignment_id)
    return here


async def test_what_came_before_the_reviews_were_due_is_announced_then(school: School) -> None:
    here = await reviewed(school)
    await hand_in_code(here.scene, here.author, BETTER)
    await school.sweep()
    assert await notices(here.reviewer) == []
    await come(here.scene, "reviews_due_at")
    (notice,) = await notices(here.reviewer)
    assert notice["url"] == f"/submissions/{here.submission_id}/code"
    assert notice["created_at"].endswith("T00:00:00Z")
    compared = await here.reviewer.ok("GET", f"/submissions/{here.submission_id}/code")
    assert (compared["base"], compared["iteration"]) == ("previous", 2)


async def test_what_comes_later_is_announced_at_the_start_of_the_next_day(school: School) -> None:
    here = await reviewed(school)
    await come(here.scene, "reviews_due_at")
    await school.advance(hours=1)
    await hand_in_code(here.scene, here.author, BETTER)
    await school.advance(seconds=1)
    assert await notices(here.reviewer) == []
    until_midnight = timedelta(days=1) - (school.clock.now - school.clock.now.replace(hour=0, minute=0, second=0))
    await school.advance(seconds=until_midnight.total_seconds() - 1)
    assert await notices(here.reviewer) == []
    await school.advance(seconds=1)
    assert len(await notices(here.reviewer)) == 1


async def test_only_reviewers_whose_review_was_sent_and_who_are_still_there_are_notified(school: School) -> None:
    here = await reviewed(school)
    second = await here.given_to(here.scene.people[2])
    third = await here.given_to(here.scene.people[3])
    await third.send()
    await third.reviewer.ok("POST", f"/tracks/{here.scene.track_id}/leave", 204)
    await hand_in_code(here.scene, here.author, BETTER)
    await come(here.scene, "reviews_due_at")
    everyone = (here.reviewer, second.reviewer, third.reviewer, here.author)
    assert [len(await notices(each)) for each in everyone] == [1, 0, 0, 0]
    # Both iterations are there for a review that is sent later.
    await second.send()
    await school.advance(days=1)
    assert [len(await notices(each)) for each in everyone] == [1, 0, 0, 0]


async def test_one_that_is_replaced_is_not_announced_again(school: School) -> None:
    here = await reviewed(school)
    await hand_in_code(here.scene, here.author, BETTER)
    await come(here.scene, "reviews_due_at")
    await school.advance(hours=2)
    await hand_in_code(here.scene, here.author, {**BETTER, "more.py": b"more = 1\n"})
    for _ in range(5):
        await school.advance(days=1)
    assert len(await notices(here.reviewer)) == 1


async def test_after_a_time_without_a_scheduler_it_is_announced_once(school: School) -> None:
    here = await reviewed(school)
    await come(here.scene, "reviews_due_at")
    await hand_in_code(here.scene, here.author, BETTER)
    school.clock.advance(days=2.5)
    await school.sweep()
    await school.sweep()
    await school.advance(days=10)
    assert len(await notices(here.reviewer)) == 1


async def test_code_that_is_not_frozen_is_announced_when_it_is(school: School) -> None:
    here = await reviewed(school)
    assert (await here.author.submit(here.scene.assignment_id, "https://git.example/people/better")).is_success
    await come(here.scene, "reviews_due_at")
    assert await notices(here.reviewer) == []
    await hand_in_code(here.scene, here.author, BETTER)
    await school.advance(days=1)
    assert len(await notices(here.reviewer)) == 1


async def test_a_calendar_that_changes_leaves_the_next_look_alone(school: School) -> None:
    here = await reviewed(school)
    await come(here.scene, "reviews_due_at")
    await hand_in_code(here.scene, here.author, BETTER)
    second = here.scene.assignment_ids[1]
    due_at = (school.clock.now + 100 * HOUR).isoformat()
    await here.scene.author.ok("PATCH", f"/assignments/{second}", json={"due_at": due_at})
    await school.advance(days=1)
    assert len(await notices(here.reviewer)) == 1


def test_there_is_a_look_each_day_until_the_last_links_are_fetched() -> None:
    end = NOON + 30 * HOUR
    assert next_look(iteration_due_at=end, now=NOON) == NOON + 12 * HOUR
    assert next_look(iteration_due_at=end, now=end) == NOON + 36 * HOUR
    assert next_look(iteration_due_at=end, now=NOON + 36 * HOUR) == NOON + 60 * HOUR
    assert next_look(iteration_due_at=end, now=NOON + 60 * HOUR) is None
    assert next_look(iteration_due_at=None, now=NOON) is None


async def test_many_events_are_announced_together_and_each_only_once(school: School) -> None:
    alice, bob = await school.people(2)
    events = [
        (Announcement(f"test:{name}", "iteration_shown", parameters={"assignment": name, "track": "T"}), to)
        for name, to in (("a", [alice.id]), ("b", [alice.id, bob.id]), ("c", []))
    ]
    for _ in range(2):
        async with school.services.database.transaction() as db:
            await announce_each(db, events, now=school.clock.now)
    assert [each["title"][-3:] for each in await notices(alice)] == ["“a”", "“b”"]
    assert [each["title"][-3:] for each in await notices(bob)] == ["“b”"]
