"""Take a place on a track, and give it back before the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import lock_account_shared
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.enrollment.cohorts import ensure_head_start_over, stop_waiting_before
from learning_platform.enrollment.removals import ensure_not_removed
from learning_platform.enrollment.rules import ensure_may_enroll, ensure_may_leave, ensure_seat_free
from learning_platform.enrollment.starting import ensure_start_not_due, start_when_full, wait_until_full
from learning_platform.enrollment.waiting_list import DELETE_WAITING, move_up
from learning_platform.tracks.permissions import ensure_may_know_of
from learning_platform.tracks.queries import lock_track, participation

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


async def enroll(db: Connection, *, track_id: int, user_id: int, is_invited: bool = False, now: datetime) -> Enrollment:
    """Take a place; the last one starts the track in the same transaction, unless it waits for a date or an hour.

    `is_invited`: the user holds an invitation, so they may know of the track.
    Raises TrackNotFound, AlreadyEnrolled, TrackLeft, TrackStarted, TrackOver, TrackFull, RemovedFromTrack, HeadStart,
    and BadToken for an account that is being deleted. People queue at the track's row.
    """
    await lock_account_shared(db, user_id=user_id)
    track = await lock_track(db, track_id=track_id)
    if not is_invited:
        await ensure_may_know_of(db, track=track, user_id=user_id)
    ensure_may_enroll(await participation(db, track_id=track_id, user_id=user_id), track.status)
    await ensure_not_removed(db, track_id=track_id, user_id=user_id)
    await ensure_start_not_due(db, track, now=now)
    ensure_seat_free(participants=track.participants_count, seats=track.required_participants)
    if not is_invited:
        await ensure_head_start_over(db, track_id=track_id, user_id=user_id, now=now)
    await db.execute(INSERT_PARTICIPANT, track_id, user_id, now)
    await db.execute(DELETE_WAITING, track_id, user_id)
    await stop_waiting_before(db, track_id=track_id, user_id=user_id)
    count: int = await db.fetchval(CHANGE_COUNT, track_id, 1)
    starts = await start_when_full(db, track, count=count, now=now)
    return Enrollment(track_id, user_id, now, track_started=starts)


async def leave(db: Connection, *, track_id: int, user_id: int, now: datetime) -> None:
    """Give the place back before the start.

    Raises TrackNotFound, NotEnrolled, TrackLeft, TrackStarted, TrackOver.
    """
    track = await lock_track(db, track_id=track_id)
    ensure_may_leave(await participation(db, track_id=track_id, user_id=user_id), track.status)
    await ensure_start_not_due(db, track, now=now)
    await db.execute(DELETE_PARTICIPANT, track_id, user_id)
    await db.execute(CHANGE_COUNT, track_id, -1)
    await note_free_places(db, track_ids=[track_id], now=now)


async def leave_enrolling_tracks(db: Connection, *, user_id: int) -> Sequence[int]:
    """Give back every place on tracks that have not started; return their ids, for `note_free_places`.

    Locks those tracks, in the order of their ids.
    """
    track_ids = await fetch_ids(db, LOCK_ENROLLING_TRACKS, user_id)
    # Of the places seen before the wait for the locks, one may have been given back meanwhile.
    given_back = await fetch_ids(db, DELETE_PARTICIPANT_FROM_ALL, track_ids, user_id)
    await db.execute(CHANGE_COUNTS, given_back, -1)
    return given_back


async def note_free_places(db: Connection, *, track_ids: Sequence[int], now: datetime) -> None:
    """Give places that have become free to those who wait, or let full tracks wait for the last place again.

    The rows of the tracks are locked. Call this last: it announces.
    """
    for track_id in track_ids:
        track = await lock_track(db, track_id=track_id)
        if not await move_up(db, track, now=now):
            await wait_until_full(db, track, now=now)
