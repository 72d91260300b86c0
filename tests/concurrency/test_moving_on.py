"""Moving on to the next assignments at the same instant as their deadlines pass."""

import asyncio

import pytest

from learning_platform.attempts.actions import LOCK_STAGE, LOCK_TRACK_OF, begin_review_stage
from tests.concurrency.outcomes import outcome
from tests.concurrency.test_time import until_somebody_waits
from tests.people import School

pytestmark = pytest.mark.anyio


async def test_who_moves_on_by_two_assignments_while_a_deadline_passes_is_in_no_deadlock(school: School) -> None:
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
    # Nobody hands in for the second one, so it is over for everybody at its deadline.
    await school.advance(hours=20)
    school.clock.advance(hours=20)

    async with school.services.database.transaction() as deadline:
        await deadline.execute(LOCK_TRACK_OF, third)
        await deadline.execute(LOCK_STAGE, third)
        moving_on = asyncio.create_task(late.review(last))
        await until_somebody_waits(school)
        assert await begin_review_stage(deadline, assignment_id=third, now=school.clock.now)

    assert outcome(await moving_on) == "201"
