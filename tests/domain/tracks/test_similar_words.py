"""Search forgives a typo, and finds a word in the other alphabet."""

from typing import Any

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.tracks.actions import AssignmentDraft, TrackDraft, create_track
from learning_platform.tracks.browsing import newest_tracks, similar_tracks
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import tracks
from tests import make

MAX_ID = 2**53
TITLES = [
    "Docker на практике", "Докер для всех", "Python basics", "Kubernetes in production", "Изучаем питон",
    "JavaScript today", "Rust, gently", "The rest of REST", "Вёрстка без магии", "Linux for beginners", "Go routines",
]  # fmt: skip
# What is typed, what has it, and what has words that are similar.
FOUND = {
    "docker": (["Docker на практике"], ["Докер для всех"]),
    "докер": (["Докер для всех"], ["Docker на практике"]),
    "доккер": ([], ["Docker на практике", "Докер для всех"]),
    "dokcer": ([], ["Docker на практике", "Докер для всех"]),
    "pyton": ([], ["Python basics", "Изучаем питон"]),
    "пайтон": ([], ["Python basics", "Изучаем питон"]),
    "kubernets prodution": ([], ["Kubernetes in production"]),
    "кубернетес": ([], ["Kubernetes in production"]),
    "джаваскрипт": ([], ["JavaScript today"]),
    "линукс": ([], ["Linux for beginners"]),
    "го": ([], ["Go routines"]),
    "верска": ([], ["Вёрстка без магии"]),
    "rust": (["Rust, gently"], []),
    "zzzzzz": ([], []),
    "'; -- \\": ([], []),
    "docker zzzzzz": ([], []),
}


async def both(db: Connection, viewer: Actor, typed: str) -> tuple[list[str], list[str]]:
    """Return the titles that search finds on the page: with the words, and with similar ones."""
    wanted = TrackFilter(viewer, search=typed)
    exact = await newest_tracks(db, wanted, before=MAX_ID, limit=100, now=make.NOON)
    similar = await similar_tracks(db, wanted, before=MAX_ID, limit=100, now=make.NOON)
    return [each.title for each in exact], [each.title for each in similar]


async def test_similar_words_are_found_after_those_that_were_typed(db: Connection) -> None:
    author_id = await make.user(db)
    for title in TITLES:
        await make.track(db, author_id=author_id, title=title)
    wrong = {}
    for typed, expected in FOUND.items():
        found = await both(db, Actor(author_id), typed)
        if tuple(map(sorted, found)) != tuple(map(sorted, expected)):
            wrong[typed] = found
    assert not wrong


async def test_programs_get_similar_words_where_no_track_has_those_that_were_typed(db: Connection) -> None:
    author_id = await make.user(db)
    for title in TITLES:
        await make.track(db, author_id=author_id, title=title)

    async def listed(typed: str, after: int = 0) -> list[str]:
        found = await tracks(db, TrackFilter(Actor(author_id), search=typed), after=after, limit=1, now=make.NOON)
        return [each.title for each in found]

    assert await listed("докер") == ["Докер для всех"]
    assert await listed("доккер") == ["Docker на практике"]
    first = await db.fetchval("select id from tracks where title = $1", TITLES[0])
    second = await db.fetchval("select id from tracks where title = $1", TITLES[1])
    assert await listed("доккер", after=first) == ["Докер для всех"]
    assert await listed("доккер", after=second) == []
    assert await listed("докер", after=second) == []


@pytest.mark.parametrize("hidden", [{"is_draft": True}, {"visibility": "private"}])
async def test_words_of_hidden_tracks_are_neither_kept_nor_found(db: Connection, hidden: dict[str, Any]) -> None:
    author_id = await make.user(db)
    draft = TrackDraft("Zanzibar", "", 5, 10, make.CRITERIA, [AssignmentDraft("One", "", 1)], **hidden)
    await create_track(db, author_id=author_id, draft=draft, now=make.NOON)
    assert await db.fetchval("select count(*) from known_words where word like 'zanzib%'") == 0
    assert await both(db, Actor(await make.user(db)), "zanzbar") == ([], [])
