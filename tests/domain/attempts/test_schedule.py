"""The schedule of a track: which events are due when. The plan is worked out without a database."""

from datetime import UTC, datetime, timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.attempts.schedule import AssignmentCalendar, OwnDeadline, PlannedEvent, plan, update_schedule
from learning_platform.attempts.scheduled_events import KINDS, SCHEDULED_EVENTS
from learning_platform.attempts.sweeps import SWEEPS, catch_up
from learning_platform.core.database import Connection
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.leaving import leave_for_good
from tests import make
from tests.events import pending, warn
from tests.people import School

HOUR = timedelta(hours=1)
S = datetime(2030, 1, 1, 12, tzinfo=UTC)
FIRST = AssignmentCalendar(1, S, S + 10 * HOUR, S + 20 * HOUR, None)
SECOND = AssignmentCalendar(2, S + 20 * HOUR, S + 30 * HOUR, S + 40 * HOUR, None)
ALICE = 7


def test_every_kind_has_one_entry_and_one_sweep_of_its_name() -> None:
    assert list(KINDS) == [kind.name for kind in SCHEDULED_EVENTS]
    assert [sweep.name for sweep in SWEEPS] == list(KINDS)


def test_every_assignment_has_its_events_and_the_track_one_end() -> None:
    assert set(plan([FIRST, SECOND], [])) >= {
        PlannedEvent(1, None, "deadline_warning", S + 8 * HOUR),
        PlannedEvent(1, None, "review_start", S + 10 * HOUR),
        PlannedEvent(1, None, "review_reminder", S + 18 * HOUR),
        PlannedEvent(2, None, "deadline_warning", S + 28 * HOUR),
        PlannedEvent(2, None, "review_start", S + 30 * HOUR),
        PlannedEvent(2, None, "review_reminder", S + 38 * HOUR),
        PlannedEvent(2, None, "track_end", S + 40 * HOUR),
    }


def test_a_deadline_of_ones_own_has_events_where_the_common_ones_come_before_it() -> None:
    def own(due_at: datetime) -> set[tuple[str, datetime]]:
        planned = plan([FIRST, SECOND], [OwnDeadline(1, ALICE, due_at)])
        return {(event.kind, event.due_at) for event in planned if event.user_id == ALICE}

    early = own(S + 15 * HOUR)
    assert early >= {("deadline_warning", S + 12 * HOUR), ("review_start", S + 15 * HOUR)}
    assert "review_reminder" not in {kind for kind, _ in early}, "the common one reaches them"
    late = {
        ("deadline_warning", S + 15.2 * HOUR),
        ("review_start", S + 19 * HOUR),
        ("review_reminder", S + 19.8 * HOUR),
    }
    assert own(S + 19 * HOUR) >= late, "the common reminder comes before they may begin"


async def test_every_pending_event_is_of_a_known_kind(db: Connection) -> None:
    people = await make.users(db, 3)
    track_id = await make.running_track(db, people, iteration_hours=5)
    first, _ = await make.assignment_ids(db, track_id)
    await _grant(db, first, people[1], by=await make.user(db, role="admin"), until=S + 19 * HOUR, now=S)
    assert {kind for kind, *_ in await pending(db, track_id)} == set(KINDS)


async def test_a_moved_deadline_moves_what_is_to_come_and_nothing_is_planned_twice(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    first, second = await make.assignment_ids(db, track_id)
    before = await pending(db, track_id)
    await extend_deadline(db, assignment_id=second, due_at=S + 33 * HOUR, actor=Actor(people[0]), now=S + HOUR)
    after = await pending(db, track_id)
    assert [event for event in after if event[1] == first] == [event for event in before if event[1] == first]
    assert {(kind, due_at) for kind, id, _, due_at in after if id == second} >= {
        ("deadline_warning", S + 30.4 * HOUR),
        ("review_start", S + 33 * HOUR),
        ("review_reminder", S + 41 * HOUR),
        ("track_end", S + 43 * HOUR),
    }
    assert len(after) == len(before)


async def test_what_is_done_stays_done_and_what_is_overdue_stays_pending(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    before = await pending(db, track_id)
    await update_schedule(db, track_id=track_id, now=S + 9 * HOUR)
    assert await pending(db, track_id) == before
    await warn(db, first, S + 9 * HOUR)
    await update_schedule(db, track_id=track_id, now=S + HOUR)
    assert await pending(db, track_id) == before[1:], "also for a request that began before the warning"


async def test_a_personal_deadline_overtaken_by_the_common_one_has_no_events_any_more(db: Connection) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    admin = await make.user(db, role="admin")
    await _grant(db, first, people[1], by=admin, until=S + 12 * HOUR, now=S)
    assert [event for event in await pending(db, track_id) if event[2] == people[1]]
    await extend_deadline(db, assignment_id=first, due_at=S + 13 * HOUR, actor=Actor(people[0]), now=S)
    assert [event for event in await pending(db, track_id) if event[2] is not None] == []


async def test_a_user_who_leaves_has_no_events_of_their_own_any_more(db: Connection) -> None:
    people = await make.users(db, 3)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    admin = await make.user(db, role="admin")
    for user_id in people[1:]:
        await _grant(db, first, user_id, by=admin, until=S + 12 * HOUR, now=S)
    await leave_for_good(db, track_id=track_id, user_id=people[1], now=S + HOUR)
    assert {event[2] for event in await pending(db, track_id)} == {None, people[2]}
    await update_schedule(db, track_id=track_id, now=S + HOUR)
    assert {event[2] for event in await pending(db, track_id)} == {None, people[2]}


async def test_a_request_that_catches_up_passes_over_what_it_does_not_know(school: School) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)
    school.clock.advance(hours=10)
    async with school.services.database.transaction() as db:
        await db.execute("update scheduled_events set kind = 'quiz_opening' where kind = 'deadline_warning'")
    await catch_up(school.services.database, track_id=track["id"], now=school.clock.now)
    assert (await alice.notification_types())[-1] == "assignment_opened"
    async with school.services.database.connection() as db:
        assert await db.fetchval("select review_started_at from assignments where id = $1", first) == school.clock.now


async def _grant(db: Connection, assignment_id: int, user_id: int, *, by: int, until: datetime, now: datetime) -> None:
    username = await db.fetchval("select username from users where id = $1", user_id)
    await grant_extension(
        db,
        assignment_id=assignment_id,
        username=username,
        due_at=until,
        reason="Moving house",
        actor=Actor(by, is_admin=True),
        now=now,
    )
