"""A browser without scripts: it asks for pages, keeps cookies, follows redirects, and reads what a person sees."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from html import unescape
from html.parser import HTMLParser

from httpx import ASGITransport, AsyncClient, Response

from tests.people import Person, School

INVISIBLE = re.compile(r"<(script|style|template|svg|head)\b.*?</\1>", re.DOTALL)
ISOLATION = re.compile(r"</?bdi[^>]*>")
TAG = re.compile(r"<[^>]+>")
LINK = re.compile(r'href="(/[^"#?]*)')
ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9:_-]*")
NUMBER = re.compile(r"\d+")
# Files, the documents of the API, and what ends the session.
NO_PAGE = re.compile(r"^/(static|docs|redoc|openapi)|\.(csv|ics|json|xlsx)$|sign-out|export")
PAGES_OF_A_KIND = 2


class Browser(AsyncClient):
    """Asks for pages as browsers do."""

    def __init__(self, school: School, *, language: str = "en") -> None:
        super().__init__(
            transport=ASGITransport(school.app),
            base_url="http://test",
            follow_redirects=True,
            headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": language},
        )
        self.school = school

    async def see(self, path: str, status: int = 200) -> str:
        """Open a page that must answer with `status`; return the words on it."""
        response = await self.get(path)
        assert response.status_code == status, f"{path}: {response.status_code} {words(response)}"
        ensure_whole_attributes(response)
        return words(response)

    async def fill_in(self, path: str, status: int = 200, /, **fields: object) -> str:
        """Send a form; return the words on the page that comes of it, with Retry-After if it is too early."""
        response = await self.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status_code == status, f"{path}: {response.status_code} {words(response)}"
        assert ("Retry-After" in response.headers) == (status in {429, 503}), path
        return words(response)


def signed_in(school: School, person: Person, *, language: str = "en") -> Browser:
    """Return a browser that keeps the cookie of the person's session."""
    browser = Browser(school, language=language)
    browser.cookies.set("session", school.services.session_tokens.issue(person.session_id))
    return browser


async def every_kind_of_page(browser: Browser, *beginnings: str) -> AsyncIterator[tuple[str, Response]]:
    """Follow every link from these pages; yield each path and its answer, of pages that look the same two."""
    opened, paths = Counter[str](), list(beginnings)
    # The list grows while it is read.
    for path in paths:
        kind = NUMBER.sub("0", path)
        if opened[kind] == PAGES_OF_A_KIND or NO_PAGE.search(path):
            continue
        opened[kind] += 1
        response = await browser.get(path)
        yield path, response
        paths.extend(link for link in dict.fromkeys(LINK.findall(response.text)) if link not in paths)


class _Attributes(HTMLParser):
    """Notes the names of attributes that are none: a tag within an attribute ends it at its first quote."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.wrong += [f"{tag} {name}" for name, _ in attrs if not ATTRIBUTE_NAME.fullmatch(name)]


def ensure_whole_attributes(response: Response) -> None:
    """Fail if there is a tag within an attribute."""
    attributes = _Attributes()
    attributes.feed(response.text)
    assert attributes.wrong == []


def words(response: Response) -> str:
    """Return what a person reads on a page, blanks made single."""
    return " ".join(unescape(TAG.sub(" ", ISOLATION.sub("", INVISIBLE.sub(" ", response.text)))).split())
