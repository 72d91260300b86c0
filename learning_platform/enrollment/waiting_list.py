"""Wait for a place on a full track, move up when one becomes free, or be let in by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import lock_account_shared
from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import open_first
from learning_platform.core.database import Connection, fetch_ids, fetch_value, fetch_values
from learning_platform.enrollment.cohorts import ensure_head_start_over
from learning_platform.enrollment.removals import ensure_not_removed
from learning_platform.enrollment.rules import NotWaiting, ensure_may_wait, ensure_seat_free
from learning_platform.enrollment.starting import ensure_start_not_due, start_when_full
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.permissions import ensure_may, ensure_may_know_of
from learning_platform.tracks.queries import TrackHead, lock_track, participation
from learning_platform.tracks.rules import DeadlinePassed, ensure_not_over

FIRST_DUE_AT = "select due_at from assignments where track_id = $1 and position = 0"
INSERT_WAITING = """
insert into waiting_list (track_id, user_id, joined_at) values ($1, $2, $3) on conflict (track_id, user_id) do nothing
"""
DELETE_WAITING = "delete from waiting_list where track_id = $1 and user_id = $2 returning user_id"
# Blocked users keep their position, and are passed over.
WAITING = """
select * from (
    select w.id, w.user_id, u.username, w.joined_at, row_number() over (order by w.id) as position
    from waiting_list w join users u on u.id = w.user_id
    where w.track_id = $1 and u.blocked_at is null) waiting
where ($2::bigint is null or user_id = $2) and id > $3 order by id limit $4
"""
WAITING_NAMED = """
select w.user_id from waiting_list w join users u on u.id = w.user_id
where w.track_id = $1 and lower(u.username) = lower($2) and u.blocked_at is null
"""
COUNT_WAITING = """
select count(*) from waiting_list w join users u on u.id = w.user_id where w.track_id = $1 and u.blocked_at is null
"""
ENROLL_WAITING = """
with first as (
    select w.user_id from waiting_list w join users u on u.id = w.user_id
    where w.track_id = $1 and u.blocked_at is null and ($4::bigint is null or w.user_id = $4)
        and not exists (select from participants p where p.track_id = $1 and p.user_id = w.user_id)
    order by w.id limit $2
), enrolled as (
    insert into participants (track_id, user_id, enrolled_at, moved_up_at) select $1, user_id, $3, $3 from first
    returning user_id
), gone as (
    delete from waiting_list w using enrolled e where w.track_id = $1 and w.user_id = e.user_id
)
select user_id from enrolled
"""
ADD_TO_COUNT = "update tracks set participants_count = participants_count + $2 where id = $1"
# On tracks that are over, users wait for the next cohort.
WAITS_OF = """
select w.id, t.id as track_id, t.title as track_title,
    t.status = 'enrolling' or (t.status = 'running' and f.due_at > $2) as may_move_up,
    (select count(*) from waiting_list e join users u on u.id = e.user_id
        where e.track_id = t.id and e.id <= w.id and u.blocked_at is null) as position
from waiting_list w join tracks t on t.id = w.track_id
    left join assignments f on f.track_id = t.id and f.position = 0
