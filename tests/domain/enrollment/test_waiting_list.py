"""Wait for a place on a full track."""

from datetime import timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.rules import TrackLeft
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll, leave
from learning_platform.enrollment.editing import edit_track
from learning_platform.enrollment.rules import AlreadyEnrolled, NotWaiting, PlacesFree, TrackFull
from learning_platform.enrollment.waiting_list import admit, join, place_of, waiting, withdraw
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks.actions import TrackChange, cancel_track
from learning_platform.tracks.queries import participants, track_head
from learning_platform.tracks.rules import DeadlinePassed, NotTheAuthor, TrackStarted
from learning_platform.tracks.start_rules import StartPlan
from learning_platform.tracks.starts import set_plan
from tests import make

HOUR = timedelta(hours=1)
ON_DATE = StartPlan("on_date", make.NOON + 48 * HOUR)


async def full_track(db: Connection, people: list[int]) -> int:
    track_id = await make.track(db, author_id=people[0], places=2)
    await set_plan(db, track_id=track_id, plan=ON_DATE, now=make.NOON)
    for user_id in people[:2]:
        await enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    for user_id in people[2:]:
        await join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    return track_id


async def in_order(db: Connection, track_id: int) -> list[int]:
    return [each.user_id for each in await waiting(db, track_id=track_id, limit=50)]


async def test_the_first_who_waits_moves_up_when_a_participant_leaves(db: Connection) -> None:
    alice, bob, carol, dave = await make.users(db, 4)
    track_id = await full_track(db, [alice, bob, carol, dave])
    await join(db, track_id=track_id, user_id=carol, now=make.NOON)
    place = await place_of(db, track_id=track_id, user_id=dave)
    assert place is not None
    assert place.position == 2

    await leave(db, track_id=track_id, user_id=bob, now=make.NOON)

    assert sorted(await participants(db, track_id=track_id)) == [alice, carol]
    assert await in_order(db, track_id) == [dave]
    assert await make.inbox(db, carol) == ["seat_received"]
    assert (await track_head(db, track_id=track_id, now=make.NOON)).participants_count == 2
    with pytest.raises(TrackFull):
        await enroll(db, track_id=track_id, user_id=bob, now=make.NOON)


async def test_blocked_users_are_passed_over_and_more_places_let_more_move_up(db: Connection) -> None:
    people = await make.users(db, 5)
    track_id = await full_track(db, people)
    await db.execute("update users set blocked_at = $2 where id = $1", people[2], make.NOON)
    change = TrackChange(required_participants=4)
    await edit_track(db, track_id=track_id, actor=Actor(people[0]), change=change, now=make.NOON)
    assert sorted(await participants(db, track_id=track_id)) == [*people[:2], *people[3:]]


async def test_a_place_is_waited_for_only_where_there_is_none(db: Connection) -> None:
    alice, bob, carol, dave = await make.users(db, 4)
    track_id = await full_track(db, [alice, bob, carol])
    with pytest.raises(AlreadyEnrolled):
        await join(db, track_id=track_id, user_id=bob, now=make.NOON)
    with pytest.raises(PlacesFree):
        await join(db, track_id=await make.track(db, author_id=alice), user_id=dave, now=make.NOON)
    await withdraw(db, track_id=track_id, user_id=carol)
    with pytest.raises(NotWaiting):
        await withdraw(db, track_id=track_id, user_id=carol)
    running = await make.running_track(db, [alice, bob])
    with pytest.raises(TrackStarted):
        await join(db, track_id=running, user_id=dave, now=make.NOON + 10 * HOUR)


async def test_staff_let_one_in_for_a_participant_who_has_left_until_the_first_deadline(db: Connection) -> None:
    alice, bob, carol, dave = await make.users(db, 4)
    track_id = await make.running_track(db, [alice, bob], author_id=alice)
    for user_id in (carol, dave):
        await join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    with pytest.raises(TrackFull):
        await admit(db, track_id=track_id, user_id=dave, actor=Actor(alice), now=make.NOON + HOUR)
    await leave_for_good(db, track_id=track_id, user_id=bob, now=make.NOON + HOUR)
    with pytest.raises(TrackLeft):
        await join(db, track_id=track_id, user_id=bob, now=make.NOON + HOUR)
    with pytest.raises(NotTheAuthor):
        await admit(db, track_id=track_id, user_id=dave, actor=Actor(carol), now=make.NOON + HOUR)
    with pytest.raises(DeadlinePassed):
        await admit(db, track_id=track_id, user_id=dave, actor=Actor(alice), now=make.NOON + 10 * HOUR)

    await admit(db, track_id=track_id, user_id=dave, actor=Actor(alice), now=make.NOON + HOUR)

    assert await make.inbox(db, dave) == ["seat_received", "assignment_opened"]
    first, _ = await make.assignment_ids(db, track_id)
    assert await make.hand_in(db, first, dave, now=make.NOON + 2 * HOUR)
    assert await in_order(db, track_id) == [carol]


async def test_those_who_wait_are_notified_when_the_track_is_cancelled(db: Connection) -> None:
    alice, bob, carol = await make.users(db, 3)
    track_id = await full_track(db, [alice, bob, carol])
    await cancel_track(db, track_id=track_id, actor=Actor(alice), now=make.NOON)
    assert await make.inbox(db, carol) == ["track_cancelled"]
    assert await in_order(db, track_id) == []
