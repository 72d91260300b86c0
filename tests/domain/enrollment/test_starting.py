"""Tracks that start on a date, in certain hours, or because their staff start them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll, leave
from learning_platform.enrollment.editing import edit_track
from learning_platform.enrollment.rules import StartedJustNow, TrackFull
from learning_platform.enrollment.starting import handle_due_start, start_now
from learning_platform.tracks.actions import AssignmentDraft, TrackChange
from learning_platform.tracks.queries import Track, track, track_head
from learning_platform.tracks.rules import NotTheAuthor
from learning_platform.tracks.start_rules import StartPlan, TooFewParticipants
from learning_platform.tracks.starts import set_plan
from tests import make

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DATE = make.NOON + 2 * DAY
ON_DATE = StartPlan("on_date", DATE, min_participants=3)
BY_DAY = StartPlan(time_zone="Europe/Moscow", from_hour=9, until_hour=21)
NIGHT = datetime(2030, 1, 1, 20, tzinfo=UTC)
MORNING = datetime(2030, 1, 2, 6, tzinfo=UTC)


async def planned(db: Connection, author: int, plan: StartPlan, *, places: int = 5) -> int:
    track_id = await make.track(db, author_id=author, places=places)
    await set_plan(db, track_id=track_id, plan=plan, now=make.NOON)
    return track_id


async def enroll_all(db: Connection, track_id: int, people: list[int], *, now: datetime = make.NOON) -> None:
    for user_id in people:
        await enroll(db, track_id=track_id, user_id=user_id, now=now)


async def shown(db: Connection, track_id: int, now: datetime) -> Track:
    return await track(db, track_id=track_id, viewer=Actor(1, is_admin=True), now=now)


async def test_a_track_starts_once_on_its_date_and_its_calendar_runs_from_then(db: Connection) -> None:
    author, *people = await make.users(db, 4)
    track_id = await planned(db, author, ON_DATE)
    await enroll_all(db, track_id, people)
    assert not await handle_due_start(db, track_id, DATE - HOUR)

    assert await handle_due_start(db, track_id, DATE + HOUR)
    assert not await handle_due_start(db, track_id, DATE + HOUR)

    head = await track_head(db, track_id=track_id, now=DATE + HOUR)
    assert (head.status, head.started_at) == ("running", DATE)
    assert await make.inbox(db, people[0]) == ["track_started", "assignment_opened"]


async def test_a_date_with_too_few_starts_nothing_until_staff_choose_another_or_start(db: Connection) -> None:
    author, *people = await make.users(db, 4)
    track_id = await planned(db, author, ON_DATE)
    await enroll_all(db, track_id, people[:2])
    assert await handle_due_start(db, track_id, DATE)
    assert (await shown(db, track_id, DATE)).start_state == "missed"
    for user_id in (people[0], author):
        assert await make.inbox(db, user_id) == ["start_missed"]
    # A third participant changes nothing by itself.
    await enroll(db, track_id=track_id, user_id=people[2], now=DATE + HOUR)
    assert not await handle_due_start(db, track_id, DATE + HOUR)

    change = TrackChange(start=replace(ON_DATE, at=DATE + DAY))
    await edit_track(db, track_id=track_id, actor=Actor(author), change=change, now=DATE + 2 * HOUR)

    assert (await shown(db, track_id, DATE + 2 * HOUR)).start_state == "on_date"
    assert await make.inbox(db, people[0]) == ["start_missed", "start_planned"]
    assert await handle_due_start(db, track_id, DATE + DAY)
    assert (await track_head(db, track_id=track_id, now=DATE + DAY)).status == "running"


async def test_a_full_track_waits_for_its_hours_and_no_more_if_a_participant_leaves(db: Connection) -> None:
    author, *people = await make.users(db, 4)
    track_id = await planned(db, author, BY_DAY, places=3)
    await enroll_all(db, track_id, people, now=NIGHT)
    full = await shown(db, track_id, NIGHT)
    assert (full.status, full.start_state, full.starts_at) == ("enrolling", "full", MORNING)
    with pytest.raises(TrackFull):
        await enroll(db, track_id=track_id, user_id=author, now=NIGHT)

    await leave(db, track_id=track_id, user_id=people[0], now=NIGHT + HOUR)
    assert (await shown(db, track_id, NIGHT)).starts_at is None
    assert await make.inbox(db, people[1]) == ["start_planned", "start_planned"]

    await enroll(db, track_id=track_id, user_id=author, now=NIGHT + HOUR)
    assert await handle_due_start(db, track_id, MORNING)
    assert (await track_head(db, track_id=track_id, now=MORNING)).started_at == MORNING


async def test_the_time_decides_and_not_the_sweep(db: Connection) -> None:
    author, *people = await make.users(db, 5)
    track_id = await planned(db, author, ON_DATE)
    await enroll_all(db, track_id, people[:3])
    with pytest.raises(StartedJustNow):
        await enroll(db, track_id=track_id, user_id=people[3], now=DATE + HOUR)
    assert (await track_head(db, track_id=track_id, now=DATE + HOUR)).started_at == DATE


async def test_staff_start_a_track_with_two(db: Connection) -> None:
    author, mentor, *people = await make.users(db, 4)
    track_id = await planned(db, author, BY_DAY)
    await make.staff(db, track_id, mentor, role="mentor")
    await enroll(db, track_id=track_id, user_id=people[0], now=NIGHT)
    with pytest.raises(TooFewParticipants):
        await start_now(db, track_id=track_id, actor=Actor(author), now=NIGHT)
    await enroll(db, track_id=track_id, user_id=people[1], now=NIGHT)
    with pytest.raises(NotTheAuthor):
        await start_now(db, track_id=track_id, actor=Actor(mentor), now=NIGHT)

    await start_now(db, track_id=track_id, actor=Actor(author), now=NIGHT)

    head = await track_head(db, track_id=track_id, now=NIGHT)
    assert (head.status, head.started_at, head.participants_count) == ("running", NIGHT, 2)


async def test_participants_are_notified_once_of_the_assignments_that_have_changed(db: Connection) -> None:
    author, bob = await make.users(db, 2)
    track_id = await planned(db, author, StartPlan())
    await enroll(db, track_id=track_id, user_id=bob, now=make.NOON)
    same = [AssignmentDraft(f"Task {n}", "Said better", 10) for n in (1, 2)]
    for drafts in (same, [*same, AssignmentDraft("Task 3", "", 5)]):
        change = TrackChange(assignments=drafts)
        await edit_track(db, track_id=track_id, actor=Actor(author), change=change, now=make.NOON)
    assert await make.inbox(db, bob) == ["assignments_changed"]
    parameters = await db.fetchval("select parameters from announcements where type = 'assignments_changed'")
    assert parameters == {"track": "Python basics", "assignment": "Task 3", "added": "yes"}
