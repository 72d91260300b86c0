"""Participants who have submitted nothing give their place to users who wait."""

from datetime import timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.rules import ParticipantNotFound, TrackNotStarted
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.enrollment.rules import NotWaiting, RemovedFromTrack
from learning_platform.enrollment.waiting_list import join, waits_of
from learning_platform.people.listing import people
from learning_platform.people.removal import remove_participant, replace_participant
from learning_platform.people.rules import HasSubmitted
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.queries import participants
from learning_platform.tracks.rules import DeadlinePassed
from learning_platform.tracks.start_rules import StartPlan
from learning_platform.tracks.starts import set_plan
from tests import make

HOUR = timedelta(hours=1)


async def replaced(
    db: Connection, track_id: int, user_id: int, *, by: int, actor_id: int, after: timedelta = HOUR
) -> None:
    username = await db.fetchval("select username from users where id = $1", user_id)
    place = {"track_id": track_id, "username": username, "admitted_id": by, "reason": "Away"}
    await replace_participant(db, **place, actor=Actor(actor_id), now=make.NOON + after)


async def test_a_participant_who_has_submitted_nothing_is_replaced(db: Connection) -> None:
    teacher, alice, bob, carol, dave = await make.users(db, 5)
    track_id = await make.running_track(db, [alice, bob], author_id=teacher)
    for user_id in (carol, dave):
        await join(db, track_id=track_id, user_id=user_id, now=make.NOON)
    (first, _) = await make.assignment_ids(db, track_id)
    await make.hand_in(db, first, alice)
    access = await access_to_track(db, track_id=track_id, actor=Actor(teacher))
    (idle,) = await people(db, access, state="enrolled", has_submitted=False, search="", after=0, limit=9)
    assert idle.id == bob
    with pytest.raises(HasSubmitted):
        await replaced(db, track_id, alice, by=dave, actor_id=teacher)

    await replaced(db, track_id, bob, by=dave, actor_id=teacher)

    assert sorted(await participants(db, track_id=track_id)) == [alice, dave]
    assert (await make.inbox(db, bob))[-1] == "removed_from_track"
    assert await make.inbox(db, dave) == ["seat_received", "assignment_opened"]
    with pytest.raises(ParticipantNotFound):
        await replaced(db, track_id, bob, by=carol, actor_id=teacher)
    (wait,) = await waits_of(db, user_id=carol, limit=9, now=make.NOON + HOUR)
    assert (wait.track_id, wait.position, wait.may_move_up) == (track_id, 1, True)
    (later,) = await waits_of(db, user_id=carol, limit=9, now=make.NOON + 20 * HOUR)
    assert not later.may_move_up, "the wait is for the next cohort"


async def test_only_by_a_user_who_waits_and_before_the_first_deadline(db: Connection) -> None:
    teacher, alice, bob, carol, dave = await make.users(db, 5)
    track_id = await make.running_track(db, [alice, bob], author_id=teacher)
    await join(db, track_id=track_id, user_id=carol, now=make.NOON)
    async with db.transaction():
        with pytest.raises(NotWaiting):
            async with db.transaction():
                await replaced(db, track_id, bob, by=dave, actor_id=teacher)
        with pytest.raises(DeadlinePassed):
            async with db.transaction():
                await replaced(db, track_id, bob, by=carol, actor_id=teacher, after=20 * HOUR)
    assert sorted(await participants(db, track_id=track_id)) == [alice, bob]


async def test_not_before_the_start(db: Connection) -> None:
    teacher, alice, bob = await make.users(db, 3)
    track_id = await make.track(db, author_id=teacher)
    await enroll(db, track_id=track_id, user_id=alice, now=make.NOON)
    with pytest.raises(TrackNotStarted):
        await replaced(db, track_id, alice, by=bob, actor_id=teacher)


async def test_users_who_were_removed_cannot_wait_for_a_place(db: Connection) -> None:
    teacher, alice, bob = await make.users(db, 3)
    track_id = await make.track(db, author_id=teacher, places=2)
    await enroll(db, track_id=track_id, user_id=alice, now=make.NOON)
    name = await db.fetchval("select username from users where id = $1", alice)
    removed = {"track_id": track_id, "username": name, "reason": "Spam", "actor": Actor(teacher)}
    await remove_participant(db, **removed, now=make.NOON)
    await set_plan(db, track_id=track_id, plan=StartPlan("on_date", make.NOON + 2 * HOUR), now=make.NOON)
    for user_id in (teacher, bob):
        await enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    with pytest.raises(RemovedFromTrack):
        await join(db, track_id=track_id, user_id=alice, now=make.NOON)
