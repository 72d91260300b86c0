"""Several schedulers, people and deadlines at the same instant: everything once, in order, and nothing half done.

Where two transactions meet, each order is forced: one is held open until the other is seen waiting for it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import submit
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Database
from learning_platform.core.sweep import Sweeper
from learning_platform.scheduler import SWEEPS
from tests.concurrency.outcomes import concurrently, outcome
from tests.events import close_hand_in
from tests.people import HandClock, Json, Person, School

pytestmark = pytest.mark.anyio
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
SUBMISSIONS = "select user_id from submissions where assignment_id = $1"
REQUIRED = "select user_id, reviews_required from attempts where assignment_id = $1"
A_MILLISECOND = timedelta(milliseconds=1)


async def test_four_schedulers_on_one_database_announce_everything_once_and_in_order(school: School) -> None:
    people = await school.people(3)
    tracks = [await school.running_track(people[0], people) for _ in range(12)]
    for track in tracks[::2]:
        for person in people:
            await person.submit((await school.assignment_ids(person, track))[0])
    school.clock.advance(days=30)

    async with schedulers(school, 4, at=school.clock.now) as sweepers:
        await asyncio.gather(*(sweeper.run_due() for sweeper in sweepers))

    stage = ["deadline_warning", "review_started"]
    opened = ["track_started", "assignment_opened"]
    for person in people:
        inbox = await _inbox(person)
        for handed_in, track in zip([True, False] * 6, tracks, strict=True):
            types = [each["type"] for each in inbox if each["track_id"] == track["id"]]
            # Participants who owe reviews stay; without submissions the next assignment opens at the deadline.
            gone_on = [] if handed_in else ["assignment_opened"]
            reminded = ["reviews_overdue"] if handed_in else []
            assert types == [*opened, *stage, *gone_on, *reminded, *stage, "track_finished"]
    assert await school.services.scheduler.sweeper.overdue_since(school.clock.now) is None


async def test_whatever_is_accepted_around_the_deadline_is_what_is_owed(school: School) -> None:
    people = await school.people(12)
    for _ in range(5):
        assignment_id, due_at = await _almost_due(school, people)

        async with schedulers(school, 2, at=due_at) as sweepers:
            passing = asyncio.gather(*(sweeper.run_due() for sweeper in sweepers))
            handed_in = await concurrently(person.submit(assignment_id) for person in people)
            await passing

        assert {outcome(response) for response in handed_in} <= {"201", "409 deadline_passed"}
        accepted = {person.id for person, response in zip(people, handed_in, strict=True) if response.is_success}
        await _ensure_counted(school, people, assignment_id, accepted)
        school.clock.now = due_at


async def test_a_link_that_comes_while_the_deadline_passes_is_refused_and_not_counted(school: School) -> None:
    people = await school.people(3)
    assignment_id, due_at = await _almost_due(school, people)

    async with school.services.database.transaction() as deadline:
        assert await close_hand_in(deadline, assignment_id, due_at)
        handing_in = asyncio.create_task(people[0].submit(assignment_id))
        await until_a_session_waits(school)

    assert outcome(await handing_in) == "409 deadline_passed"
    await _ensure_counted(school, people, assignment_id, set())


async def test_the_deadline_waits_for_a_link_that_is_being_accepted_and_counts_it(school: School) -> None:
    people = await school.people(3)
    assignment_id, due_at = await _almost_due(school, people)

    async with schedulers(school, 1, at=due_at) as (sweeper,):
        async with school.services.database.transaction() as accepting:
            await submit(
                accepting,
                assignment_id=assignment_id,
                user_id=people[0].id,
                repo_url="https://git.example/a/b",
                comment=None,
                now=school.clock.now,
            )
            passing = asyncio.create_task(sweeper.run_due())
            await until_a_session_waits(school)
        await passing

        await _ensure_counted(school, people, assignment_id, {people[0].id})


async def test_an_extension_that_comes_while_the_deadline_passes_is_refused(school: School) -> None:
    people = await school.people(2)
    assignment_id, due_at = await _almost_due(school, people)
    later = {"due_at": (due_at + timedelta(hours=1)).isoformat()}

    async with school.services.database.transaction() as deadline:
        assert await close_hand_in(deadline, assignment_id, due_at)
        extending = asyncio.create_task(people[0].patch(f"/assignments/{assignment_id}", json=later))
        await until_a_session_waits(school)

    assert outcome(await extending) == "409 deadline_passed"
    assert "deadline_moved" not in await people[1].notification_types()


async def test_a_deadline_that_is_being_extended_does_not_pass(school: School) -> None:
    people = await school.people(2)
    assignment_id, due_at = await _almost_due(school, people)

    async with schedulers(school, 1, at=due_at) as (sweeper,):
        async with school.services.database.transaction() as extending:
            await extend_deadline(
                extending,
                assignment_id=assignment_id,
                due_at=due_at + timedelta(hours=1),
                actor=Actor(people[0].id),
                now=school.clock.now,
            )
            await sweeper.run_due()
        await sweeper.run_due()

    assert "review_started" not in await people[1].notification_types()
    assert (await people[1].submit(assignment_id)).status_code == 201


async def test_a_user_who_comes_to_an_assignment_while_its_deadline_passes_owes_its_reviews(school: School) -> None:
    late, *others = await school.people(5)
    first, second, due_at = await _late_with_reviews(school, late, others)
    school.clock.now = due_at
    for _ in range(2):
        await late.review((await late.claim(first)).json())
    last = (await late.claim(first)).json()

    async with school.services.database.transaction() as deadline:
        assert await close_hand_in(deadline, second, due_at)
        reviewing = asyncio.create_task(late.review(last))
        await until_a_session_waits(school)

    assert outcome(await reviewing) == "201"
    assert await late.review_all(second) == 3


@asynccontextmanager
async def schedulers(school: School, number: int, *, at: datetime) -> AsyncIterator[Sequence[Sweeper]]:
    """Open so many sweepers as other processes would have, whose clock shows `at`."""
    async with AsyncExitStack() as stack:
        sweepers = []
        for _ in range(number):
            database = await Database.open(school.services.database.url, size=2)
            stack.push_async_callback(database.close)
            sweepers.append(Sweeper(database, SWEEPS, HandClock(at)))
        yield sweepers


async def until_a_session_waits(school: School) -> None:
    """Return once a statement waits for a lock."""
    async with school.services.database.connection() as db, asyncio.timeout(10):
        while not await db.fetchval(WAITING):  # noqa: ASYNC110 - it is the database that waits
            await asyncio.sleep(0.002)


async def _almost_due(school: School, people: Sequence[Person]) -> tuple[int, datetime]:
    """Start a track and go to a time just before its first deadline; return the assignment and the deadline."""
    track = await school.running_track(people[0], people)
    assignment_id = (await school.assignment_ids(people[0], track))[0]
    due_at = school.clock.now + timedelta(hours=10)
    school.clock.now = due_at - A_MILLISECOND
    await school.sweep()
    return assignment_id, due_at


async def _late_with_reviews(school: School, late: Person, others: Sequence[Person]) -> tuple[int, int, datetime]:
    """Let all but one do everything up to the second deadline; return both assignments and that deadline."""
    track = await school.running_track(late, [late, *others])
    first, second = await school.assignment_ids(late, track)
    for person in others:
        await person.submit(first)
    await school.advance(hours=10)
    for person in others:
        await person.review_all(first)
        await person.submit(second)
    return first, second, school.clock.now + timedelta(hours=20)


async def _ensure_counted(school: School, people: Sequence[Person], assignment_id: int, accepted: set[int]) -> None:
    """Ensure that exactly these submissions are there, and that every participant owes accordingly."""
    async with school.services.database.connection() as db:
        assert {row[0] for row in await db.fetch(SUBMISSIONS, assignment_id)} == accepted
        required = {row[0]: row[1] for row in await db.fetch(REQUIRED, assignment_id)}
    assert required == {person.id: min(3, len(accepted - {person.id})) for person in people}


async def _inbox(person: Person) -> list[Json]:
    inbox: list[Json] = []
    while page := await person.ok(
        "GET", "/notifications", params={"limit": 200, "after": inbox[-1]["id"] if inbox else 0}
    ):
        inbox += page
    return inbox
