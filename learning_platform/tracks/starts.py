"""Read and write how a track is to start."""

from datetime import datetime

from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.notifier import notify
from learning_platform.tracks.start_rules import StartPlan, TrackStart

START_OF_TRACK = """
select start_rule as rule, starts_at as at, min_participants, time_zone, start_from_hour as from_hour,
    start_until_hour as until_hour, start_missed_at as missed_at
from tracks where id = $1
"""
SET_PLAN = """
update tracks set start_rule = $2, starts_at = $3, min_participants = $4, time_zone = $5, start_from_hour = $6,
    start_until_hour = $7,
    start_missed_at = case when starts_at is not distinct from $3 and $2 = 'on_date' then start_missed_at end,
    calendar_changed_at = case when starts_at is distinct from $3 then $8 else calendar_changed_at end
where id = $1
"""
SET_START_TIME = "update tracks set starts_at = $2, calendar_changed_at = $3 where id = $1"
SET_MISSED = "update tracks set start_missed_at = $2 where id = $1"


async def start_of_track(db: Connection, *, track_id: int) -> TrackStart:
    """Return how a track that exists is to start."""
    start = await fetch_value(db, TrackStart, START_OF_TRACK, track_id)
    assert start is not None
    return start


async def set_plan(db: Connection, *, track_id: int, plan: StartPlan, now: datetime) -> None:
    """Write how a track is to start, and notify the scheduler; with another date it waits for its staff no more."""
    at = plan.at if plan.rule == "on_date" else None
    hours = (plan.from_hour, plan.until_hour)
    await db.execute(SET_PLAN, track_id, plan.rule, at, plan.min_participants, plan.time_zone, *hours, now)
    await notify(db, "scheduled")


async def set_start_time(db: Connection, *, track_id: int, at: datetime | None, now: datetime) -> None:
    """Write when a track starts that has become full, or None if it is full no more."""
    await db.execute(SET_START_TIME, track_id, at, now)
    await notify(db, "scheduled")


async def set_missed(db: Connection, *, track_id: int, now: datetime) -> None:
    """Write that a track has not started on its date, and waits for its staff."""
    await db.execute(SET_MISSED, track_id, now)
