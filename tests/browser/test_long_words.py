"""Words of 150 characters in everything that people write: no page is wider than the narrowest phone."""

import re

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from playwright.async_api import Browser, Page, Route, ViewportSize
from pydantic import SecretStr

from learning_platform.core.languages import Language
from learning_platform.core.settings import Settings
from tests.browser.page_kinds import NO_PAGES, ROUTES, kind_of
from tests.browser.tour import TOO_WIDE
from tests.conftest import opened_school, test_settings
from tests.full_class import full_class
from tests.people import HandClock
from tests.web.pages.browsing import Browser as Reader
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
NARROWEST = ViewportSize(width=320, height=640)
WORD = "Donaudampfschifffahrt" * 8
LONG = WORD[:150]
# Markdown with that word in everything it has.
MARKDOWN = f"""
# {LONG}

{LONG} **{LONG}** `{LONG}` https://example.com/{LONG} [{LONG}](https://example.com)[^1]

> {LONG}

- {LONG}
- [ ] {LONG}

1. {LONG}

| {LONG} | b |
|---|---|
| {LONG} | `{LONG}` |

```python
{LONG} = 1
```

[^1]: {LONG}
"""
LINK = f"https://{'w' * 60}.example.com/{LONG}/{LONG}"
VISITORS = ("/", "/register", "/sign-in", "/password/forgotten", "/password/x", "/confirm/x", "/unsubscribe/x")


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return settings by which mail goes out: only then is it chosen on a page."""
    return test_settings(database_url, smtp_url=SecretStr("smtp://127.0.0.1:1"))


def written(_field: str, most: int) -> str:
    return MARKDOWN if most > 1000 else LONG[:most]


def page_routes() -> set[str]:
    """Return the paths of all pages that can be opened."""
    return {route.path for route in ROUTES if kind_of(route.path) not in NO_PAGES}


def route_of(path: str, routes: set[str]) -> str | None:
    """Return the route that serves a path."""
    fitting = [each for each in routes if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", each), path.partition("?")[0])]
    return min(fitting, key=lambda each: each.count("{"), default=None)


async def width_beyond(page: Page, reader: AsyncClient, path: str) -> int:
    """Open a page of the application in a narrow browser; return by how many pixels it is too wide."""

    async def answer(route: Route) -> None:
        answered = await reader.get(route.request.url.removeprefix("http://test"))
        headers = {name: value for name, value in answered.headers.items() if name != "content-length"}
        await route.fulfill(status=answered.status_code, headers=headers, body=answered.content)

    await page.unroute_all(behavior="wait")
    await page.route("**/*", answer)
    await page.goto(f"http://test{path}")
    await page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    too_wide: int = await page.evaluate(TOO_WIDE)
    return too_wide


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_no_page_is_wider_than_a_phone_whatever_people_write(
    browser: Browser, app: FastAPI, settings: Settings, clock: HandClock, language: Language
) -> None:
    async with opened_school(app, settings, clock) as school:
        world = await full_class(school, written, repo_url=LINK, language=language)
        page = await browser.new_page(viewport=NARROWEST)
        routes = page_routes()
        wide: dict[str, int] = {}
        visitor = Reader(school, language=language)
        looked_at = [
            *((signed_in(school, person), path) for person, path in world.pages()),
            *((visitor, path) for path in VISITORS),
        ]
        for reader, path in looked_at:
            if (too_wide := await width_beyond(page, reader, path)) > 0:
                wide[path] = too_wide
            routes.discard(route_of(path, page_routes()) or "")
        await page.close()
    assert wide == {}
    assert routes == set(), "pages that were not looked at"
