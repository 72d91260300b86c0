"""The second iteration: when it may be handed in, what it changes, and what it leaves as it was."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import hand_in, submit
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.attempts.submissions import submission
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen, VersionConflict
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.trees import File, tree_of
from learning_platform.tracks.rules import Calendar, DeadlinePassed, calendar, iteration_due_at
from tests import make
from tests.events import pending, run_due

HOUR = timedelta(hours=1)
REVIEWS_DUE = make.NOON + 20 * HOUR
EVENTS = "select kind, due_at from scheduled_events where track_id = $1 order by due_at, id"


async def link(
    db: Connection,
    assignment_id: int,
    user_id: int,
    name: str,
    *,
    after: timedelta,
    seen: Seen = None,
) -> None:
    """Hand in a link of this name some time after noon."""
    await submit(
        db,
        assignment_id=assignment_id,
        user_id=user_id,
        repo_url=f"https://git.example/people/{name}",
        comment=None,
        now=make.NOON + after,
        seen=seen,
    )


@given(hours=st.floats(0, 10_000), review=st.floats(0.01, 1000), duration=st.floats(0.01, 1000))
def test_an_iteration_has_its_time_and_moves_nothing_else(hours: float, review: float, duration: float) -> None:
    with_it = calendar(starts_at=make.NOON, durations=[duration] * 3, review_hours=review, iteration_hours=hours)
    without = calendar(starts_at=make.NOON, durations=[duration] * 3, review_hours=review)
    assert [Calendar(one.opens_at, one.due_at, one.reviews_due_at) for one in with_it] == without
    for one in with_it:
        assert one.iteration_due_at == (one.reviews_due_at + timedelta(hours=hours) if hours else None)
        assert one.ends_at == (one.iteration_due_at or one.reviews_due_at)


@pytest.mark.parametrize("hours", [0, 0.001, 1.5, 48])
async def test_the_database_computes_the_same_time(db: Connection, hours: float) -> None:
    for at in (REVIEWS_DUE, None):
        found = await db.fetchval("select iteration_due_at($1::timestamptz, $2::float8)", at, hours)
        assert found == iteration_due_at(at, hours=hours)


async def test_without_time_for_it_a_second_iteration_is_refused(db: Connection) -> None:
    people = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    await make.hand_in(db, first, people[0])
    await run_due(db, make.NOON + 25 * HOUR)
    with pytest.raises(DeadlinePassed):
        await link(db, first, people[0], "better", after=25 * HOUR)


async def test_the_second_iteration_stands_beside_the_first(db: Connection) -> None:
    people = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people, iteration_hours=5))
    await link(db, first, people[0], "one", after=HOUR)
    await link(db, first, people[1], "other", after=HOUR)
    await run_due(db, REVIEWS_DUE)
    await link(db, first, people[0], "two", after=21 * HOUR)
    await link(db, first, people[0], "three", after=22 * HOUR)
    found = await submission(db, assignment_id=first, user_id=people[0])
    assert found is not None
    assert found.second_iteration is not None
    assert (found.repo_url, found.submitted_at) == ("https://git.example/people/one", make.NOON + HOUR)
    assert found.second_iteration.repo_url == "https://git.example/people/three"
    assert found.version == 3
    with pytest.raises(VersionConflict):
        await link(db, first, people[0], "four", after=23 * HOUR, seen=[1])


async def test_it_opens_with_the_reviews_and_ends_with_its_time(db: Connection) -> None:
    people = await make.users(db, 3)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people, iteration_hours=5))
    for person in people[:2]:
        await link(db, first, person, f"by{person}", after=HOUR)
    await run_due(db, make.NOON + 10 * HOUR)
    with pytest.raises(DeadlinePassed):
        await link(db, first, people[0], "early", after=19 * HOUR)
    await run_due(db, REVIEWS_DUE)
    with pytest.raises(DeadlinePassed):
        await link(db, first, people[2], "nothing-before", after=21 * HOUR)
    received = Received("archive", tree=tree_of([File("a.py", "100644", b"print()", 7)]))
    again = await hand_in(
        db, assignment_id=first, user_id=people[0], received=received, comment="Better", now=REVIEWS_DUE
    )
    assert again.is_first
    assert again.submission.second_iteration is not None
    assert again.submission.second_iteration.snapshot is not None
    assert again.submission.second_iteration.snapshot.state == "frozen"
    with pytest.raises(DeadlinePassed):
        await link(db, first, people[1], "late", after=25 * HOUR)


async def test_the_track_ends_with_the_last_iteration_and_the_next_assignment_waits_for_none(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people, iteration_hours=5)
    _, second = await make.assignment_ids(db, track_id)
    assert await db.fetchval("select opens_at from assignments where id = $1", second) == REVIEWS_DUE
    assert await db.fetchval("select finishes_at from tracks where id = $1", track_id) == make.NOON + 45 * HOUR
    assert {kind: due_at for kind, due_at in await db.fetch(EVENTS, track_id)} == {
        "deadline_warning": make.NOON + 28 * HOUR,
        "review_start": make.NOON + 30 * HOUR,
        "review_reminder": make.NOON + 38 * HOUR,
        "answers_shown": make.NOON + 40 * HOUR,
        "iterations_shown": make.NOON + 40 * HOUR,
        "iteration_start": make.NOON + 40 * HOUR,
        "iteration_reminder": make.NOON + 44 * HOUR,
        "track_end": make.NOON + 45 * HOUR,
    }


async def test_authors_are_notified_and_reminded_until_they_have_handed_in_again(db: Connection) -> None:
    people = await make.users(db, 3)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people, iteration_hours=5))
    for person in people[:2]:
        await link(db, first, person, f"by{person}", after=HOUR)
    await run_due(db, REVIEWS_DUE)
    await link(db, first, people[0], "again", after=21 * HOUR)
    await run_due(db, make.NOON + 24 * HOUR)
    received = [[type for type in await make.inbox(db, person) if type.startswith("iteration")] for person in people]
    assert received == [["iteration_opened"], ["iteration_opened", "iteration_reminder"], []]


async def test_a_moved_deadline_moves_the_iteration(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people, iteration_hours=5)
    first, _ = await make.assignment_ids(db, track_id)
    to = make.NOON + 13 * HOUR
    await extend_deadline(db, assignment_id=first, due_at=to, actor=Actor(people[0]), now=make.NOON)
    assert await db.fetchval("select finishes_at from tracks where id = $1", track_id) == make.NOON + 48 * HOUR
    assert [due_at for kind, _, _, due_at in await pending(db, track_id) if kind == "iteration_start"] == [
        make.NOON + 23 * HOUR,
        make.NOON + 43 * HOUR,
    ]
