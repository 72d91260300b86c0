"""A browser without scripts: it asks for pages, keeps cookies, follows redirects, and reads what a person sees."""

import re
from html import unescape

from httpx import ASGITransport, AsyncClient, Response

from tests.people import Person, School

INVISIBLE = re.compile(r"<(script|style|template|svg|head)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


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
        return words(response)

    async def fill_in(self, path: str, status: int = 200, /, **fields: object) -> str:
        """Send a form; return the words on the page that comes of it."""
        response = await self.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status_code == status, f"{path}: {response.status_code} {words(response)}"
        return words(response)


def signed_in(school: School, person: Person, *, language: str = "en") -> Browser:
    """Return a browser that keeps the cookie of the person's session."""
    browser = Browser(school, language=language)
    browser.cookies.set("session", school.services.session_tokens.issue(person.session_id))
    return browser


def words(response: Response) -> str:
    """Return what a person reads on a page, blanks made single."""
    return " ".join(unescape(TAG.sub(" ", INVISIBLE.sub(" ", response.text))).split())
