"""Start a track, or say why it does not start yet. The row of the track is locked by whatever calls this."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import open_first
from learning_platform.attempts.schedule import update_schedule
from learning_platform.core.database import Connection
from learning_platform.enrollment.rules import StartedJustNow, is_full
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.messages import Variant
from learning_platform.tracks.calendar import durations, start_calendar
from learning_platform.tracks.permissions import ensure_may, staff_with
from learning_platform.tracks.queries import TrackHead, lock_track, participants
from learning_platform.tracks.rules import ensure_enrolling
from learning_platform.tracks.start_rules import TrackStart, calendar_start, earliest_start, ensure_enough_to_start
from learning_platform.tracks.starts import set_missed, set_start_time, start_of_track

Cause = Literal["by_date", "by_staff"]
LOCK_DUE_START = """
select id from tracks
where id = $1 and status = 'enrolling' and starts_at <= $2 and start_missed_at is null
for no key update skip locked
"""


async def start_now(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> None:
    """Start a track with those who have enrolled, at any hour.

    Raises TrackNotFound, NotTheAuthor, TrackIsDraft, TrackStarted, TrackOver, TooFewParticipants.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "start", track=track, actor=actor)
    ensure_enrolling(track.status)
    ensure_enough_to_start(track.participants_count)
    await start_track(db, track, at=now, cause="by_staff")


async def handle_due_start(db: Connection, track_id: int, now: datetime) -> bool:
    """Start a track whose time has come, or note that too few have enrolled; return whether there was anything to do.

    Skips a track that another transaction has locked.
    """
    if await db.fetchval(LOCK_DUE_START, track_id, now) is None:
        return False
    await _decide_due_start(db, await lock_track(db, track_id=track_id), now=now)
    return True


async def ensure_start_not_due(db: Connection, track: TrackHead, *, now: datetime) -> None:
    """Do what is due before anything else is done with a track. Raises StartedJustNow if it has started by that."""
    is_due = track.status == "enrolling" and (await start_of_track(db, track_id=track.id)).is_due(now)
    if is_due and await _decide_due_start(db, track, now=now):
        raise StartedJustNow


async def start_when_full(db: Connection, track: TrackHead, *, count: int, now: datetime) -> bool:
    """Start a track whose last place has just been taken, or say when it will; return whether it has started."""
    start = await start_of_track(db, track_id=track.id)
    if start.rule != "when_full" or not is_full(participants=count, seats=track.required_participants):
        return False
    at = earliest_start(start.hours, now=now)
    if at <= now:
        await start_track(db, track, at=now)
        return True
    if at != start.at:
        await plan_start(db, track, at=at, now=now)
    return False


async def wait_until_full(db: Connection, track: TrackHead, *, now: datetime) -> None:
    """Let a track that is full no more wait for the last place again, and notify participants."""
    start = await start_of_track(db, track_id=track.id)
    if start.rule == "when_full" and start.at is not None and track.participants_count < track.required_participants:
        await set_start_time(db, track_id=track.id, at=None, now=now)
        await announce_start(db, track, start.at, wording="when_full", now=now)


async def plan_start(db: Connection, track: TrackHead, *, at: datetime, now: datetime) -> None:
    """Let a full track wait for the hours in which it may start, and notify participants."""
    await set_start_time(db, track_id=track.id, at=at, now=now)
    await announce_start(db, track, at, wording="full", now=now)


async def announce_start(
    db: Connection, track: TrackHead, at: datetime | None, *, wording: Variant | None = None, now: datetime
) -> None:
    """Notify participants of when the track starts."""
    planned = Announcement(
        # The same time may be planned again later.
        event=f"start_planned:{track.id}:{now.isoformat()}",
        type="start_planned",
        track_id=track.id,
        due_at=at,
        parameters={"track": track.title} | ({wording: "yes"} if wording else {}),
    )
    await announce(db, planned, to=await participants(db, track_id=track.id), now=now)


async def start_track(db: Connection, track: TrackHead, *, at: datetime, cause: Cause | None = None) -> None:
    """Start a track; its calendar runs from `at`. Without a cause: because it is full."""
    await start_calendar(db, track, now=at)
    await update_schedule(db, track_id=track.id, now=at)
    started = Announcement(
        event=f"track_started:{track.id}",
        type="track_started",
        track_id=track.id,
        parameters={"track": track.title} | ({cause: "yes"} if cause else {}),
    )
    await announce(db, started, to=await participants(db, track_id=track.id), now=at)
    await open_first(db, track_id=track.id, now=at)


async def _decide_due_start(db: Connection, track: TrackHead, *, now: datetime) -> bool:
    """Start a track whose time has come, unless too few have enrolled; return whether it has started."""
    start = await start_of_track(db, track_id=track.id)
    if start.rule == "on_date" and track.participants_count < start.min_participants:
        await _note_missed(db, track, start, now=now)
        return False
    first_hours, *_ = await durations(db, track_id=track.id)
    at = calendar_start(start, first_hours=first_hours, now=now)
    if at > now:
        await set_start_time(db, track_id=track.id, at=at, now=now)
        await announce_start(db, track, at, now=now)
        return False
    await start_track(db, track, at=at, cause="by_date" if start.rule == "on_date" else None)
    return True


async def _note_missed(db: Connection, track: TrackHead, start: TrackStart, *, now: datetime) -> None:
    assert start.at is not None
    await set_missed(db, track_id=track.id, now=now)
    staff = await staff_with(db, "start", track_id=track.id)
    enrolled = [user_id for user_id in await participants(db, track_id=track.id) if user_id not in staff]
    await _announce_missed(db, track, start.at, to=enrolled, now=now)
    await _announce_missed(db, track, start.at, to=staff, for_staff=True, now=now)


async def _announce_missed(
    db: Connection, track: TrackHead, at: datetime, *, to: Sequence[int], for_staff: bool = False, now: datetime
) -> None:
    missed = Announcement(
        event=f"start_missed:{track.id}:{at.isoformat()}" + (":staff" if for_staff else ""),
        type="start_missed",
        track_id=track.id,
        due_at=at,
        parameters={"track": track.title} | ({"for_staff": "yes"} if for_staff else {}),
    )
    await announce(db, missed, to=to, now=now)
