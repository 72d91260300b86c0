"""A walk through the site that looks at one page of every kind, and at what holds for all of them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # It has no types.
from playwright.async_api import Page, ViewportSize

from tests.browser.page_kinds import NO_PAGES, kind_of
from tests.browser.people import Person

WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
# The style sheet is our own and already there: axe need not fetch it again.
OPTIONS = {"resultTypes": ["violations"], "preload": False, "iframes": False}
# In the dark a page has the same elements, in other colours.
IN_COLOURS = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}
# Of 24 pixels, or as far apart: WCAG 2.2, success criterion 2.5.8. It is not among the rules that run by themselves.
FOR_FINGERS = {**OPTIONS, "runOnly": ["target-size"]}
RUN = "async (options) => (await axe.run(options)).violations"
LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map((link) => link.href)"
# What stays in view while a page is scrolled covers other things, but never for good.
LET_GO = """() => {
  for (const each of document.querySelectorAll("main *")) {
    if (getComputedStyle(each).position === "sticky") each.style.position = "static";
  }
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Where pages of one kind differ much: their states.
SEVERAL = {"/assignments/0": 5, "/assignments/0/review": 3, "/assignments/0/reviews": 2, "/tracks/0": 4}
SCHEMES: tuple[tuple[Literal["light", "dark"], dict[str, object]], ...] = (("light", OPTIONS), ("dark", IN_COLOURS))
MAX_SHIFT = 0.1
# What cannot be reached with the keyboard, or does not show that it has been: by itself or by what is around it.
OUT_OF_REACH = """() => {
  const look = (element, part) => {
    const { outline, boxShadow, borderColor, backgroundColor, textDecoration, color } = getComputedStyle(element, part);
    return [outline, boxShadow, borderColor, backgroundColor, textDecoration, color];
  };
  const looks = (element) => {
    const around = [element.nextElementSibling, element.closest("label"), element.closest("li"), element.parentElement];
    return [look(element), look(element, "::after"), around.filter(Boolean).map((each) => look(each))].join();
  };
  const wrong = [], before = document.activeElement;
  for (const each of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
    if (each.disabled || each.type === "hidden" || each.tabIndex < 0 || !each.checkVisibility()) continue;
    document.activeElement?.blur();
    const unfocused = looks(each);
    each.focus({ preventScroll: true });
    if (document.activeElement !== each) wrong.push(`out of reach: ${each.outerHTML.slice(0, 200)}`);
    else if (looks(each) === unfocused) wrong.push(`its focus is not seen: ${each.outerHTML.slice(0, 200)}`);
    if (each.tabIndex > 0) wrong.push(`it comes out of order: ${each.outerHTML.slice(0, 200)}`);
  }
  document.activeElement?.blur();
  before.focus({ preventScroll: true });
  return wrong;
}"""


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

    async def send(self, address: str, values: Mapping[str, str]) -> None:
        """Fill in the form of this address, send it though a browser might object, and look at what answers."""
        page = self.person.page
        forms = page.locator(f"main form[method=post]:is([action$='/{address}'], :not([action]))")
        for name in values:
            forms = forms.filter(has=page.locator(f"[name={name}]:visible"))
        for name, value in values.items():
            await forms.first.locator(f"[name={name}]").fill(value)
        await forms.first.evaluate("(form) => { form.noValidate = true; }")
        async with page.expect_navigation():
            await forms.first.locator("button").last.click()
        await self.look_around()

    def _is_worth_a_look(self, path: str) -> bool:
        kind = kind_of(path.partition("?")[0])
        if path in self._seen or kind in NO_PAGES or kind in self._known:
            return False
        return self.kinds[kind] < SEVERAL.get(kind, 1)

    async def _links(self) -> list[str]:
        host = urlsplit(self.person.site).netloc
        found = [urlsplit(link) for link in await self.person.page.evaluate(LINKS)]
        return [link.path + (f"?{link.query}" if link.query else "") for link in found if link.netloc == host]


async def _problems_of(page: Page) -> list[str]:
    shift = await page.evaluate("globalThis.shifted")
    problems = [f"the layout shifts by {shift:.2f}"] if shift > MAX_SHIFT else []
    for scheme, options in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        problems += _violations(scheme, await page.evaluate(RUN, options))
    problems += await page.evaluate(OUT_OF_REACH)
    await page.set_viewport_size(NARROW)
    too_wide = await page.evaluate(TOO_WIDE)
    if too_wide > 0:
        problems.append(f"{too_wide} pixels too wide for a phone")
    await page.evaluate(LET_GO)
    problems += _violations("phone", await page.evaluate(RUN, FOR_FINGERS))
    await page.set_viewport_size(WIDE)
    return problems


def _violations(scheme: str, found: Sequence[dict[str, object]]) -> Iterator[str]:
    for violation in found:
        nodes = violation["nodes"]
        assert isinstance(nodes, list)
        for node in nodes:
            yield f"{scheme}: {violation['id']}: {node['html'][:200]} {node['failureSummary']}"
