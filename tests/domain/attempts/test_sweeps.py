"""What time does to attempts: the warning, the deadline, the end of a track."""

from datetime import datetime, timedelta

from learning_platform.attempts.sweeps import (
    DEADLINES_DUE,
    DEADLINES_UPCOMING,
    ENDS_DUE,
    ENDS_UPCOMING,
    WARNINGS_DUE,
    WARNINGS_UPCOMING,
    close_hand_in,
    finish_track,
    warn,
)
from learning_platform.core.database import Connection
from learning_platform.tracks.queries import track_head
from tests import make

HOUR = timedelta(hours=1)
WARNED = """
select n.user_id, n.submitted, a.due_at from notifications n join announcements a on a.id = n.announcement_id
where a.type = 'deadline_warning' and a.assignment_id = $1 order by n.user_id
"""


async def test_at_the_warning_everybody_is_told_and_whether_they_have_handed_in(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    await make.hand_in(db, first, alice)
    assert await db.fetchval(WARNINGS_UPCOMING, now) == now + 8 * HOUR
    assert not await warn(db, first, now + 7.9 * HOUR)

    assert [row[0] for row in await db.fetch(WARNINGS_DUE, now + 8 * HOUR, 10)] == [first]
    assert await warn(db, first, now + 8 * HOUR)
    due_at = now + 10 * HOUR
    assert [tuple(row) for row in await db.fetch(WARNED, first)] == [(alice, True, due_at), (bob, False, due_at)]
    assert not await warn(db, first, now + 8 * HOUR), "once is enough"
    assert await db.fetch(WARNINGS_DUE, now + 8 * HOUR, 10) == []


async def test_at_the_deadline_hand_in_closes_once(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    first, second = await make.assignment_ids(db, await make.running_track(db, people))
    await make.hand_in(db, first, people[0])
    assert await db.fetchval(DEADLINES_UPCOMING, now) == now + 10 * HOUR
    assert not await close_hand_in(db, first, now + 9 * HOUR)
    assert await close_hand_in(db, first, now + 10 * HOUR)
    assert not await close_hand_in(db, first, now + 10 * HOUR)
    assert [row[0] for row in await db.fetch(DEADLINES_DUE, now + 99 * HOUR, 10)] == [second]


async def test_a_track_ends_with_its_last_review_window_and_tells_once(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    ends_at = now + 40 * HOUR
    assert await db.fetchval(ENDS_UPCOMING, now) == ends_at
    assert not await finish_track(db, track_id, ends_at - HOUR)
    assert [row[0] for row in await db.fetch(ENDS_DUE, ends_at, 10)] == [track_id]
    assert await finish_track(db, track_id, ends_at)
    assert not await finish_track(db, track_id, ends_at)
    assert (await track_head(db, track_id=track_id, now=make.NOON)).status == "finished"
    for user_id in people:
        assert (await make.inbox(db, user_id)).count("track_finished") == 1
    assert await db.fetchval(ENDS_UPCOMING, now) is None


async def test_moments_come_earliest_first_and_no_more_than_asked_for(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    for hours in (30, 10, 20):
        await make.running_track(db, people, durations=(hours,))
    due = [row["warn_at"] for row in await db.fetch(WARNINGS_DUE, now + 99 * HOUR, 2)]
    assert due == [now + 8 * HOUR, now + 16 * HOUR]
