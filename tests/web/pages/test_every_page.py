"""What holds for every page: a bounded number of statements, nothing inline, whole in both languages."""

import asyncio
import re
from collections import Counter
from typing import Any

import pytest

from learning_platform.core.languages import Language
from tests.people import School
from tests.web.pages.browsing import NUMBER, Browser, every_kind_of_page, signed_in, words
from tests.web.pages.counting import counted_statements, recorded_statements

pytestmark = pytest.mark.anyio
# The session and the unread messages are two statements of each.
MAX_STATEMENTS = {
    "/": 10,
    "/tracks": 5,
    "/tracks/1": 9,
    "/notifications": 4,
    "/settings": 3,
    "/settings/profile": 3,
    "/settings/security": 6,
    "/settings/tokens": 4,
    "/settings/data": 4,
    "/settings/export": 39,
    "/assignments/1": 8,
    "/assignments/1/review": 8,
    "/assignments/1/reviews": 12,
}
BEGINNINGS = ("/", "/assignments/1/review", "/assignments/1/reviews", "/tracks/1/board", "/admin")
VISITORS_PAGES = ("/", "/register", "/sign-in")
ATTRIBUTE = re.compile(r'\b(?:alt|aria-label|placeholder|title)="([^"]*)"')
LATIN_WORD = re.compile(r"(?<![\w./@])[A-Za-z]{2,}(?![\w./@])")
# Names, the language to choose, and what the reviewers of the tests write.
LATIN_IN_RUSSIAN = {
    "Learning",
    "Platform",
    "API",
    "CSV",
    # An example of a roster.
    "Alice",
    "Smith",
    # The command for a push.
    "git",
    "Git",
    "push",
    "http",
    "HEAD",
    "main",
    "Excel",
    "JSON",
    # Keys of the keyboard.
    "Ctrl",
    "Enter",
    "UTC",
    "Markdown",
    # An example of a tag, and the name "JSON Schema".
    "python",
    "Schema",
    "https",
    "English",
    "because",
    "thought",
}
IN_RUSSIAN = {
    "title": "Основы",
    "description": "С нуля",
    "criteria": [{"name": "Верность", "description": "Делает, что нужно", "max_score": 10}],
    "assignments": [{"title": f"Задание {n}", "description": "Сделать", "duration_hours": 10} for n in (1, 2)],
}
INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


async def reviewed_life(school: School, language: Language = "en", **track: Any) -> Browser:
    """Return the browser of a user who has reviewed and was reviewed."""
    people = [await school.person(language=language), *await school.people(4)]
    await school.running_track(people[0], people, **track)
    for person in people:
        await person.submit(1)
        await person.ok("POST", "/assignments/1/diary", 201, json={"text": "A *thought*", "visibility": "track"})
    await school.advance(hours=10)
    for person in people:
        await person.review_all(1)
    return signed_in(school, people[0])


async def test_pages_cost_a_bounded_number_of_statements(school: School) -> None:
    browser = await reviewed_life(school)
    for path, most in MAX_STATEMENTS.items():
        with counted_statements() as statements:
            assert (await browser.get(path)).status_code == 200
        assert len(statements) <= most, f"{path}: {len(statements)}\n" + "\n".join(statements)


async def test_statements_of_background_tasks_are_not_counted_for_a_page(school: School) -> None:
    browser = await reviewed_life(school)
    is_loaded = asyncio.Event()
    school.services.revocations.on_change = is_loaded.set
    with counted_statements() as alone:
        await browser.see("/tracks")
    with counted_statements() as statements:
        school.services.revocations.refresh()
        await asyncio.wait_for(is_loaded.wait(), 10)
        await browser.see("/tracks")
    assert statements == alone


async def test_no_page_reads_the_same_twice(school: School) -> None:
    reader = await reviewed_life(school)
    root = await school.person(role="admin")
    kinds, twice = set[str](), dict[str, list[str]]()
    with recorded_statements() as statements:
        for browser in (reader, signed_in(school, root)):
            statements.clear()
            async for path, response in every_kind_of_page(browser, *BEGINNINGS):
                if not response.history and response.status_code == 200:
                    kinds.add(NUMBER.sub("0", path))
                    twice |= {path: again} if (again := repeated(statements)) else {}
                statements.clear()
    assert twice == {}
    assert {
        "/assignments/0",
        "/tracks/0/board",
        "/submissions/0/reviews",
        "/submissions/0/review",
        "/admin/users",
    } <= kinds


def repeated(statements: list[tuple[str, str]]) -> list[str]:
    """Return the statements that were run again with the same arguments."""
    return [
        f"{statement.strip()} {arguments}" for (statement, arguments), times in Counter(statements).items() if times > 1
    ]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_pages_are_whole_and_hold_nothing_inline(school: School, language: Language) -> None:
    browser = await reviewed_life(school, language)
    for path in MAX_STATEMENTS:
        if path == "/settings/export":
            continue
        response = await browser.get(path)
        assert response.status_code == 200
        assert f'<html lang="{language}">' in response.text
        assert response.headers["content-language"] == language
        assert INLINE.search(response.text) is None, path
        assert response.text.count("<h1") == 1, path
        assert "%(" not in response.text


@pytest.mark.parametrize("path", VISITORS_PAGES)
async def test_visitors_pages_hold_nothing_inline(school: School, path: str) -> None:
    response = await Browser(school).get(path)
    assert INLINE.search(response.text) is None
    assert response.text.count("<h1") == 1


async def test_no_page_says_anything_english_to_a_russian_reader(school: School) -> None:
    browser = await reviewed_life(school, "ru", **IN_RUSSIAN)
    seen = set[str]()
    async for path, response in every_kind_of_page(browser, "/", "/tracks/new", "/assignments/1/review"):
        seen.add(path)
        said = " ".join([words(response), *ATTRIBUTE.findall(response.text)])
        assert set(LATIN_WORD.findall(said)) <= LATIN_IN_RUSSIAN, path
    assert len(seen) >= 15


async def test_what_people_write_is_shown_and_never_run(school: School) -> None:
    alice = await school.person()
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> [link](javascript:alert(1)) **bold**"
    track = await school.track(alice, title=evil, description=evil)
    page = (await signed_in(school, alice).get(f"/tracks/{track['id']}")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "<strong>bold</strong>" in page


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Разбор кода", '<h1><bdi lang="ru">Разбор кода</bdi></h1>'),
        ("Docker на практике", '<h1><bdi lang="ru">Docker на практике</bdi></h1>'),
        ("Code review", "<h1><bdi>Code review</bdi></h1>"),
        ("مراجعة <i>", "<h1><bdi>مراجعة &lt;i&gt;</bdi></h1>"),
    ],
)
async def test_titles_have_their_own_direction_and_language(school: School, title: str, shown: str) -> None:
    alice = await school.person()
    track = await school.track(alice, title=title, description=title)
    page = (await signed_in(school, alice).get(f"/tracks/{track['id']}")).text
    assert shown in page
    assert "<title><bdi" not in page
