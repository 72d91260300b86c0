"""Places from the waiting list that are declined."""

from datetime import timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.rules import NotEnrolled
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll, leave
from learning_platform.enrollment.declining import declinable_places, decline
from learning_platform.enrollment.rules import DeclineOver
from learning_platform.enrollment.starting import start_now
from learning_platform.enrollment.waiting_list import join
from learning_platform.tracks.queries import participants, track_head
from learning_platform.tracks.start_rules import StartPlan
from learning_platform.tracks.starts import set_plan
from tests import make

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


async def moved_up(db: Connection, people: list[int]) -> int:
    """Return a track of two whose second participant left: the third moved up."""
    track_id = await make.track(db, author_id=people[0], places=2, durations=(48, 48))
    await set_plan(db, track_id=track_id, plan=StartPlan("on_date", make.NOON + 48 * HOUR), now=make.NOON)
    for user_id in people[:2]:
        await enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    for user_id in people[2:]:
        await join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    await leave(db, track_id=track_id, user_id=people[1], now=make.NOON)
    return track_id


async def test_a_place_is_declined_before_the_start_at_any_time(db: Connection) -> None:
    people = await make.users(db, 4)
    track_id = await moved_up(db, people)
    (place,) = await declinable_places(db, user_id=people[2], within=HOUR, now=make.NOON + DAY)
    assert (place.track_id, place.until) == (track_id, None)
    assert await declinable_places(db, user_id=people[0], within=HOUR, now=make.NOON) == []
    await decline(db, track_id=track_id, user_id=people[2], within=HOUR, now=make.NOON + DAY)
    assert sorted(await participants(db, track_id=track_id)) == [people[0], people[3]]


async def test_after_the_start_it_goes_to_the_next_user_and_nothing_of_it_is_kept(db: Connection) -> None:
    alice, bob, carol, dave = await make.users(db, 4)
    track_id = await moved_up(db, [alice, bob, carol, dave])
    await start_now(db, track_id=track_id, actor=Actor(alice), now=make.NOON + HOUR)

    await decline(db, track_id=track_id, user_id=carol, within=DAY, now=make.NOON + DAY - HOUR)

    assert sorted(await participants(db, track_id=track_id)) == [alice, dave]
    assert (await track_head(db, track_id=track_id, now=make.NOON)).participants_count == 2
    assert await make.inbox(db, dave) == ["seat_received", "assignment_opened"]
    assert await db.fetchval("select count(*) from attempts where user_id = $1", carol) == 0
    with pytest.raises(NotEnrolled):
        await decline(db, track_id=track_id, user_id=carol, within=DAY, now=make.NOON + DAY - HOUR)


async def test_staff_are_notified_of_a_declined_place(db: Connection) -> None:
    teacher, alice, bob = await make.users(db, 3)
    track_id = await make.running_track(db, [alice, bob], author_id=teacher)
    await db.execute("update participants set moved_up_at = $2 where user_id = $1", bob, make.NOON)
    await decline(db, track_id=track_id, user_id=bob, within=DAY, now=make.NOON + HOUR)
    assert await make.inbox(db, teacher) == ["participant_left"]
    assert (await track_head(db, track_id=track_id, now=make.NOON)).participants_count == 1


async def test_it_is_too_late_after_some_hours_after_the_first_deadline_and_after_a_submission(db: Connection) -> None:
    alice, bob, carol = await make.users(db, 3)
    track_id = await moved_up(db, [alice, bob, carol])
    await start_now(db, track_id=track_id, actor=Actor(alice), now=make.NOON + HOUR)
    at_the_deadline = make.NOON + 49 * HOUR
    for user_id, within, now in (
        (alice, DAY, make.NOON + HOUR),
        (carol, DAY, make.NOON + DAY),
        (carol, 99 * HOUR, at_the_deadline),
    ):
        assert await declinable_places(db, user_id=user_id, within=within, now=now) == []
        with pytest.raises(DeclineOver):
            await decline(db, track_id=track_id, user_id=user_id, within=within, now=now)
    (first, _) = await make.assignment_ids(db, track_id)
    await make.hand_in(db, first, carol, now=make.NOON + HOUR)
    with pytest.raises(DeclineOver):
        await decline(db, track_id=track_id, user_id=carol, within=DAY, now=make.NOON + 2 * HOUR)
