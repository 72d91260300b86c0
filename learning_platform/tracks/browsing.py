"""Lists of tracks for pages: the newest first, or those with the fewest free places first."""

from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.tracks.queries import TRACKS, Track
from learning_platform.tracks.rules import TrackStatus

NO_VIEWER = 0
NEWEST_IDS = """
select id from tracks
where id < $1 and ($2::text is null
    or (status = any(track_status_stored_as($2)) and track_status(status, finishes_at, $4) = $2))
order by id desc limit $3
"""
# This is tracks.queries.FOUND_TRACK_IDS in the reverse order.
NEWEST_FOUND_IDS = """
with near as materialized (
    select id from (
        select id, status, finishes_at, search from tracks where id < $1 order by id desc limit 2 * $4::bigint) next
    where search @@ (select search_query($3))
        and ($2::text is null or track_status(status, finishes_at, $5) = $2) order by id desc limit $4
), anywhere as materialized (
    select id from tracks where (select count(*) from near) < $4
        and search @@ (select search_query($3)) and id < $1
        and ($2::text is null or track_status(status, finishes_at, $5) = $2)
)
select id from near union select id from anywhere order by id desc limit $4
"""
NEARLY_FULL_IDS = """
select id from tracks where status = 'enrolling' order by required_participants - participants_count, id desc limit $1
"""
AUTHORED_IDS = "select id from tracks where author_id = $1 order by id desc limit $2"


async def newest_tracks(
    db: Connection,
    *,
    viewer_id: int,
    status: TrackStatus | None,
    search: str,
    before: int,
    limit: int,
    now: datetime,
) -> list[Track]:
    """Return tracks with an id below `before`, the newest first, those with all words of `search`."""
    if search.strip():
        ids = await fetch_ids(db, NEWEST_FOUND_IDS, before, status, search, limit, now)
    else:
        ids = await fetch_ids(db, NEWEST_IDS, before, status, limit, now)
    return _newest_first(await fetch_values(db, Track, TRACKS, viewer_id, ids, now))


async def enrolling_tracks(db: Connection, *, limit: int, now: datetime) -> list[Track]:
    """Return the tracks open for enrolment, those with the fewest free places first, as a visitor sees them."""
    ids = await fetch_ids(db, NEARLY_FULL_IDS, limit)
    found = await fetch_values(db, Track, TRACKS, NO_VIEWER, ids, now)
    return sorted(found, key=lambda track: ids.index(track.id))


async def authored_tracks(db: Connection, *, user_id: int, limit: int, now: datetime) -> list[Track]:
    """Return the tracks the user created, the newest first."""
    ids = await fetch_ids(db, AUTHORED_IDS, user_id, limit)
    return _newest_first(await fetch_values(db, Track, TRACKS, user_id, ids, now))


def _newest_first(tracks: list[Track]) -> list[Track]:
    return sorted(tracks, key=lambda track: track.id, reverse=True)
