"""Names with signs in them: what is searched for and what is searched in are cut alike."""

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.tracks.browsing import newest_tracks
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import tracks
from tests import make

MAX_ID = 2**53
TITLES = [
    "Programming in C", "Modern C++20 by example", "C# for beginners", "F# and functional thinking",
    "Q# on quanta", ".NET from the inside", "ASP.NET Core", "Node.js in production", "Vue.js step by step",
    "Three.js scenes", "CI/CD with GitLab", "TCP/IP basics", "PL/SQL developers", "Objective-C for the Mac",
    "T-SQL tuning", "R: statistics", "D without tears", "Go routines", "Pair programming in C/C++",
    "Notepad++ plugins", "UTF-8 everywhere", "x86-64 assembly", "1С:Предприятие", "Курс с нуля: CSS",
    "HTML+CSS", "Учёт в 1C", "A* path finding", "OAuth 2.0", "The rest of REST",
]  # fmt: skip
# What is typed, and all that is to be found of the titles above.
FOUND = {
    "C": ["Programming in C", "Objective-C for the Mac", "Pair programming in C/C++"],
    "c++": ["Modern C++20 by example", "Pair programming in C/C++"],
    "С++": ["Modern C++20 by example", "Pair programming in C/C++"],  # A Cyrillic С.
    "C++20": ["Modern C++20 by example"],
    "C#": ["C# for beginners"],
    "с#": ["C# for beginners"],  # A Cyrillic с.
    "F#": ["F# and functional thinking"],
    "Q#": ["Q# on quanta"],
    ".NET": [".NET from the inside", "ASP.NET Core"],
    "dotnet": [".NET from the inside", "ASP.NET Core"],
    "net core": ["ASP.NET Core"],
    "ASP.NET": ["ASP.NET Core"],
    "Node.js": ["Node.js in production"],
    "nodejs": ["Node.js in production"],
    "node js": ["Node.js in production"],
    "Vue.js": ["Vue.js step by step"],
    "vue": ["Vue.js step by step"],
    "three.js": ["Three.js scenes"],
    "CI/CD": ["CI/CD with GitLab"],
    "ci cd": ["CI/CD with GitLab"],
    "TCP/IP": ["TCP/IP basics"],
    "PL/SQL": ["PL/SQL developers"],
    "sql": ["PL/SQL developers", "T-SQL tuning"],
    "Objective-C": ["Objective-C for the Mac"],
    "T-SQL": ["T-SQL tuning", "PL/SQL developers"],  # T is a word of English that is not searched for.
    "R": ["R: statistics"],
    "D": ["D without tears"],
    "Go": ["Go routines"],
    "C/C++": ["Pair programming in C/C++"],
    "notepad++": ["Notepad++ plugins"],
    "UTF-8": ["UTF-8 everywhere"],
    "x86-64": ["x86-64 assembly"],
    "1С": ["1С:Предприятие", "Учёт в 1C"],
    "1C": ["1С:Предприятие", "Учёт в 1C"],
    "с нуля": ["Курс с нуля: CSS"],
    "учет": ["Учёт в 1C"],
    "html css": ["HTML+CSS"],
    "html+css": ["HTML+CSS"],
    "OAuth 2.0": ["OAuth 2.0"],
    "oauth2": [],
    "%": [],
    "_": [],
    "'; --": [],
    "++": [],
    "  ": TITLES,
    "": TITLES,
}

# Where none has the words, the list of the API has those with similar ones.
SIMILAR = {"oauth2": ["OAuth 2.0"]}


@pytest.fixture
async def author_id(db: Connection) -> int:
    """Return the author of a track for each of the titles."""
    author_id = await make.user(db)
    for title in TITLES:
        await make.track(db, author_id=author_id, title=title)
    return author_id


@pytest.mark.parametrize("typed", FOUND)
async def test_names_with_signs_are_found_and_not_confused(db: Connection, author_id: int, typed: str) -> None:
    wanted = TrackFilter(Actor(author_id), search=typed)
    found = await tracks(db, wanted, after=0, limit=100, now=make.NOON)
    newest = await newest_tracks(db, wanted, before=MAX_ID, limit=100, now=make.NOON)
    assert sorted(each.title for each in found) == sorted(FOUND[typed] or SIMILAR.get(typed, []))
    assert sorted(each.title for each in newest) == sorted(FOUND[typed])


@pytest.mark.parametrize("title", TITLES)
async def test_a_track_is_found_by_its_title(db: Connection, author_id: int, title: str) -> None:
    found = await tracks(db, TrackFilter(Actor(author_id), search=title), after=0, limit=100, now=make.NOON)
    assert title in [each.title for each in found]


@pytest.mark.parametrize("unit", ["a", "+", "c++", "с+", "a#", ".net", "a.js ", "ё", "1с", "\u0301", "/", "a.j"])
async def test_hostile_texts_are_cut_as_well(db: Connection, unit: str) -> None:
    track_id = await make.track(db, author_id=await make.user(db))
    await db.execute("update tracks set description = $2 where id = $1", track_id, (unit * 50_000)[:50_000])
    assert await db.fetchval("select search is not null from tracks where id = $1", track_id)
