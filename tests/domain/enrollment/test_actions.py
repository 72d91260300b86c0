"""Join, leave, start."""

from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.rules import NotEnrolled
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll, leave
from learning_platform.enrollment.editing import edit_track
from learning_platform.enrollment.rules import AlreadyEnrolled
from learning_platform.tracks.actions import TrackChange, cancel_track
from learning_platform.tracks.queries import participants, track_head
from learning_platform.tracks.rules import TrackNotFound, TrackOver, TrackStarted
from tests import make

HOUR = timedelta(hours=1)
ATTEMPTS = "select user_id, opened_at from attempts where assignment_id = $1 order by user_id"


async def test_a_user_who_enrolls_has_a_place_and_the_track_waits_for_the_rest(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    track_id = await make.track(db, author_id=alice, places=3)
    place = await enroll(db, track_id=track_id, user_id=bob, now=now)
    assert (place.track_id, place.user_id, place.enrolled_at, place.track_started) == (track_id, bob, now, False)
    head = await track_head(db, track_id=track_id, now=make.NOON)
    assert (head.status, head.participants_count, head.started_at) == ("enrolling", 1, None)
    assert await make.inbox(db, bob) == []


async def test_the_last_place_starts_the_track_for_every_participant_immediately(db: Connection, now: datetime) -> None:
    people = await make.users(db, 3)
    track_id = await make.track(db, author_id=people[0], places=3, durations=(10, 10), review_hours=10)
    places = [await enroll(db, track_id=track_id, user_id=user_id, now=now) for user_id in people]
    assert [place.track_started for place in places] == [False, False, True]
    head = await track_head(db, track_id=track_id, now=make.NOON)
    assert (head.status, head.started_at, head.finishes_at) == ("running", now, now + 40 * HOUR)
    first, second = await make.assignment_ids(db, track_id)
    assert [tuple(row) for row in await db.fetch(ATTEMPTS, first)] == [(user_id, now) for user_id in people]
    assert await db.fetch(ATTEMPTS, second) == []
    for user_id in people:
        assert await make.inbox(db, user_id) == ["track_started", "assignment_opened"]


async def test_no_participant_has_two_places(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    track_id = await make.track(db, author_id=alice, places=2)
    await enroll(db, track_id=track_id, user_id=alice, now=now)
    with pytest.raises(AlreadyEnrolled):
        await enroll(db, track_id=track_id, user_id=alice, now=now)
    await enroll(db, track_id=track_id, user_id=bob, now=now)
    with pytest.raises(AlreadyEnrolled):
        await enroll(db, track_id=track_id, user_id=bob, now=now)


async def test_no_user_enrolls_after_the_start_or_the_end(db: Connection, now: datetime) -> None:
    people = await make.users(db, 3)
    with pytest.raises(TrackStarted):
        await enroll(db, track_id=await make.running_track(db, people[:2]), user_id=people[2], now=now)
    cancelled = await make.track(db, author_id=people[0])
    await cancel_track(db, track_id=cancelled, actor=Actor(people[0]), now=now)
    with pytest.raises(TrackOver):
        await enroll(db, track_id=cancelled, user_id=people[2], now=now)
    with pytest.raises(TrackNotFound):
        await enroll(db, track_id=10**12, user_id=people[2], now=now)


async def test_a_place_is_given_back_before_the_start_and_can_be_taken_again(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    track_id = await make.track(db, author_id=alice, places=2)
    await enroll(db, track_id=track_id, user_id=bob, now=now)
    await leave(db, track_id=track_id, user_id=bob, now=make.NOON)
    assert await participants(db, track_id=track_id) == []
    assert (await track_head(db, track_id=track_id, now=make.NOON)).participants_count == 0
    with pytest.raises(NotEnrolled):
        await leave(db, track_id=track_id, user_id=bob, now=make.NOON)
    await enroll(db, track_id=track_id, user_id=bob, now=now)


async def test_a_place_is_not_given_back_once_the_track_runs(db: Connection) -> None:
    people = await make.users(db, 3)
    track_id = await make.running_track(db, people[:2])
    with pytest.raises(TrackStarted):
        await leave(db, track_id=track_id, user_id=people[0], now=make.NOON)
    with pytest.raises(NotEnrolled):
        await leave(db, track_id=track_id, user_id=people[2], now=make.NOON)
    with pytest.raises(TrackNotFound):
        await leave(db, track_id=10**12, user_id=people[2], now=make.NOON)


async def test_a_track_left_with_no_free_place_by_an_edit_starts(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    track_id = await make.track(db, author_id=people[0], places=5)
    for user_id in people:
        await enroll(db, track_id=track_id, user_id=user_id, now=now)
    change = TrackChange(required_participants=2)
    await edit_track(db, track_id=track_id, actor=Actor(people[0]), change=change, now=now + HOUR)
    head = await track_head(db, track_id=track_id, now=make.NOON)
    assert (head.status, head.started_at) == ("running", now + HOUR)
    assert await make.inbox(db, people[1]) == ["track_started", "assignment_opened"]
