"""Open the next cohort of a course; users who waited for a place on an earlier one can enroll first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.rules import TrackCancelled, TrackNotStarted
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.enrollment.rules import HeadStart, NextCohortOpen
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.snapshots.starters import copy_track
from learning_platform.tracks.cohorts import number_in, series_of, title_of_cohort
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TrackHead, lock_track
from learning_platform.tracks.similar_words import learn_words

# How long only those who waited can enroll.
HEAD_START = timedelta(hours=48)
LAST_COHORT = """
select cohort, status in ('draft', 'enrolling') as is_gathering from tracks
where series_id = $1 order by cohort desc limit 1
"""
BEGIN_SERIES = "update tracks set series_id = $1, cohort = $2 where id = $1"
JOIN_SERIES = "update tracks set series_id = $2, cohort = $3, title = $4, head_start_until = $5 where id = $1"
WAITING_IN_SERIES = """
select distinct w.user_id from waiting_list w join tracks t on t.id = w.track_id join users u on u.id = w.user_id
where t.series_id = $1 and u.blocked_at is null
"""
HEAD_START_UNTIL = "select head_start_until from tracks where id = $1"
WAITED_BEFORE = """
select exists (
    select from tracks t join tracks e on e.series_id = t.series_id and e.cohort < t.cohort
        join waiting_list w on w.track_id = e.id
    where t.id = $1 and w.user_id = $2)
"""
STOP_WAITING_BEFORE = """
delete from waiting_list w using tracks t, tracks e
where t.id = $1 and e.series_id = t.series_id and e.cohort < t.cohort and w.track_id = e.id and w.user_id = $2
"""


@dataclass(frozen=True, slots=True)
class NextCohort:
    """The new track, and how many users were asked first."""

    track_id: int
    asked_count: int


async def open_next_cohort(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> NextCohort:
    """Open the next cohort from one that has started, and notify users who wait for a place.

    Raises TrackNotFound, NotTheAuthor, TrackNotStarted, TrackCancelled, NextCohortOpen.
    """
    # Cohorts of a series are opened one after another. Its first one has the smallest id.
    series_id = await series_of(db, track_id=track_id)
    await lock_track(db, track_id=series_id)
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "copy", track=track, actor=actor)
    _ensure_has_started(track)
    number = await _next_number(db, track, series_id=series_id)
    copy_id = await copy_track(db, track_id=track_id, actor=actor, now=now)
    asked = await fetch_ids(db, WAITING_IN_SERIES, series_id)
    until = now + HEAD_START if asked else None
    title = title_of_cohort(track.title, number)
    await db.execute(JOIN_SERIES, copy_id, series_id, number, title, until)
    await learn_words(db, track_id=copy_id)
    opened = Announcement(
        event=f"next_cohort:{copy_id}", type="next_cohort", track_id=copy_id, due_at=until, parameters={"track": title}
    )
    await announce(db, opened, to=asked, now=now)
    return NextCohort(copy_id, len(asked))


async def ensure_head_start_over(db: Connection, *, track_id: int, user_id: int, now: datetime) -> None:
    """Raise HeadStart while only users who waited for an earlier cohort can enroll, and the user did not."""
    if await has_head_start(db, track_id=track_id, user_id=user_id):
        return
    until: datetime | None = await db.fetchval(HEAD_START_UNTIL, track_id)
    if until is not None and now < until:
        raise HeadStart


async def has_head_start(db: Connection, *, track_id: int, user_id: int) -> bool:
    """Say whether a user waits for a place on a cohort before this one."""
    waits: bool = await db.fetchval(WAITED_BEFORE, track_id, user_id)
    return waits


async def stop_waiting_before(db: Connection, *, track_id: int, user_id: int) -> None:
    """Take a user who has enrolled off the waiting lists of earlier cohorts."""
    await db.execute(STOP_WAITING_BEFORE, track_id, user_id)


def _ensure_has_started(track: TrackHead) -> None:
    if track.status == "cancelled":
        raise TrackCancelled
    if track.started_at is None:
        raise TrackNotStarted


async def _next_number(db: Connection, track: TrackHead, *, series_id: int) -> int:
    """Return the number of the next cohort; the first one of a new series gets its own."""
    last = await db.fetchrow(LAST_COHORT, series_id)
    if last is None:
        own = number_in(track.title) or 1
        await db.execute(BEGIN_SERIES, series_id, own)
        return own + 1
    if last["is_gathering"]:
        raise NextCohortOpen
    number: int = last["cohort"] + 1
    return number
