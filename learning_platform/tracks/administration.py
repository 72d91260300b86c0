"""All tracks for administrators, with their staff: searched, sorted and counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.tracks.queries import TRACKS, VISITOR, Track
from learning_platform.tracks.rules import StaffRole, TrackStatus

TrackSort = Literal["created", "title", "author", "participants", "ends"]

# $1 a status at $2; $3 words of the track, or a part of its title or of the username of one of its staff.
# Ordered by $4, the largest first if $5.
CHOSEN_TRACK_IDS = """
select t.id from tracks t join users u on u.id = t.author_id
where ($1::text is null
        or (t.status = any(track_status_stored_as($1)) and track_status(t.status, t.finishes_at, $2) = $1))
    and ($3::text is null
        or (t.search @@ (select track_query($3, '{}', null)))
        or position(lower($3) in lower(t.title)) > 0
        or position(lower($3) in lower(u.username)) > 0
        or exists (select from track_staff f join users s on s.id = f.user_id
            where f.track_id = t.id and position(lower($3) in lower(s.username)) > 0))
order by
    case when $5::boolean then
        case $4::text when 'participants' then t.participants_count
            when 'ends' then extract(epoch from t.finishes_at) when 'created' then t.id end
    end desc nulls last,
    case when not $5 then
        case $4 when 'participants' then t.participants_count
            when 'ends' then extract(epoch from t.finishes_at) when 'created' then t.id end
    end nulls last,
    case when $5 then case $4 when 'title' then lower(t.title) when 'author' then lower(u.username) end end desc,
    case when not $5 then case $4 when 'title' then lower(t.title) when 'author' then lower(u.username) end end,
    t.id desc
"""
STAFF_OF_TRACKS = """
select f.track_id, f.role, u.username from track_staff f join users u on u.id = f.user_id
where f.track_id = any($1::bigint[]) and f.role <> 'author' order by f.role, lower(u.username)
"""


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """The tracks asked for; "" and None leave nothing out."""

    search: str
    status: TrackStatus | None
    sort: TrackSort
    is_descending: bool


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A co-author or mentor of a track."""

    track_id: int
    role: StaffRole
    username: str


async def chosen_track_ids(db: Connection, choice: TrackChoice, *, now: datetime) -> Sequence[int]:
    """Return the ids of all tracks that fit, in order."""
    search = choice.search.strip() or None
    asked = (choice.status, now, search, choice.sort, choice.is_descending)
    return await fetch_ids(db, CHOSEN_TRACK_IDS, *asked)


async def tracks_in_order(db: Connection, *, ids: Sequence[int], now: datetime) -> list[Track]:
    """Return these tracks, in the order of their ids here."""
    found = {each.id: each for each in await fetch_values(db, Track, TRACKS, VISITOR.user_id, ids, now)}
    return [found[id] for id in ids if id in found]


async def staff_of_tracks(db: Connection, *, ids: Sequence[int]) -> Mapping[int, Sequence[StaffMember]]:
    """Return the co-authors and mentors of these tracks."""
    staff: defaultdict[int, list[StaffMember]] = defaultdict(list)
    for member in await fetch_values(db, StaffMember, STAFF_OF_TRACKS, ids):
        staff[member.track_id].append(member)
    return staff
