"""Join, leave, start."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import lock_account_shared
from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import open_first
from learning_platform.attempts.schedule import update_schedule
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.enrollment.rules import ensure_may_enroll, ensure_may_leave, is_full
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.snapshots.store import delete_unused
from learning_platform.tracks import actions as tracks
from learning_platform.tracks.actions import TrackChange
from learning_platform.tracks.calendar import start_calendar
from learning_platform.tracks.permissions import ensure_may_know_of
from learning_platform.tracks.queries import TrackHead, lock_track, participants, participation

INSERT_PARTICIPANT = "insert into participants (track_id, user_id, enrolled_at) values ($1, $2, $3)"
DELETE_PARTICIPANT = "delete from participants where track_id = $1 and user_id = $2"
LOCK_ENROLLING_TRACKS = """
select t.id from tracks t
where t.status = 'enrolling' and exists (select from participants p where p.track_id = t.id and p.user_id = $1)
order by t.id for no key update
"""
DELETE_PARTICIPANT_FROM_ALL = """
delete from participants where track_id = any($1::bigint[]) and user_id = $2 returning track_id
"""
CHANGE_COUNTS = "update tracks set participants_count = participants_count + $2 where id = any($1::bigint[])"
CHANGE_COUNT = """
update tracks set participants_count = participants_count + $2 where id = $1 returning participants_count
"""


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A place on a track, and whether taking it started the track."""

    track_id: int
    user_id: int
    enrolled_at: datetime
    track_started: bool


async def enroll(db: Connection, *, track_id: int, user_id: int, now: datetime) -> Enrollment:
    """Take a place; the last one starts the track in the same transaction.

    Raises TrackNotFound, AlreadyEnrolled, TrackLeft, TrackStarted, TrackOver, and BadToken for an account that is being
    deleted. People queue at the track's row.
    """
    await lock_account_shared(db, user_id=user_id)
    track = await lock_track(db, track_id=track_id)
    await ensure_may_know_of(db, track=track, user_id=user_id)
    ensure_may_enroll(await participation(db, track_id=track_id, user_id=user_id), track.status)
    await db.execute(INSERT_PARTICIPANT, track_id, user_id, now)
    count = await db.fetchval(CHANGE_COUNT, track_id, 1)
    starts = is_full(participants=count, seats=track.required_participants)
    if starts:
        await _start(db, track, now=now)
    return Enrollment(track_id, user_id, now, track_started=starts)


async def leave(db: Connection, *, track_id: int, user_id: int) -> None:
    """Give the place back while people gather.

    Raises TrackNotFound, NotEnrolled, TrackLeft, TrackStarted, TrackOver.
    """
    track = await lock_track(db, track_id=track_id)
    ensure_may_leave(await participation(db, track_id=track_id, user_id=user_id), track.status)
    await db.execute(DELETE_PARTICIPANT, track_id, user_id)
    await db.execute(CHANGE_COUNT, track_id, -1)


async def leave_enrolling_tracks(db: Connection, *, user_id: int) -> None:
    """Give back every place on tracks that still gather people. Locks those tracks, in the order of their ids."""
    track_ids = await fetch_ids(db, LOCK_ENROLLING_TRACKS, user_id)
    # Of the places seen before the wait for the locks, one may have been given back meanwhile.
    given_back = await fetch_ids(db, DELETE_PARTICIPANT_FROM_ALL, track_ids, user_id)
    await db.execute(CHANGE_COUNTS, given_back, -1)


async def edit_track(db: Connection, *, track_id: int, actor: Actor, change: TrackChange, now: datetime) -> bool:
    """Change a track while people gather; one left with no free place starts. Return whether it did.

    Raises as tracks.actions.edit_track.
    """
    track = await tracks.edit_track(db, track_id=track_id, actor=actor, change=change)
    # An assignment that was removed may have had a starter.
    await delete_unused(db, track_ids=[track_id])
    starts = is_full(participants=track.participants_count, seats=track.required_participants)
    if starts:
        await _start(db, track, now=now)
    return starts


async def _start(db: Connection, track: TrackHead, *, now: datetime) -> None:
    await start_calendar(db, track, now=now)
    await update_schedule(db, track_id=track.id, now=now)
    started = Announcement(
        event=f"track_started:{track.id}", type="track_started", track_id=track.id, parameters={"track": track.title}
    )
    await announce(db, started, to=await participants(db, track_id=track.id), now=now)
    await open_first(db, track_id=track.id, now=now)
