"""The calendar, whatever the lengths: in order, without a gap, and moved as a whole."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import asyncpg
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Connection, prepare_connection
from learning_platform.tracks.rules import (
    MAX_ASSIGNMENTS,
    MAX_HOURS,
    MIN_HOURS,
    WARNING_SHARE,
    Calendar,
    calendar,
    during_hand_in,
    during_review,
)
from tests import make

hours = st.floats(MIN_HOURS, MAX_HOURS)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
# Hours are floats and times have microseconds.
ROUNDING = timedelta(microseconds=2)
STORED = "select opens_at, due_at, reviews_due_at from assignments where track_id = $1 order by position"


@given(times, st.lists(hours, min_size=1, max_size=MAX_ASSIGNMENTS), hours)
def test_times_come_in_order_and_each_assignment_opens_when_the_one_before_it_is_over(
    starts_at: datetime, durations: list[float], review_hours: float
) -> None:
    assignments = calendar(starts_at=starts_at, durations=durations, review_hours=review_hours)
    assert assignments[0].opens_at == starts_at
    assert len(assignments) == len(durations)
    for one, duration in zip(assignments, durations, strict=True):
        warn_at, remind_at = during_hand_in(one, share=WARNING_SHARE), during_review(one, share=WARNING_SHARE)
        assert one.opens_at < warn_at < one.due_at < remind_at < one.reviews_due_at
        assert abs(one.due_at - one.opens_at - timedelta(hours=duration)) <= ROUNDING
        assert abs(warn_at - one.opens_at - WARNING_SHARE * timedelta(hours=duration)) <= ROUNDING
        assert abs(one.reviews_due_at - one.due_at - timedelta(hours=review_hours)) <= ROUNDING
    for before, after in pairwise(assignments):
        assert after.opens_at == before.reviews_due_at


@given(times, st.lists(hours, min_size=1, max_size=10), hours, st.timedeltas(timedelta(), timedelta(days=10_000)))
def test_a_calendar_that_starts_later_is_the_same_calendar_later(
    starts_at: datetime, durations: list[float], review_hours: float, later: timedelta
) -> None:
    assignments = calendar(starts_at=starts_at, durations=durations, review_hours=review_hours)
    moved = calendar(starts_at=starts_at + later, durations=durations, review_hours=review_hours)
    assert moved == [_shifted(one, later) for one in assignments]


@given(times, st.lists(hours, min_size=1, max_size=10), hours, st.lists(hours, max_size=5))
def test_what_comes_after_an_assignment_changes_nothing_of_it(
    starts_at: datetime, durations: list[float], review_hours: float, more: list[float]
) -> None:
    assignments = calendar(starts_at=starts_at, durations=durations, review_hours=review_hours)
    longer = calendar(starts_at=starts_at, durations=[*durations, *more], review_hours=review_hours)
    assert longer[: len(assignments)] == assignments


def test_an_extension_moves_everything_after_it_by_the_same_amount_and_nothing_before_it(
    anyio_backend: str, worker_database: str
) -> None:
    # Within a year, so that what is added stays within the ten that are allowed.
    lengths = st.floats(MIN_HOURS, 8760)

    @given(st.lists(lengths, min_size=1, max_size=6), lengths, lengths, st.data())
    @settings(max_examples=40)
    def extended(durations: list[float], review_hours: float, by_hours: float, data: st.DataObject) -> None:
        chosen, by = data.draw(st.integers(0, len(durations) - 1)), timedelta(hours=by_hours)
        before, after, ends = runner.run(_extend(worker_database, durations, review_hours, chosen, by))
        assert after[:chosen] == before[:chosen]
        assert after[chosen + 1 :] == [_shifted(one, by) for one in before[chosen + 1 :]]
        old, extended = before[chosen], after[chosen]
        assert extended.opens_at == old.opens_at
        assert extended.due_at == old.due_at + by
        assert extended.reviews_due_at == old.reviews_due_at + by
        assert ends == after[-1].reviews_due_at

    with asyncio.Runner() as runner:
        extended()


async def _extend(
    url: str, durations: Sequence[float], review_hours: float, chosen: int, by: timedelta
) -> tuple[list[Calendar], list[Calendar], datetime]:
    """Return the stored calendar before and after an extension, and the end of the track; nothing of it stays."""
    db = await asyncpg.connect(url)
    await prepare_connection(db)
    try:
        await db.transaction().start()
        people = await make.users(db, 2)
        track_id = await make.running_track(db, people, durations=durations, review_hours=review_hours)
        before = await _stored(db, track_id)
        await extend_deadline(
            db,
            assignment_id=(await make.assignment_ids(db, track_id))[chosen],
            due_at=before[chosen].due_at + by,
            actor=Actor(people[0]),
            now=make.NOON,
        )
        ends = await db.fetchval("select finishes_at from tracks where id = $1", track_id)
        return before, await _stored(db, track_id), ends
    finally:
        await db.close()


async def _stored(db: Connection, track_id: int) -> list[Calendar]:
    return [Calendar(*row) for row in await db.fetch(STORED, track_id)]


def _shifted(one: Calendar, by: timedelta) -> Calendar:
    return Calendar(one.opens_at + by, one.due_at + by, one.reviews_due_at + by)
