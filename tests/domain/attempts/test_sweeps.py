"""What time does to attempts: the warning, the deadline, the end of a track."""

import logging
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from learning_platform.attempts.sweeps import SWEEPS, note_unknown_events
from learning_platform.core.database import Connection
from learning_platform.tracks.queries import track_head
from tests import make
from tests.events import close_hand_in, finish_track, pending, warn

HOUR = timedelta(hours=1)
WARNED = """
select n.user_id, n.submitted, a.due_at from notifications n join announcements a on a.id = n.announcement_id
where a.type = 'deadline_warning' and a.assignment_id = $1 order by n.user_id
"""
# What a later version of the software may have written.
FROM_THE_FUTURE = """
insert into scheduled_events (track_id, assignment_id, kind, due_at) values ($1, $2, 'quiz_opening', $3)
"""
BY_NAME = {sweep.name: sweep for sweep in SWEEPS}
WARNINGS, DEADLINES, ENDS = BY_NAME["deadline_warning"], BY_NAME["review_start"], BY_NAME["track_end"]


async def test_the_warning_says_to_every_participant_whether_they_have_submitted(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    await make.hand_in(db, first, alice)
    assert await WARNINGS.next_due_at(db, after=now) == now + 8 * HOUR
    assert not await warn(db, first, now + 7.9 * HOUR)

    assert len(await WARNINGS.due_rows(db, now + 8 * HOUR, limit=10)) == 1
    assert await warn(db, first, now + 8 * HOUR)
    due_at = now + 10 * HOUR
    assert [tuple(row) for row in await db.fetch(WARNED, first)] == [(alice, True, due_at), (bob, False, due_at)]
    assert not await warn(db, first, now + 8 * HOUR), "once is enough"
    assert await WARNINGS.due_rows(db, now + 8 * HOUR, limit=10) == []


async def test_at_the_deadline_hand_in_closes_once(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    await make.hand_in(db, first, people[0])
    assert await DEADLINES.next_due_at(db, after=now) == now + 10 * HOUR
    assert not await close_hand_in(db, first, now + 9 * HOUR)
    assert await close_hand_in(db, first, now + 10 * HOUR)
    assert not await close_hand_in(db, first, now + 10 * HOUR)
    assert [due_at for _, due_at in await DEADLINES.due_rows(db, now + 99 * HOUR, limit=10)] == [now + 30 * HOUR]


async def test_a_track_ends_with_its_last_review_window_and_announces_it_once(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    ends_at = now + 40 * HOUR
    assert await ENDS.next_due_at(db, after=now) == ends_at
    assert not await finish_track(db, track_id, ends_at - HOUR)
    assert await finish_track(db, track_id, ends_at)
    assert not await finish_track(db, track_id, ends_at)
    assert (await track_head(db, track_id=track_id, now=make.NOON)).status == "finished"
    for user_id in people:
        assert (await make.inbox(db, user_id)).count("track_finished") == 1
    assert await ENDS.next_due_at(db, after=now) is None


async def test_what_is_due_comes_earliest_first_and_no_more_than_asked_for(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    for hours in (30, 10, 20):
        await make.running_track(db, people, durations=(hours,))
    due = [due_at for _, due_at in await WARNINGS.due_rows(db, now + 99 * HOUR, limit=2)]
    assert due == [now + 8 * HOUR, now + 16 * HOUR]


async def test_an_event_of_an_unknown_kind_is_logged_and_counted_and_stays(
    db: Connection, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    assert await note_unknown_events(db) == []
    await db.execute(FROM_THE_FUTURE, track_id, first, now + HOUR)

    counted = _counted() or 0
    with caplog.at_level(logging.WARNING):
        assert await note_unknown_events(db) == ["quiz_opening"]
    assert "quiz_opening" in caplog.text
    assert _counted() == counted + 1
    assert ("quiz_opening", first, None, now + HOUR) in await pending(db, track_id)


def _counted() -> float | None:
    return REGISTRY.get_sample_value("unknown_scheduled_events_total", {"kind": "quiz_opening"})
