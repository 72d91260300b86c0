"""Details of tracks: tracks are found by them, sorted by them, and copies keep them."""

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.tracks.actions import copy_track
from learning_platform.tracks.browsing import Sort, newest_tracks, sort_value, sorted_tracks
from learning_platform.tracks.details import (
    DETAILS,
    DetailFilter,
    Details,
    DetailsChange,
    Level,
    listed_languages,
    set_details,
)
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import track, tracks
from tests import make

pytestmark = pytest.mark.anyio
STATED = {
    "Python": Details("en", "beginner", ["python", "c++ & friends"], 3),
    "Основы": Details("ru", "beginner", ["python", "it's \\ here"], 10),
    "Rust": Details("en", "advanced", ["rust"], None),
    "Silence": Details(),
}
FOUND = [
    (None, DetailFilter(language="en"), ["Python", "Rust"]),
    (None, DetailFilter(language="en", level="beginner"), ["Python"]),
    (None, DetailFilter(tag="python"), ["Python", "Основы"]),
    (None, DetailFilter(tag="c++ & friends"), ["Python"]),
    (None, DetailFilter(tag="it's \\ here"), ["Основы"]),
    (None, DetailFilter(tag="pyth"), []),
    (None, DetailFilter(tag="' | 'x"), []),
    (None, DetailFilter(max_effort=3), ["Python"]),
    (None, DetailFilter(max_effort=60), ["Python", "Основы"]),
    (None, DetailFilter(language="ru", max_effort=3), []),
    ("friends", DetailFilter(), ["Python"]),
    ("основы", DetailFilter(language="ru"), ["Основы"]),
    ("основы", DetailFilter(language="en"), []),
    # Words do not find what a detail is called.
    ("level", DetailFilter(), []),
    ("beginner", DetailFilter(), []),
]


@pytest.fixture
async def viewer(db: Connection) -> Actor:
    """Return the author of tracks with details."""
    author = Actor(await make.user(db))
    for title, stated in STATED.items():
        track_id = await make.track(db, author_id=author.user_id, title=title)
        await set_details(db, track_id=track_id, change=DetailsChange(DETAILS, stated))
    return author


@pytest.mark.parametrize(("search", "wanted", "titles"), FOUND)
async def test_tracks_are_found_by_details(
    db: Connection, viewer: Actor, search: str | None, wanted: DetailFilter, titles: list[str]
) -> None:
    asked = TrackFilter(viewer, search=search, details=wanted)
    found = await tracks(db, asked, after=0, limit=9, now=make.NOON)
    newest = await newest_tracks(db, asked, before=2**62, limit=9, now=make.NOON)
    assert [each.title for each in found] == titles
    assert [each.title for each in newest] == titles[::-1]


@pytest.mark.parametrize(
    ("sort", "titles"),
    [("effort", ["Python", "Основы", "Silence", "Rust"]), ("places", ["Rust", "Основы", "Python", "Silence"])],
)
async def test_sorted_tracks_come_page_by_page(db: Connection, viewer: Actor, sort: Sort, titles: list[str]) -> None:
    await db.execute("update tracks set required_participants = 3 where title = 'Rust'")
    # A full track that starts on a date comes after those with free places.
    await db.execute("update tracks set participants_count = required_participants where title = 'Silence'")
    wanted, pages, after, value = TrackFilter(viewer, hides_over=True), list[str](), 0, None
    while found := await sorted_tracks(db, wanted, sort=sort, after=after, value=value, limit=1, now=make.NOON):
        pages += [each.title for each in found]
        after, value = found[-1].id, sort_value(found[-1], sort)
    assert pages == titles
    for each in await tracks(db, wanted, after=0, limit=9, now=make.NOON):
        following = await sorted_tracks(db, wanted, sort=sort, after=each.id, limit=9, now=make.NOON)
        assert [next_one.title for next_one in following] == titles[titles.index(each.title) + 1 :]


async def test_a_page_begins_where_the_one_before_ended_though_that_track_is_full_or_gone(
    db: Connection, viewer: Actor
) -> None:
    wanted = TrackFilter(viewer, status="enrolling")
    everything = await sorted_tracks(db, wanted, sort="places", after=0, limit=9, now=make.NOON)
    first, *others = [each.id for each in everything]
    value = sort_value(everything[0], "places")
    for change in ("update tracks set status = 'cancelled' where id = $1", "delete from tracks where id = $1"):
        await db.execute(change, first)
        found = await sorted_tracks(db, wanted, sort="places", after=first, value=value, limit=9, now=make.NOON)
        assert [each.id for each in found] == others


async def test_a_copy_keeps_the_details(db: Connection, viewer: Actor) -> None:
    (original,) = await tracks(db, TrackFilter(viewer, search="Основы"), after=0, limit=1, now=make.NOON)
    copy_id = await copy_track(db, track_id=original.id, actor=viewer, now=make.NOON)
    copied = await track(db, track_id=copy_id, viewer=viewer, now=make.NOON)
    level: Level | None = copied.level
    assert Details(copied.language, level, copied.tags, copied.effort) == STATED["Основы"]


async def test_the_languages_to_choose_from_are_those_of_listed_tracks(db: Connection, viewer: Actor) -> None:
    assert await listed_languages(db) == ["en", "ru"]
    await db.execute("update tracks set visibility = 'private' where language = 'ru'")
    assert await listed_languages(db) == ["en"]
