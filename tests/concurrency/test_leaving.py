"""Leaving for good at the same instant as others act on what one holds."""

import asyncio

import pytest

from learning_platform.reviews.locks import LOCK_SUBMISSIONS
from tests.concurrency.outcomes import outcome
from tests.concurrency.test_time import until_a_session_waits
from tests.people import School

pytestmark = pytest.mark.anyio
LOCK_HELD = "select submission_id from claims where reviewer_id = $1 and state = 'open' for update"


async def test_a_user_who_leaves_while_their_lease_runs_out_leaves_without_a_deadlock(school: School) -> None:
    people = await school.people(5)
    leaver = people[0]
    track = await school.running_track(people[1], people)
    assignment_id = (await school.assignment_ids(leaver, track))[0]
    for person in people:
        await person.submit(assignment_id)
    await school.advance(hours=10)
    await leaver.claim(assignment_id)
    own_id = (await leaver.ok("GET", f"/assignments/{assignment_id}/submission"))["id"]

    # As the end of a lease does it: the claim, then the submission and the holder's own.
    async with school.services.database.transaction() as lapsing:
        submission_id = await lapsing.fetchval(LOCK_HELD, leaver.id)
        leaving = asyncio.create_task(leaver.post(f"/tracks/{track['id']}/leave"))
        await until_a_session_waits(school)
        await lapsing.execute(LOCK_SUBMISSIONS, [submission_id, own_id])

    assert outcome(await leaving) == "204"
