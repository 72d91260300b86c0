"""A walk through the site that looks at one page of every kind, and at what holds for all of them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # It has no types.
from playwright.async_api import Page, ViewportSize

from tests.browser.people import Person

WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
# The style sheet is our own and already there: axe need not fetch it again.
OPTIONS = {"resultTypes": ["violations"], "preload": False, "iframes": False}
RUN = "async (options) => (await axe.run(options)).violations"
LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map((link) => link.href)"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Where pages of one kind differ much: their states.
SEVERAL = {"/assignments/0": 5, "/assignments/0/review": 3, "/assignments/0/reviews": 2, "/tracks/0": 4}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NUMBER = re.compile(r"/\d+")
PARTICIPANT = re.compile(r"/participants/[^/]+/")
# These are no pages, or lead on to the page of a form that was refused there.
NOT_PAGES = (
    "/docs", "/settings/export", "/tracks/0/export", "/track-file.schema.json",
    "/tracks/0/results.{format}", "/tracks/0/results.csv", "/tracks/0/results.xlsx", "/tracks/0/calendar.ics",
    "/assignments/0/submit", "/assignments/0/appeal", "/assignments/0/diary", "/settings/delete", "/settings/mail",
    "/settings/email", "/settings/password", "/settings/tokens", "/assignments/0/submit/archive",
    "/assignments/0/starter.zip",
    "/assignments/0/starter/delete", "/assignments/0/starter/link", "/submissions/0/code.zip",
    "/submissions/0/code/hidden-terms", "/threads/0/edit", "/threads/0/messages", "/threads/0/state",
    # They need a provider: see test_external_accounts.py.
    "/sign-in/with/{provider}", "/sign-in/with/{provider}/callback", "/sign-in/new/{flow}", "/sign-in/new/{flow}/link",
    "/settings/identities/{provider}",
    # They need mail: see test_email_changes.py.
    "/email/confirm/{token}", "/email/undo/{token}",
)  # fmt: skip
MAX_SHIFT = 0.1


def kind_of(path: str) -> str:
    """Return a path with its numbers, and the names of participants, made equal."""
    return PARTICIPANT.sub("/participants/{username}/", NUMBER.sub("/0", path))


class Tour:
    """Walks from link to link, one page of every kind (several where their states differ), and notes what is wrong."""

    def __init__(self, person: Person, *, known: Collection[str]) -> None:
        self.person = person
        self.kinds: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._known = known
        self._seen: set[str] = set()

    @classmethod
    async def of(cls, person: Person, *, known: Collection[str] = ()) -> "Tour":
        """Prepare the pages of a person to be looked at."""
        await person.page.add_init_script(AXE_SCRIPT)
        return cls(person, known=known)

    async def walk(self, beginnings: Sequence[str]) -> None:
        """Look at these pages and at all that they lead to."""
        ahead = list(beginnings)
        while ahead:
            path = ahead.pop(0)
            if self._is_worth_a_look(path):
                await self.look_at(path)
                ahead.extend(await self._links())

    async def look_at(self, path: str) -> None:
        """Look at one page: wide and narrow, in light and in the dark."""
        page = self.person.page
        self._seen.add(path)
        self.kinds[kind_of(path.partition("?")[0])] += 1
        await page.emulate_media(color_scheme="light")
        await self.person.open(path)
        await self.look_around()

    async def look_around(self) -> None:
        """Look at the page that is open: wide and narrow, in light and in the dark."""
        page = self.person.page
        self.wrong += [f"{self.person.path}: {problem}" for problem in await _problems_of(page)]

    def _is_worth_a_look(self, path: str) -> bool:
        kind = kind_of(path.partition("?")[0])
        if path in self._seen or kind in NOT_PAGES or kind in self._known:
            return False
        return self.kinds[kind] < SEVERAL.get(kind, 1)

    async def _links(self) -> list[str]:
        host = urlsplit(self.person.site).netloc
        found = [urlsplit(link) for link in await self.person.page.evaluate(LINKS)]
        return [link.path + (f"?{link.query}" if link.query else "") for link in found if link.netloc == host]


async def _problems_of(page: Page) -> list[str]:
    shift = await page.evaluate("globalThis.shifted")
    problems = [f"the layout shifts by {shift:.2f}"] if shift > MAX_SHIFT else []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        problems += _violations(scheme, await page.evaluate(RUN, OPTIONS))
    await page.set_viewport_size(NARROW)
    too_wide = await page.evaluate(TOO_WIDE)
    if too_wide > 0:
        problems.append(f"{too_wide} pixels too wide for a phone")
    await page.set_viewport_size(WIDE)
    return problems


def _violations(scheme: str, found: Sequence[dict[str, object]]) -> Iterator[str]:
    for violation in found:
        nodes = violation["nodes"]
        assert isinstance(nodes, list)
        for node in nodes:
            yield f"{scheme}: {violation['id']}: {node['html'][:200]} {node['failureSummary']}"