where w.user_id = $1 and t.status in ('enrolling', 'running', 'finished') order by w.id desc limit $3
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """A track for a place on which a user waits; if they cannot `may_move_up` any more, for its next cohort."""

    id: int
    track_id: int
    track_title: str
    may_move_up: bool
    position: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A user on the waiting list of a track; `position` counts from 1."""

    id: int
    user_id: int
    username: str
    joined_at: datetime
    position: int


async def join(db: Connection, *, track_id: int, user_id: int, now: datetime) -> None:
    """Wait for a place; joining again keeps the position.

    Raises TrackNotFound, AlreadyEnrolled, TrackLeft, PlacesFree, HeadStart, TrackIsDraft, TrackStarted (after the first
    deadline), TrackOver, RemovedFromTrack, and BadToken for an account that is being deleted.
    """
    await lock_account_shared(db, user_id=user_id)
    track = await lock_track(db, track_id=track_id)
    await ensure_may_know_of(db, track=track, user_id=user_id)
    await ensure_start_not_due(db, track, now=now)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    standing = await participation(db, track_id=track_id, user_id=user_id)
    has_free_places = track.status == "enrolling" and track.participants_count < track.required_participants
    if has_free_places and standing == "none":
        await ensure_head_start_over(db, track_id=track_id, user_id=user_id, now=now)
    ensure_may_wait(
        standing,
        track.status,
        participants=track.participants_count,
        seats=track.required_participants,
        first_due_at=await db.fetchval(FIRST_DUE_AT, track_id),
        now=now,
    )
    await ensure_not_removed(db, track_id=track_id, user_id=user_id)
    await db.execute(INSERT_WAITING, track_id, user_id, now)


async def waiting_named(db: Connection, *, track_id: int, username: str) -> int:
    """Return the id of a waiting user, by name, ignoring case. Raises NotWaiting."""
    user_id: int | None = await db.fetchval(WAITING_NAMED, track_id, username)
    if user_id is None:
        raise NotWaiting
    return user_id


async def withdraw(db: Connection, *, track_id: int, user_id: int) -> None:
    """Wait no more. Raises TrackNotFound, NotWaiting."""
    # Whether the user has moved up meanwhile is decided at the row of the track.
    await lock_track(db, track_id=track_id)
    if await db.fetchval(DELETE_WAITING, track_id, user_id) is None:
        raise NotWaiting


async def admit(db: Connection, *, track_id: int, user_id: int, actor: Actor, now: datetime) -> None:
    """Let a waiting user in, in place of a participant who has left, until the first deadline; no date moves.

    Raises TrackNotFound, NotTheAuthor, TrackOver, DeadlinePassed, TrackFull, NotWaiting.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "invite", track=track, actor=actor)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    ensure_seat_free(participants=track.participants_count, seats=track.required_participants)
    if track.status == "running" and (await db.fetchval(FIRST_DUE_AT, track_id)) <= now:
        raise DeadlinePassed
    if not await let_in(db, track, user_id=user_id, now=now):
        raise NotWaiting


async def move_up(db: Connection, track: TrackHead, *, now: datetime) -> bool:
    """Give free places of a track that has not started to those who wait; its row is locked. Return whether any was.

    The places are theirs immediately; a user who cannot take part declines the place, which moves up the next one.
    """
    free = track.required_participants - track.participants_count
    if track.status != "enrolling" or free <= 0:
        return False
    enrolled = await _enroll(db, track, number=free, now=now)
    if not enrolled:
        return False
    await _announce(db, track, to=enrolled, now=now)
    await start_when_full(db, track, count=track.participants_count + len(enrolled), now=now)
    return True


async def let_in(db: Connection, track: TrackHead, *, user_id: int | None = None, now: datetime) -> bool:
    """Give a free place to this user, or the first, on the waiting list; return whether they wait. No date moves.

    The row of the track is locked.
    """
    enrolled = await _enroll(db, track, number=1, user_id=user_id, now=now)
    if not enrolled:
        return False
    await _announce(db, track, to=enrolled, now=now)
    if track.status == "running":
        await open_first(db, track_id=track.id, user_id=enrolled[0], now=now)
    return True


async def waiting(
    db: Connection, *, track_id: int, only_user_id: int | None = None, after: int = 0, limit: int
) -> list[Waiting]:
    """Return the waiting list of a track in its order, or the place of one user on it."""
    return await fetch_values(db, Waiting, WAITING, track_id, only_user_id, after, limit)


async def place_of(db: Connection, *, track_id: int, user_id: int) -> Waiting | None:
    """Return the place of a user on a waiting list, or None."""
    return await fetch_value(db, Waiting, WAITING, track_id, user_id, 0, 1)


async def count_waiting(db: Connection, *, track_id: int) -> int:
    """Return how many users wait for a place on a track, without those who are blocked."""
    count: int = await db.fetchval(COUNT_WAITING, track_id)
    return count


async def waits_of(db: Connection, *, user_id: int, limit: int, now: datetime) -> list[Wait]:
    """Return the tracks for a place on which a user waits, the newest first."""
    return await fetch_values(db, Wait, WAITS_OF, user_id, now, limit)


async def _enroll(
    db: Connection, track: TrackHead, *, number: int, user_id: int | None = None, now: datetime
) -> Sequence[int]:
    enrolled = await fetch_ids(db, ENROLL_WAITING, track.id, number, now, user_id)
    await db.execute(ADD_TO_COUNT, track.id, len(enrolled))
    return enrolled


async def _announce(db: Connection, track: TrackHead, *, to: Sequence[int], now: datetime) -> None:
    received = Announcement(
        event=f"seat_received:{track.id}:{to[0]}:{now.isoformat()}",
        type="seat_received",
        track_id=track.id,
        parameters={"track": track.title} | ({"has_started": "yes"} if track.status == "running" else {}),
    )
    await announce(db, received, to=to, now=now)
