"""Lists of tracks for pages: the newest first, or those with the fewest free places first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import TRACKS, VISITOR, Track
from learning_platform.tracks.rules import TrackStatus
from learning_platform.tracks.similar_words import similar_ids

Sort = Literal["places", "effort"]
Order = Literal["newest", "places", "effort"]
# Where tracks are sorted that state no effort, are full, or are not open for enrollment.
NO_EFFORT, FULL, NOT_OPEN = 1_000, 999_999, 1_000_000
LAST_ID = 2**63 - 1
NEWEST_IDS = """
select id from tracks
where id < $1 and ($2::text is null
    or (status = any(track_status_stored_as($2)) and track_status(status, finishes_at, $4) = $2))
    and (is_listed or $6 or id in (select * from track_ids_of($5)))
    and not ($7 and track_status(status, finishes_at, $4) in ('finished', 'cancelled'))
order by id desc limit $3
"""
# This is tracks.queries.FOUND_TRACK_IDS in the reverse order.
NEWEST_FOUND_IDS = """
with near as materialized (
    select id from (
        select id, status, finishes_at, search, is_listed
        from tracks where id < $1 order by id desc limit 2 * $4::bigint) next
    where search @@ (select track_query($3, $8, $9))
        and not ($10 and track_status(status, finishes_at, $5) in ('finished', 'cancelled'))
        and ($2::text is null or track_status(status, finishes_at, $5) = $2)
        and (is_listed or $7 or id in (select * from track_ids_of($6))) order by id desc limit $4
), anywhere as materialized (
    select id from tracks where (select count(*) from near) < $4
        and search @@ (select track_query($3, $8, $9))
        and not ($10 and track_status(status, finishes_at, $5) in ('finished', 'cancelled')) and id < $1
        and ($2::text is null or track_status(status, finishes_at, $5) = $2)
        and (is_listed or $7 or id in (select * from track_ids_of($6)))
)
select id from near union select id from anywhere order by id desc limit $4
"""
# By what a page is sorted other than by age: the fewest free places, then full tracks; or the least effort. $10 leaves
# out what is over; then the index by status leaves few tracks to sort. A page begins after the track $1, or with 0 at
# the first. By what that track was sorted is $12: meanwhile its last place may be taken, and its present value would
# skip others.
SORTED_IDS = """
with wanted as (
    select id, case when $11 = 'effort' then coalesce(effort, 1000)
        when status <> 'enrolling' then 1000000
        when participants_count >= required_participants then 999999
        else required_participants - participants_count end as key
    from tracks
    where status = any(case when $10 then array['draft', 'enrolling', 'running']
            else array['draft', 'enrolling', 'running', 'finished', 'cancelled'] end)
        and not ($10 and track_status(status, finishes_at, $5) in ('finished', 'cancelled'))
        and ($2::text is null or track_status(status, finishes_at, $5) = $2)
        and (($3::text is null and $8::text[] = '{}' and $9::bigint is null)
            or search @@ (select track_query($3, $8, $9)))
        and (is_listed or $7 or id in (select * from track_ids_of($6)))
)
select id from wanted
where $1::bigint = 0 or (key, -id) > (coalesce($12::bigint, (
    select case when $11 = 'effort' then coalesce(effort, 1000)
        when status <> 'enrolling' then 1000000
        when participants_count >= required_participants then 999999
        else required_participants - participants_count end
    from tracks where id = $1)), -$1)
order by key, id desc limit $4
"""
NEARLY_FULL_IDS = """
select id from tracks where status = 'enrolling' and is_listed
order by participants_count >= required_participants, required_participants - participants_count, id desc limit $1
"""
# Search engines get the listed tracks in parts, each of a range of ids, so that a part stays the same when tracks are
# added. Each step finds the next track after a part.
TRACKS_PER_SITEMAP = 5_000
SITEMAP_NUMBERS = """
with recursive parts (number) as (
    select (select id from tracks where is_listed order by id limit 1) / $1
    union all
    select (select id from tracks where is_listed and id >= (p.number + 1) * $1 order by id limit 1) / $1
    from parts p where p.number is not null
)
select number from parts where number is not null
"""
LISTED_IDS = """
select id from tracks where is_listed and id >= $1 * $2::bigint and id < ($1 + 1) * $2::bigint order by id
"""
OTHER_TRACKS = """
select t.id, t.title, track_status(t.status, t.finishes_at, $3) as status, t.participants_count, t.required_participants
from tracks t where t.author_id = $1 and t.is_listed and t.id <> $2 and t.status <> 'cancelled'
order by case track_status(t.status, t.finishes_at, $3) when 'enrolling' then 0 when 'running' then 1 else 2 end,
    t.id desc
