"""Every form that pages show, found by looking at every page as every user."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product

from httpx import AsyncClient

from tests.hostile.world import World
from tests.routes import Route
from tests.web.pages.browsing import signed_in

PARAMETER = re.compile(r"\\\{\w+\\\}")
MAX_OF_A_KIND = 14
# Pages that show a form only when something was asked for.
QUERIES = {
    "/assignments/{assignment_id}/extend": ("?due_at=2031-01-01T00:00",),
    "/submissions/{submission_id}/code": ("?as=reviewer",),
    "/tracks/{track_id}/board/selection": ("?action=remind&all=yes", "?action=extend&all=yes"),
}


@dataclass(slots=True)
class ShownForm:
    """A form: where it leads, and what its fields hold when the page is opened."""

    action: str
    method: str
    # Where a script sends the same fields while they are typed.
    saved_at: str = ""
    fields: dict[str, set[str]] = field(default_factory=dict)


class FormParser(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[ShownForm] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the last one."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = given.get("method", "get").upper()
            self.forms.append(ShownForm(given.get("action", ""), method, given.get("data-draft", "")))
        if tag == "select":
            self._select = given.get("name", "")
        name = self._select if tag == "option" else given.get("name", "")
        if name and self.forms and tag in {"input", "textarea", "button", "select", "option"}:
            values = self.forms[-1].fields.setdefault(name, set())
            if "value" in given:
                values.add(given["value"])


async def forms_of(world: World, routes: Sequence[Route]) -> dict[Route, dict[str, set[str]]]:
    """Return, for each page route that a form leads to, its fields with the values that pages put in."""
    patterns = [(route, _pattern(route.path)) for route in routes if route.is_page]
    found: dict[Route, dict[str, set[str]]] = {}
    async for form in _shown(world, routes):
        for path in filter(None, (form.action.partition("?")[0], form.saved_at)):
            for route, pattern in patterns:
                if route.method == form.method and pattern.fullmatch(path):
                    _note(found.setdefault(route, {}), form)
                    break
    return found


def _note(fields: dict[str, set[str]], form: ShownForm) -> None:
    for name, values in form.fields.items():
        fields.setdefault(name, set()).update(values)


async def _shown(world: World, routes: Sequence[Route]):  # type: ignore[no-untyped-def]  # An asynchronous iterator.
    for browser in _browsers(world):
        async with browser:
            for path in _pages(world, routes):
                response = await browser.get(path)
                assert response.status_code < 500, path
                parser = FormParser()
                parser.feed(response.text)
                for form in parser.forms:
                    form.action = form.action or path.partition("?")[0]
                    yield form


def _browsers(world: World) -> Iterator[AsyncClient]:
    for person in world.people:
        browser = signed_in(world.school, person)
        browser.follow_redirects = False
        yield browser
    stranger = signed_in(world.school, world.outsider)
    stranger.cookies.clear()
    stranger.cookies.update(world.newcomers)
    yield stranger


def _pages(world: World, routes: Sequence[Route]) -> Iterator[str]:
    for route in routes:
        if route.method == "GET" and route.is_page:
            names = [parameter.alias for parameter in route.parameters("path")]
            for values in product(*(world.ids.get(name, ["1"])[:MAX_OF_A_KIND] for name in names)):
                path = route.path
                for name, value in zip(names, values, strict=True):
                    path = path.replace(f"{{{name}}}", value)
                yield path
                for query in QUERIES.get(route.path, ()):
                    yield path + query


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(PARAMETER.sub("[^/]+", re.escape(path)))
