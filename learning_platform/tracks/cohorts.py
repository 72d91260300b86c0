"""Cohorts: tracks that repeat a course, numbered; each belongs to the series that its first cohort began."""

import re
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.tracks.queries import TRACKS, Track
from learning_platform.tracks.rules import TrackNotFound

MAX_TITLE_LENGTH = 200
# "Python, cohort 2", "Go (group 4)", "Основы SQL, поток 3", "Rust #2". Another number belongs to the title: "Python 3".
NUMBERED = re.compile(
    r"^(?P<before>.*?[\s,(])(?P<word>cohort|group|class|run|batch|intake|поток|группа|набор|выпуск|[#№])"
    r"(?P<gap>\s?)(?P<number>[1-9]\d{0,3})(?P<after>\)?)$",
    re.IGNORECASE,
)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# Those that the viewer may know of; hidden ones are shown to the people of each.
COHORT_IDS = """
select t.id from tracks here join tracks t on t.series_id = here.series_id
where here.id = $1 and (t.id = here.id or t.is_listed or $3 or t.id in (select * from track_ids_of($2)))
    and t.id > $4 order by t.id limit $5
"""
NEIGHBOURS = """
with others as (
    select t.id, t.title, t.cohort - here.cohort as distance
    from tracks here join tracks t on t.series_id = here.series_id and t.id <> here.id
    where here.id = $1 and (t.is_listed or $3 or t.id in (select * from track_ids_of($2)))
)
(select * from others where distance < 0 order by distance desc limit 1)
union all (select * from others where distance > 0 order by distance limit 1)
"""
SERIES_OF = "select coalesce(series_id, id) from tracks where id = $1"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The cohort before a track, or after it: `distance` is negative or positive."""

    id: int
    title: str
    distance: int


def number_in(title: str) -> int | None:
    """Return the number of the cohort that a title ends with, or None."""
    found = NUMBERED.match(title)
    return int(found["number"]) if found else None


def title_of_cohort(title: str, number: int) -> str:
    """Return the title of another cohort: its number replaces the one in the title, or is added."""
    found = NUMBERED.match(title)
    if found:
        ending = f"{found['word']}{found['gap']}{number}{found['after']}"
        return found["before"][: MAX_TITLE_LENGTH - len(ending)] + ending
    ending = f", {'поток' if CYRILLIC.search(title) else 'cohort'} {number}"
    return title[: MAX_TITLE_LENGTH - len(ending)].rstrip() + ending


async def series_of(db: Connection, *, track_id: int) -> int:
    """Return the series of a track: the id of its first cohort, or its own. Raises TrackNotFound."""
    series_id: int | None = await db.fetchval(SERIES_OF, track_id)
    if series_id is None:
        raise TrackNotFound
    return series_id


async def cohorts(
    db: Connection, *, track_id: int, viewer: Actor, after: int, limit: int, now: datetime
) -> list[Track]:
    """Return the cohorts of a track's series that the viewer may know of, by number; none for a single track."""
    ids = await fetch_ids(db, COHORT_IDS, track_id, viewer.user_id, viewer.is_admin, after, limit)
    return await fetch_values(db, Track, TRACKS, viewer.user_id, ids, now)


async def neighbours(db: Connection, *, track_id: int, viewer: Actor) -> list[Neighbour]:
    """Return the cohort before a track and the one after it, as far as the viewer may know of them."""
    return await fetch_values(db, Neighbour, NEIGHBOURS, track_id, viewer.user_id, viewer.is_admin)
