"""Progress as it is read when a deadline has passed is what it becomes once the sweeps have handled the deadline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.progress import progress_on_tracks
from learning_platform.core.database import Connection
from learning_platform.reviews.author.extensions import grant_extension
from tests import make
from tests.events import close_hand_in

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
EXAMPLES = 50
PEOPLE, DURATIONS = 3, (10.0, 10.0, 10.0)
# When each deadline passes: of an assignment for all, or of one participant.
PASSED = """
select a.due_at, a.id, null::bigint as user_id from assignments a where a.track_id = $1
union all
select greatest(e.due_at, a.due_at), a.id, e.user_id
from extensions e join assignments a on a.id = e.assignment_id where a.track_id = $1
order by 1, 3 nulls first
"""


@dataclass(frozen=True)
class Case:
    """The participants who submit the first assignment, the extensions, and the time at which the state is read."""

    submitters: frozenset[int]
    extensions: dict[tuple[int, int], int]
    hours: int


people = st.integers(0, PEOPLE - 1)
cases = st.builds(
    Case,
    submitters=st.frozensets(people),
    extensions=st.dictionaries(st.tuples(st.integers(0, 1), people), st.integers(1, 9), max_size=4),
    hours=st.integers(9, 52),
)


@settings(max_examples=EXAMPLES)
# The only one who handed in owes nothing; nothing was submitted, also with personal deadlines.
@example(case=Case(frozenset({0}), {}, 10))
@example(case=Case(frozenset(), {}, 35))
@example(case=Case(frozenset(), {(0, 1): 9, (1, 1): 9}, 51))
@given(case=cases)
async def test_reading_and_sweeping_say_the_same(db: Connection, case: Case) -> None:
    attempt = db.transaction()
    await attempt.start()
    try:
        await compare(db, case)
    finally:
        await attempt.rollback()


async def compare(db: Connection, case: Case) -> None:
    author_id, *users = await make.users(db, 1 + PEOPLE)
    track_id = await make.running_track(db, users, durations=DURATIONS, author_id=author_id)
    ids = await make.assignment_ids(db, track_id)
    for person in sorted(case.submitters):
        await make.hand_in(db, ids[0], users[person], now=make.NOON + HOUR)
    for (position, person), hours in sorted(case.extensions.items()):
        due_at = await db.fetchval("select due_at from assignments where id = $1", ids[position])
        await grant_extension(
            db,
            assignment_id=ids[position],
            username=await db.fetchval("select username from users where id = $1", users[person]),
            due_at=due_at + hours * HOUR,
            reason="Ill",
            actor=Actor(author_id),
            now=make.NOON + HOUR,
        )
    now = make.NOON + case.hours * HOUR
    read = [await progress(db, track_id, user_id, now) for user_id in users]
    await sweep(db, track_id, now)
    assert [await progress(db, track_id, user_id, now) for user_id in users] == read


async def progress(db: Connection, track_id: int, user_id: int, now: datetime) -> list[object]:
    return [
        (each.position, each.opened_at, each.finished_at, each.reviews_required)
        for each in await progress_on_tracks(db, track_ids=[track_id], user_id=user_id, now=now)
    ]


async def sweep(db: Connection, track_id: int, now: datetime) -> None:
    """Handle what has passed, in the order in which it did."""
    for due_at, assignment_id, user_id in await db.fetch(PASSED, track_id):
        if due_at <= now:
            await close_hand_in(db, assignment_id, now, user_id=user_id)
