"""Pages of hostile texts, and what others notice of them: `python -m benchmarks.hostile_texts`.

Each page has as many texts as the largest of its kind, each as long as it may be, and is formatted as in a web process.
Beside it a task ticks: what the event loop's thread computes between two ticks is how long others wait on a machine
that has nothing else to do. `--all` takes every lexer with every kind of hostile code, which lasts about an hour.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from statistics import median

from pygments.lexers import get_all_lexers

from benchmarks.report import Verdict, show
from learning_platform.core.workers import Workers
from learning_platform.web.pages.kit.page_response import PageTexts
from learning_platform.web.texts.formatted_text import MODULES, FormattedTexts, Text
from tests.hostile.texts import CODE, MARKDOWN, UNITS, code

# A page of a diary; the form of a track, whose request may have a megabyte.
ENTRIES, ENTRY, DESCRIPTIONS, DESCRIPTION = 50, 20_000, 20, 50_000
EVERY_HOW_MANY_LEXERS = 30
PAGE_SECONDS, BLOCKED_MS = 1.5, 50
Page = tuple[str, list[Text]]


class Ticks:
    """A task that wants its turn all the time, and notes the longest computation between two turns."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Tick until cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now


async def main(*, everything: bool = False) -> bool:
    """Measure; return whether every target is reached."""
    workers = Workers(size=2, modules=MODULES)
    texts = FormattedTexts(workers)
    # The first page starts the workers; it is measured, too.
    kinds: dict[str, Iterator[Page]] = {
        "Markdown: a page of a diary": _pages(MARKDOWN, ENTRIES, ENTRY),
        "Markdown: the form of a track": _pages(MARKDOWN, DESCRIPTIONS, DESCRIPTION),
        "code known to be slow: a page of a diary": _pages(CODE, ENTRIES, ENTRY),
        "lexers: a page of a diary": _lexers(1 if everything else EVERY_HOW_MANY_LEXERS),
    }
    verdicts: list[Verdict] = []
    for kind, pages in kinds.items():
        verdicts += await _measure(texts, kind, pages)
    await texts.close()
    await workers.close()
    return show("Pages of hostile texts", verdicts)


async def _measure(texts: FormattedTexts, kind: str, pages: Iterator[Page]) -> list[Verdict]:
    took: list[tuple[float, str]] = []
    blocked: list[tuple[float, str]] = []
    for name, page in pages:
        ticks = Ticks()
        ticking = asyncio.create_task(ticks.run())
        began_at = time.perf_counter()
        await _show(texts, page)
        took.append((time.perf_counter() - began_at, name))
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        blocked.append((ticks.longest * 1000, name))
    longest, longest_blocked = max(took), max(blocked)
    typical = f"median {median(seconds for seconds, _ in took):.2g} s of {len(took)}; {longest[1]}"
    return [
        Verdict(kind, longest[0], PAGE_SECONDS, "less", " s", note=typical),
        Verdict("  others wait at most", longest_blocked[0], BLOCKED_MS, "less", " ms", longest_blocked[1]),
    ]


async def _show(texts: FormattedTexts, page: Sequence[Text]) -> bytes:
    """Do what a page does once its template is rendered."""
    places = PageTexts()
    draft = "".join(places.mark(text) for text in page)
    html = await texts.html(places.texts, apology="")
    return places.filled(draft, html).encode()


def _pages(patterns: dict[str, Callable[[int], str]], number: int, length: int) -> Iterator[Page]:
    """Return a page for every pattern: the same text is formatted once, so each has a number."""
    for name, pattern in patterns.items():
        yield name, [Text("note", f"{each} {number}\n\n" + pattern(length - 20)) for each in range(number)]


def _lexers(every: int) -> Iterator[Page]:
    """Return pages on which a lexer is given as many kinds of hostile code as a page has entries."""
    languages = [aliases[0] for _, aliases, _, _ in get_all_lexers(plugins=False) if aliases]
    for language in languages[::every]:
        for first in range(0, len(UNITS), ENTRIES):
            yield language, [Text("note", code(language, unit)(ENTRY)) for unit in UNITS[first : first + ENTRIES]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every lexer with every kind of hostile code")
    raise SystemExit(0 if asyncio.run(main(everything=parser.parse_args().all)) else 1)