limit $4
"""
STAFFED_IDS = """
select id from tracks where author_id = $1 union select track_id from track_staff where user_id = $1
order by id desc limit $2
"""


@dataclass(frozen=True, slots=True)
class OtherTrack:
    """Another track of the same author."""

    id: int
    title: str
    status: TrackStatus
    participants_count: int
    required_participants: int


async def newest_tracks(db: Connection, wanted: TrackFilter, *, before: int, limit: int, now: datetime) -> list[Track]:
    """Return tracks with an id below `before`, the newest first, those with all words of the search."""
    viewer, words = wanted.viewer_arguments, wanted.words
    if words or not wanted.details.is_empty:
        details = (*viewer, *wanted.detail_arguments, wanted.hides_over)
        ids = await fetch_ids(db, NEWEST_FOUND_IDS, before, wanted.status, words, limit, now, *details)
    else:
        ids = await fetch_ids(db, NEWEST_IDS, before, wanted.status, limit, now, *viewer, wanted.hides_over)
    return _newest_first(await fetch_values(db, Track, TRACKS, wanted.viewer.user_id, ids, now))


async def sorted_tracks(
    db: Connection, wanted: TrackFilter, *, sort: Sort, after: int, value: int | None = None, limit: int, now: datetime
) -> list[Track]:
    """Return the tracks that follow the track `after` (0: the first ones) in the order of `sort`.

    `value`: the sort_value of that track when it was listed; without it, its present one.
    """
    details = (*wanted.viewer_arguments, *wanted.detail_arguments, wanted.hides_over, sort, value)
    ids = await fetch_ids(db, SORTED_IDS, after, wanted.status, wanted.words, limit, now, *details)
    return _in_order(ids, await fetch_values(db, Track, TRACKS, wanted.viewer.user_id, ids, now))


def sort_value(track: Track, sort: Order | None) -> int | None:
    """Return by what SORTED_IDS sorts a track; None for the orders in which the id says it."""
    if sort == "effort":
        return NO_EFFORT if track.effort is None else track.effort
    if sort == "places":
        if track.status != "enrolling":
            return NOT_OPEN
        free = track.required_participants - track.participants_count
        return free if free > 0 else FULL
    return None


async def tracks_in_order(
    db: Connection, wanted: TrackFilter, *, order: Order, after: int, value: int | None, limit: int, now: datetime
) -> list[Track]:
    """Return the tracks that follow the track `after` (0: the first ones) in an order; `value` as for sorted_tracks."""
    if order == "newest":
        return await newest_tracks(db, wanted, before=after or LAST_ID, limit=limit, now=now)
    return await sorted_tracks(db, wanted, sort=order, after=after, value=value, limit=limit, now=now)


async def tracks_or_similar_ones(
    db: Connection, wanted: TrackFilter, *, order: Order, after: int, value: int | None, limit: int, now: datetime
) -> list[Track]:
    """Return tracks as tracks_in_order, or if none has the words of the search, the newest with similar words."""
    found = await tracks_in_order(db, wanted, order=order, after=after, value=value, limit=limit, now=now)
    if found or wanted.words is None:
        return found
    # Only if there is none on earlier pages either.
    if after and await tracks_in_order(db, wanted, order=order, after=0, value=None, limit=1, now=now):
        return []
    return await similar_tracks(db, wanted, before=after or LAST_ID, limit=limit, now=now)


async def similar_tracks(db: Connection, wanted: TrackFilter, *, before: int, limit: int, now: datetime) -> list[Track]:
    """Return tracks below an id that have similar words instead of those of the search, the newest first."""
    ids = await similar_ids(db, wanted, before=before, limit=limit, now=now)
    return _newest_first(await fetch_values(db, Track, TRACKS, wanted.viewer.user_id, ids, now))


async def enrolling_tracks(db: Connection, *, limit: int, now: datetime) -> list[Track]:
    """Return the tracks open for enrolment, the fewest free places first and full ones last, as a visitor sees them."""
    ids = await fetch_ids(db, NEARLY_FULL_IDS, limit)
    found = await fetch_values(db, Track, TRACKS, VISITOR.user_id, ids, now)
    return _in_order(ids, found)


async def staffed_tracks(db: Connection, *, user_id: int, limit: int, now: datetime) -> list[Track]:
    """Return the tracks on whose staff the user is, the newest first."""
    ids = await fetch_ids(db, STAFFED_IDS, user_id, limit)
    return _newest_first(await fetch_values(db, Track, TRACKS, user_id, ids, now))


async def other_tracks(db: Connection, track: Track, *, limit: int, now: datetime) -> list[OtherTrack]:
    """Return other listed tracks of a track's author, those that are open for enrollment first."""
    return await fetch_values(db, OtherTrack, OTHER_TRACKS, track.author_id, track.id, now, limit)


async def sitemap_numbers(db: Connection) -> Sequence[int]:
    """Return the numbers of the parts in which search engines get the listed tracks."""
    return await fetch_ids(db, SITEMAP_NUMBERS, TRACKS_PER_SITEMAP)


async def listed_ids(db: Connection, *, sitemap: int) -> Sequence[int]:
    """Return the ids of the listed tracks of one part."""
    return await fetch_ids(db, LISTED_IDS, sitemap, TRACKS_PER_SITEMAP)


def _in_order(ids: Sequence[int], tracks: list[Track]) -> list[Track]:
    return sorted(tracks, key=lambda track: ids.index(track.id))


def _newest_first(tracks: list[Track]) -> list[Track]:
    return sorted(tracks, key=lambda track: track.id, reverse=True)
