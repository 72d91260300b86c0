"""People before the screen: each has a browser context of their own, and everything that goes wrong there is noted."""

import re
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from learning_platform.core.errors import Refusal
from learning_platform.core.languages import Language, translate
from learning_platform.web.http.problems import STATUS_OF
from tests.waiting import until

PASSWORD = "a long enough password"
LOCALES: dict[Language, str] = {"en": "en-GB", "ru": "ru-RU"}
PAGES = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
# Chromium says in the console what the answer's status says already.
ANSWER_IN_CONSOLE = "Failed to load resource: the server responded with a status of"
MEASURE_SHIFTS = """
globalThis.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
numbers = count(1)


class Watch:
    """Notes what must not happen in a browser: errors in the console, requests that fail or go to another host."""

    def __init__(self, site: str) -> None:
        self.trouble: list[str] = []
        self._host = urlsplit(site).netloc

    def follow(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.trouble.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def has_noted(self, beginning: str) -> bool:
        """Say whether there was trouble that begins so."""
        return any(each.startswith(beginning) for each in self.trouble)

    def forgive(self, beginning: str) -> None:
        """Forget the trouble that begins so, which was meant to be; fail if there was none."""
        meant = [each for each in self.trouble if each.startswith(beginning)]
        assert meant, f"no {beginning!r} among {self.trouble}"
        self.trouble = [each for each in self.trouble if each not in meant]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(ANSWER_IN_CONSOLE):
            self.trouble.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != self._host:
            self.trouble.append(f"another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # A browser that goes on before a page is there, or saves a file, aborts a request on purpose.
        if request.failure != "net::ERR_ABORTED":
            self.trouble.append(f"failed: {request.method} {urlsplit(request.url).path} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.status} {response.request.method} {urlsplit(response.url).path}")


class Person:
    """A user with a browser of their own, looking at one page of it."""

    def __init__(self, context: BrowserContext, page: Page, watch: Watch, *, site: str, name: str) -> None:
        self.context = context
        self.page = page
        self.watch = watch
        self.site = site
        self.name = name

    @property
    def path(self) -> str:
        """Return where on the site they are."""
        return self.page.url.removeprefix(self.site)

    async def open(self, path: str) -> Page:
        """Go to a page by its address."""
        await self.page.goto(self.site + path)
        return self.page

    async def another_tab(self, path: str) -> "Person":
        """Open a second page in the same browser; return the same person, looking at it."""
        beside = Person(self.context, await self.context.new_page(), self.watch, site=self.site, name=self.name)
        await beside.open(path)
        return beside

    async def click(self, name: str) -> None:
        """Press the one button, link or summary of that name in the page's main part."""
        await self.control(name).click()

    def control(self, name: str) -> Locator:
        """Return what can be pressed by that name in the page's main part."""
        main = self.page.get_by_role("main")
        link_or_button = main.get_by_role("link", name=name, exact=True).or_(
            main.get_by_role("button", name=name, exact=True)
        )
        return link_or_button.or_(main.locator("summary").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\s*$")))

    def field(self, label: str) -> Locator:
        """Return the field with this label, the first if there are several."""
        return self.page.get_by_role("main").get_by_label(label_of(label)).first

    async def fill(self, values: Mapping[str, str]) -> None:
        """Type into the fields with these labels."""
        for label, value in values.items():
            await self.field(label).fill(value)

    async def score(self, criterion: str, points: str) -> None:
        """Click a score, as a mouse does: the number that is seen."""
        scores = self.page.get_by_role("radiogroup", name=criterion)
        await scores.locator("label").filter(has_text=re.compile(rf"^\s*{points}\s*$")).click()

    async def sees(self, *texts: str) -> None:
        """Wait until every one of the texts is on the page."""
        for text in texts:
            await expect(self.page.get_by_role("main").get_by_text(text).first).to_be_visible()

    async def sees_message(self, text: str) -> None:
        """Wait for a toast that says so."""
        await expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible()

    async def follow(self, text: str) -> None:
        """Wait for a toast that says so, and go where it leads."""
        await self.page.get_by_role("status").get_by_role("link").filter(has_text=text).click()

    async def sign_up(self) -> None:
        """Come to the front page and make an account."""
        await self.open("/")
        await self.page.get_by_role("banner").get_by_role("link", name="Sign up").click()
        await self.fill({"Username": self.name, "Email": f"{self.name}@example.com", "Password": PASSWORD})
        await self.click("Create account")
        await self.sees_message("Welcome! Choose a track to start with.")

    async def sign_in(self, *, username: str = "", password: str = PASSWORD) -> None:
        """Fill in the form that is shown, and send it."""
        await self.fill({"Username or email": username or self.name, "Password": password})
        await self.click("Sign in")

    async def sign_out(self) -> None:
        """Sign out by the menu."""
        await self.page.get_by_role("banner").locator("summary").click()
        await self.page.get_by_role("button", name="Sign out").click()

    async def is_refused(self, refusal: type[Refusal], *, status: int = 0, **values: object) -> None:
        """Wait until the server has said no, and the page says it in the words of the refusal."""
        expected = status or next(STATUS_OF[kind] for kind in refusal.mro() if kind in STATUS_OF)
        await until(lambda: self.watch.has_noted(f"{int(expected)} "))
        await self.sees(translate(refusal.message, "en", **values))
        self.was_refused(expected)

    def was_refused(self, status: int) -> None:
        """Note that an answer of this status was meant to come."""
        self.watch.forgive(f"{int(status)} ")


class Crowd:
    """Calls people to the site, and collects what went wrong for any of them."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.site = site
        self._browser = browser
        self._people: list[Person] = []

    @property
    def trouble(self) -> list[str]:
        """Return what went wrong in anybody's browser."""
        return [f"{person.name}: {trouble}" for person in self._people for trouble in person.watch.trouble]

    async def visitor(self, *, language: Language = "en", zone: str = "Europe/London", **options: Any) -> Person:
        """Return a visitor without an account."""
        context = await self._browser.new_context(
            locale=LOCALES[language], timezone_id=zone, reduced_motion="reduce", **options
        )
        watch = Watch(self.site)
        watch.follow(context)
        await context.add_init_script(MEASURE_SHIFTS)
        person = Person(context, await context.new_page(), watch, site=self.site, name=f"person_{next(numbers)}")
        self._people.append(person)
        return person

    async def member(self, *, language: Language = "en", zone: str = "Europe/London", **options: Any) -> Person:
        """Return a user who has just signed up; their browser keeps the session."""
        person = await self.visitor(language=language, zone=zone, **options)
        answer = await person.context.request.post(
            f"{self.site}/register",
            form={**registration(person.name), "time_zone": zone},
            headers=PAGES,
            max_redirects=0,
        )
        assert answer.status == 303, await answer.text()
        await person.context.clear_cookies(name="notice")
        return person

    async def members(self, number: int) -> list[Person]:
        """Return several of them."""
        return [await self.member() for _ in range(number)]

    async def leave(self) -> None:
        """Close every browser."""
        for person in self._people:
            await person.context.close()


def label_of(text: str) -> re.Pattern[str]:
    """Match a label that says so, of an optional field too."""
    return re.compile(rf"^\s*{re.escape(text)}(\s+optional)?\s*$")


def registration(name: str) -> dict[str, str]:
    """Return what a user of this name types to sign up."""
    return {"username": name, "email": f"{name}@example.com", "password": PASSWORD}


def toasts(page: Page) -> Locator:
    """Return the messages that have popped up on a page."""
    return page.locator(".toasts .toast")
