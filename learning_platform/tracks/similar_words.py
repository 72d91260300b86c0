"""Search that forgives a typo, and finds «докер» for Docker: by words that are spelled or sound similarly."""

from collections.abc import Sequence
from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids
from learning_platform.tracks.filters import TrackFilter

# In the order of the words: two requests that add the same words wait for each other in one direction only.
LEARN_WORDS = """
insert into known_words (word, skeleton, near)
select word, search_skeleton(word), near_forms(search_skeleton(word))
from tracks t, words_of_track(t.title || ' ' || array_to_string(t.tags, ' '), t.description) as w (word)
where t.id = $1 and t.is_listed order by word
on conflict do nothing
"""
# A migration creates `similar_query`. The planner does not see the value in `(select ...)`: see FOUND_TRACK_IDS.
SIMILAR_IDS = """
select id from tracks
where search @@ (select similar_query($3)) and not search @@ (select search_query($3)) and id > $1
    and ($2::text is null or track_status(status, finishes_at, $5) = $2)
    and (is_listed or $7 or id in (select * from track_ids_of($6)))
    and not ($10 and track_status(status, finishes_at, $5) in ('finished', 'cancelled'))
    and (($8::text[] = '{}' and $9::bigint is null) or search @@ (select track_query(null, $8, $9)))
order by id limit $4
"""
SIMILAR_IDS_NEWEST = """
select id from tracks
where search @@ (select similar_query($3)) and not search @@ (select search_query($3)) and id < $1
    and ($2::text is null or track_status(status, finishes_at, $5) = $2)
    and (is_listed or $7 or id in (select * from track_ids_of($6)))
    and not ($10 and track_status(status, finishes_at, $5) in ('finished', 'cancelled'))
    and (($8::text[] = '{}' and $9::bigint is null) or search @@ (select track_query(null, $8, $9)))
order by id desc limit $4
"""


async def learn_words(db: Connection, *, track_id: int) -> None:
    """Note the words of a track, if it is listed."""
    await db.execute(LEARN_WORDS, track_id)


async def similar_ids(
    db: Connection,
    wanted: TrackFilter,
    *,
    limit: int,
    now: datetime,
    after: int | None = None,
    before: int | None = None,
) -> Sequence[int]:
    """Return tracks that have not the words of the search but similar ones: by id, or the newest `before` an id."""
    statement = SIMILAR_IDS if before is None else SIMILAR_IDS_NEWEST
    start = after if before is None else before
    details = (*wanted.viewer_arguments, *wanted.detail_arguments, wanted.hides_over)
    return await fetch_ids(db, statement, start or 0, wanted.status, wanted.search, limit, now, *details)
