"""Moving on, and beginning to review, at the same instant as deadlines pass."""

import asyncio
from datetime import timedelta

import pytest

from learning_platform.attempts.review_stage import LOCK_STAGE, begin_review_stage
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.locks import LOCK_SUBMISSIONS
from learning_platform.tracks.queries import LOCK_TRACK_OF
from tests.concurrency.outcomes import concurrently, outcome
from tests.concurrency.test_time import schedulers, until_a_session_waits
from tests.people import School

pytestmark = pytest.mark.anyio


async def test_a_user_who_moves_on_by_two_assignments_while_a_deadline_passes_is_in_no_deadlock(school: School) -> None:
    late, *others = await school.people(5)
    tasks = [{"title": title, "duration_hours": 10} for title in "ABC"]
    track = await school.running_track(late, [late, *others], assignments=tasks)
    first, _, third = await school.assignment_ids(late, track)
    for person in others:
        await person.submit(first)
    await school.advance(hours=10)
    for _ in range(2):
        await late.review((await late.claim(first)).json())
    last = (await late.claim(first)).json()
    # Nothing is submitted for the second one, so it is over for every participant at its deadline.
    await school.advance(hours=20)
    school.clock.advance(hours=20)

    async with school.services.database.transaction() as deadline:
        await deadline.execute(LOCK_TRACK_OF, third)
        await deadline.execute(LOCK_STAGE, third)
        moving_on = asyncio.create_task(late.review(last))
        await until_a_session_waits(school)
        assert await begin_review_stage(deadline, assignment_id=third, now=school.clock.now)

    assert outcome(await moving_on) == "201"


async def test_the_first_claim_after_ones_own_deadline_is_in_no_deadlock_with_an_announcement(school: School) -> None:
    owner, late, author, other = await school.people(4)
    track = await school.running_track(owner, [late, author, other])
    assignment_id, _ = await school.assignment_ids(author, track)
    own_due_at = school.clock.now + timedelta(hours=12)
    extension = {"username": late.username, "due_at": own_due_at.isoformat(), "reason": "Moving house"}
    await owner.ok("POST", f"/assignments/{assignment_id}/extensions", 201, json=extension)
    await author.submit(assignment_id)
    await school.advance(hours=10)
    school.clock.now = own_due_at
    (submission,) = await owner.ok("GET", f"/tracks/{track['id']}/submissions")

    # As reviewing does it: first the submission, then the announcement.
    async with school.services.database.transaction() as reviewing:
        await reviewing.execute(LOCK_SUBMISSIONS, [submission["id"]])
        claiming = asyncio.create_task(late.claim(assignment_id))
        await until_a_session_waits(school)
        announcement = Announcement(
            event="a test", type="review_received", parameters={"track": "T", "assignment": "A"}
        )
        await announce(reviewing, announcement, to=[author.id], now=school.clock.now)

    assert outcome(await claiming) == "200"
    assert (await late.notification_types())[-1] == "review_started"


async def test_every_claim_at_the_deadline_is_served_and_each_notification_is_sent_once_in_order(
    school: School,
) -> None:
    people = await school.people(12)
    track = await school.running_track(people[0], people)
    assignment_id, _ = await school.assignment_ids(people[0], track)
    for person in people:
        await person.submit(assignment_id)
    school.clock.advance(hours=10)

    async with schedulers(school, 2, at=school.clock.now) as sweepers:
        noticing = asyncio.gather(*(sweeper.run_due() for sweeper in sweepers))
        claims = await concurrently(person.claim(assignment_id) for person in people)
        await noticing

    assert {outcome(claimed) for claimed in claims} == {"200"}
    for person in people:
        types = await person.notification_types()
        assert types == ["track_started", "assignment_opened", "deadline_warning", "review_started"]
