"""Leave a running track for good: one's claims go to others, nothing more is owed, what was handed in stays."""

from collections.abc import Sequence
from datetime import datetime

from learning_platform.attempts.rules import NotEnrolled, TrackNotStarted, ensure_has_not_left
from learning_platform.attempts.schedule import unschedule
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.reviews.claims import release
from learning_platform.reviews.threads.drafts import drop_drafts_on_tracks
from learning_platform.tracks.leaver_notice import notify_staff_of_leaver
from learning_platform.tracks.queries import lock_track, participation
from learning_platform.tracks.rules import ensure_not_over

LOCK_RUNNING_TRACKS = """
select t.id from tracks t
where t.status = 'running' and t.finishes_at > $2
    and exists (select from participants p where p.track_id = t.id and p.user_id = $1 and p.left_at is null)
order by t.id for no key update
"""
LEAVE = """
update participants set left_at = $3 where track_id = any($1::bigint[]) and user_id = $2 and left_at is null
returning track_id
"""
COUNT_LEAVER = "update tracks set participants_count = participants_count - 1 where id = any($1::bigint[])"
OWE_NOTHING = """
update attempts set finished_at = $3, excused_at = $3,
    excused_reviews = greatest(coalesce(reviews_required, 0) - reviews_done, 0),
    reviews_required = least(reviews_required, reviews_done)
where track_id = any($1::bigint[]) and user_id = $2 and finished_at is null
"""
RELEASE_CLAIMS = """
with held as (
    select c.id, c.counts, s.id as own_submission_id
    from claims c join assignments a on a.id = c.assignment_id
        left join submissions s on s.assignment_id = a.id and s.user_id = c.reviewer_id
    where a.track_id = any($1::bigint[]) and c.reviewer_id = $2 and c.state = 'open' for update of c
)
update claims c set state = 'released', counts = false, ended_at = $3 from held
where c.id = held.id returning c.submission_id, held.counts, held.own_submission_id
"""
# After the claims and what they were on, as the order of locks has it.
REVIEW_LAST = """
update submissions set author_owes = false, author_left = true
where id in (
    select s.id from submissions s join assignments a on a.id = s.assignment_id
    where a.track_id = any($1::bigint[]) and s.user_id = $2 order by s.id for no key update of s
)
"""


async def leave_for_good(db: Connection, *, track_id: int, user_id: int, now: datetime) -> None:
    """Leave a running track. Raises TrackNotFound, NotEnrolled, TrackLeft, TrackNotStarted, TrackOver."""
    track = await lock_track(db, track_id=track_id)
    standing = await participation(db, track_id=track_id, user_id=user_id)
    if standing == "none":
        raise NotEnrolled
    ensure_has_not_left(has_left=standing == "left")
    if track.status == "enrolling":
        raise TrackNotStarted
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    await _leave(db, track_ids=[track_id], user_id=user_id, now=now)
    await notify_staff_of_leaver(db, track, user_id=user_id, now=now)


async def leave_running_tracks(db: Connection, *, user_id: int, now: datetime) -> None:
    """Leave every track that is under way. Locks those tracks, in the order of their ids."""
    track_ids = await fetch_ids(db, LOCK_RUNNING_TRACKS, user_id, now)
    await _leave(db, track_ids=track_ids, user_id=user_id, now=now)


async def _leave(db: Connection, *, track_ids: Sequence[int], user_id: int, now: datetime) -> None:
    """Leave tracks whose rows are locked."""
    left = await fetch_ids(db, LEAVE, track_ids, user_id, now)
    await db.execute(COUNT_LEAVER, left)
    await db.execute(OWE_NOTHING, track_ids, user_id, now)
    await unschedule(db, track_ids=track_ids, user_id=user_id)
    for row in await db.fetch(RELEASE_CLAIMS, track_ids, user_id, now):
        if row["counts"]:
            await release(db, submission_id=row["submission_id"], own_submission_id=row["own_submission_id"])
    await db.execute(REVIEW_LAST, track_ids, user_id)
    await drop_drafts_on_tracks(db, track_ids=track_ids, writer_id=user_id)
