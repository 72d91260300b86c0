"""The schedule of a track: which events are due when, as its calendar and personal deadlines have it.

Whatever changes a calendar calls `update_schedule`, which works out all of it again; it does not say what changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.scheduled_events import SCHEDULED_EVENTS
from learning_platform.core.database import Connection, fetch_values
from learning_platform.core.notifier import notify
from learning_platform.tracks.rules import Calendar

CALENDARS = """
select a.id as assignment_id, a.opens_at, a.due_at, a.reviews_due_at,
    iteration_due_at(a.reviews_due_at, t.iteration_hours) as iteration_due_at
from assignments a join tracks t on t.id = a.track_id where t.id = $1 order by a.position
"""
OWN_DEADLINES = """
select e.assignment_id, e.user_id, e.due_at
from extensions e join assignments a on a.id = e.assignment_id
    join participants p on p.track_id = a.track_id and p.user_id = e.user_id
where a.track_id = $1 and p.left_at is null and e.due_at > a.due_at
"""
# Events still to come are written as planned; what is planned no more is dropped, unless it is overdue. An event that
# is done stays done until it is planned for another time. Left alone are kinds that are not in $3: those that repeat,
# and those that this version does not know.
WRITE_SCHEDULE = """
with planned as (
    select * from unnest($4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[])
        as p (assignment_id, user_id, kind, due_at)
), dropped as (
    delete from scheduled_events e where e.track_id = $1 and e.pending and e.due_at > $2 and e.kind = any($3::text[])
        and (e.assignment_id, coalesce(e.user_id, 0), e.kind)
            not in (select assignment_id, coalesce(user_id, 0), kind from planned)
)
insert into scheduled_events (track_id, assignment_id, user_id, kind, due_at)
select $1, assignment_id, user_id, kind, due_at from planned
on conflict (assignment_id, kind, coalesce(user_id, 0::bigint)) do update set due_at = excluded.due_at, pending = true
where scheduled_events.due_at <> excluded.due_at
"""
UNSCHEDULE = "delete from scheduled_events where track_id = any($1::bigint[]) and user_id = $2"
UNSCHEDULE_AT = "delete from scheduled_events where assignment_id = $1 and user_id = $2"


@dataclass(frozen=True, slots=True)
class AssignmentCalendar:
    """The calendar of an assignment of a track that runs."""

    assignment_id: int
    opens_at: datetime
    due_at: datetime
    reviews_due_at: datetime
    iteration_due_at: datetime | None

    @property
    def calendar(self) -> Calendar:
        """Return the times alone."""
        return Calendar(self.opens_at, self.due_at, self.reviews_due_at, self.iteration_due_at)


@dataclass(frozen=True, slots=True)
class OwnDeadline:
    """A deadline of one participant, later than the common one."""

    assignment_id: int
    user_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One event, and when it is due."""

    assignment_id: int
    user_id: int | None
    kind: str
    due_at: datetime


def plan(calendars: Sequence[AssignmentCalendar], own_deadlines: Sequence[OwnDeadline]) -> Iterator[PlannedEvent]:
    """Yield every event of a track; a kind without a time in a calendar has none.

    Participants with a deadline of their own have an event of their own wherever the common one comes before it.
    """
    by_id = {each.assignment_id: each.calendar for each in calendars}
    for kind in SCHEDULED_EVENTS:
        for each in calendars[-1:] if kind.of_track else calendars:
            if (due_at := kind.due_at(each.calendar)) is not None:
                yield PlannedEvent(each.assignment_id, None, kind.name, due_at)
        for own in () if kind.of_track else own_deadlines:
            calendar = by_id[own.assignment_id]
            common, own_due_at = kind.due_at(calendar), kind.due_at(replace(calendar, due_at=own.due_at))
            if common is not None and own_due_at is not None and common < own.due_at:
                yield PlannedEvent(own.assignment_id, own.user_id, kind.name, own_due_at)


async def update_schedule(db: Connection, *, track_id: int, now: datetime) -> None:
    """Write when each event of a running track is due, and notify the scheduler. The track's row is locked.

    Events that would have been due by now are not added, and those that are overdue stay.
    """
    calendars = await fetch_values(db, AssignmentCalendar, CALENDARS, track_id)
    own_deadlines = await fetch_values(db, OwnDeadline, OWN_DEADLINES, track_id)
    planned = [event for event in plan(calendars, own_deadlines) if event.due_at > now]
    await db.execute(
        WRITE_SCHEDULE,
        track_id,
        now,
        [kind.name for kind in SCHEDULED_EVENTS if not kind.repeats],
        [event.assignment_id for event in planned],
        [event.user_id for event in planned],
        [event.kind for event in planned],
        [event.due_at for event in planned],
    )
    await notify(db, "scheduled")


async def unschedule(db: Connection, *, track_ids: Sequence[int], user_id: int) -> None:
    """Remove the events that concern one participant alone, on tracks whose rows are locked."""
    await db.execute(UNSCHEDULE, track_ids, user_id)


async def unschedule_at(db: Connection, *, assignment_id: int, user_id: int) -> None:
    """Remove the events of one assignment that concern one participant alone; the track's row is locked."""
    await db.execute(UNSCHEDULE_AT, assignment_id, user_id)
