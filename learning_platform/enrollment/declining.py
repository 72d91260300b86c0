"""Decline a place that was received from the waiting list; the next user on it gets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.attempts.locks import lock_participant
from learning_platform.attempts.rules import NotEnrolled
from learning_platform.attempts.schedule import unschedule
from learning_platform.core.database import Connection, fetch_values
from learning_platform.enrollment.actions import CHANGE_COUNT, DELETE_PARTICIPANT, leave
from learning_platform.enrollment.rules import DeclineOver, decline_until
from learning_platform.enrollment.waiting_list import let_in
from learning_platform.tracks.leaver_notice import notify_staff_of_leaver
from learning_platform.tracks.queries import lock_track
from learning_platform.tracks.rules import ensure_not_over

# A participant who has submitted something has accepted the place. $2: one track only, or null.
RECEIVED_PLACES = """
select p.track_id, p.moved_up_at, f.due_at as first_due_at
from participants p join tracks t on t.id = p.track_id join assignments f on f.track_id = t.id and f.position = 0
where p.user_id = $1 and ($2::bigint is null or p.track_id = $2) and p.moved_up_at is not null and p.left_at is null
    and t.status in ('enrolling', 'running') and not exists (
        select from submissions s join assignments a on a.id = s.assignment_id
        where a.track_id = p.track_id and s.user_id = p.user_id)
"""
DELETE_ATTEMPTS = "delete from attempts where track_id = $1 and user_id = $2"
DELETE_EXTENSIONS = """
delete from extensions e using assignments a where a.id = e.assignment_id and a.track_id = $1 and e.user_id = $2
"""


@dataclass(frozen=True, slots=True)
class ReceivedPlace:
    """A place from the waiting list of a user who has not submitted anything. `first_due_at`: null before the start."""

    track_id: int
    moved_up_at: datetime
    first_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeclinablePlace:
    """A place that can be declined until `until`; None: until the track starts, and some time after."""

    track_id: int
    until: datetime | None


async def declinable_places(
    db: Connection, *, user_id: int, track_id: int | None = None, within: timedelta, now: datetime
) -> Sequence[DeclinablePlace]:
    """Return the places of a user that can be declined: after the start `within` a time from when they were received.

    The first deadline ends that time in any case.
    """
    received = await fetch_values(db, ReceivedPlace, RECEIVED_PLACES, user_id, track_id)
    places = [
        DeclinablePlace(
            each.track_id,
            decline_until(moved_up_at=each.moved_up_at, within=within, first_due_at=each.first_due_at),
        )
        for each in received
    ]
    return [each for each in places if each.until is None or now < each.until]


async def decline(db: Connection, *, track_id: int, user_id: int, within: timedelta, now: datetime) -> None:
    """Give back a place that was received from the waiting list; nothing of the participation is kept.

    Before the start, as leaving. Raises TrackNotFound, NotEnrolled, TrackStarted, TrackOver, DeclineOver.
    """
    track = await lock_track(db, track_id=track_id)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    if track.status != "running":
        await leave(db, track_id=track_id, user_id=user_id, now=now)
        return
    if not await lock_participant(db, track_id=track_id, user_id=user_id):
        raise NotEnrolled
    if not await declinable_places(db, user_id=user_id, track_id=track_id, within=within, now=now):
        raise DeclineOver
    await unschedule(db, track_ids=[track_id], user_id=user_id)
    for statement in (DELETE_ATTEMPTS, DELETE_EXTENSIONS, DELETE_PARTICIPANT):
        await db.execute(statement, track_id, user_id)
    await db.execute(CHANGE_COUNT, track_id, -1)
    await let_in(db, track, now=now)
    await notify_staff_of_leaver(db, track, user_id=user_id, now=now)
