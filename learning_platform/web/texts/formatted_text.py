"""The texts of a page as HTML: short ones rendered where they are, all others by worker processes, all of them kept.

A page waits for its texts no longer than PAGE_SECONDS; what is not there by then is shown without formatting, and is
ready when the page is loaded again. No text makes the process wait, whatever it contains.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from html import escape
from typing import TYPE_CHECKING

from learning_platform.core.byte_cache import ByteCache
from learning_platform.core.workers import NoWorker, TaskFailed, Workers

if TYPE_CHECKING:
    from learning_platform.web.texts.markdown import Kind

logger = logging.getLogger(__name__)
# What workers import before their first task.
MODULES = ("learning_platform.web.texts.markdown", "learning_platform.web.texts.highlighting")
TEXT_SECONDS, PAGE_SECONDS = 1.0, 1.0
# The form of the largest track has so much. Of a page with more the rest is not formatted.
MAX_PAGE_CHARACTERS = 1_100_000
MAX_PAGE_HTML = 4_000_000
MAX_WAITING_CHARACTERS = 4 * MAX_PAGE_CHARACTERS
CACHE_BYTES = 32 * 1024 * 1024
# A text that took too long is tried again after this time: the machine may have been busy.
RETRY_SECONDS = 60.0
UNFORMATTED_EXCERPT = 160
# Kept in place of HTML; no HTML has this character.
FAILED = "\0"


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be shown, and how."""

    kind: "Kind"
    source: str

    @property
    def key(self) -> str:
        """Return what distinguishes the text from every other; it is part of the addresses of its footnotes."""
        return blake2b(f"{self.kind}:{self.source}".encode(errors="replace"), digest_size=12).hexdigest()


class FormattedTexts:
    """Texts as HTML. The workers are shared with whatever else takes long."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._kept: ByteCache[str] = ByteCache(CACHE_BYTES)
        self._under_way: dict[str, asyncio.Task[str]] = {}
        self._waiting_characters = 0
        # How many pages wait for a text. Work without a waiting page is not begun.
        self._wanted: Counter[str] = Counter()
        self._turns = asyncio.Semaphore(workers.size)

    async def html(self, texts: Sequence[Text], *, apology: str) -> list[str]:
        """Return the HTML of a page's texts; one that could not be formatted comes as typed, below an apology."""
        texts_by_key = {text.key: text for text in texts}
        # Before the first task is created: it may run while short texts are rendered.
        with self._wanting(texts_by_key.keys()):
            found, tasks = await self._begin(texts_by_key)
            if tasks:
                done, _ = await asyncio.wait(tasks.values(), timeout=PAGE_SECONDS)
                found |= {key: task.result() for key, task in tasks.items() if task in done and not task.cancelled()}
        return _page_of(texts, found, apology)

    @contextmanager
    def _wanting(self, keys: Collection[str]) -> Iterator[None]:
        """Note that a page waits for these texts."""
        self._wanted.update(keys)
        try:
            yield
        finally:
            self._wanted.subtract(keys)
            for key in keys:
                if not self._wanted[key]:
                    del self._wanted[key]

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, texts: dict[str, Text]) -> tuple[dict[str, str], dict[str, asyncio.Task[str]]]:
        """Return the HTML there is already, after rendering short texts; and what is to be waited for."""
        from learning_platform.web.texts.markdown import cut, is_short, rendered

        found: dict[str, str] = {}
        tasks: dict[str, asyncio.Task[str]] = {}
        asked = 0
        for key, text in texts.items():
            shown = cut(text.kind, text.source)
            kept = self._kept.get(key, now=_now())
            if kept is not None:
                found[key] = kept
            elif is_short(shown):
                found[key] = rendered(text.kind, shown, key, highlights=False)
                self._kept.put(key, found[key])
                # Others take their turn between two texts.
                await asyncio.sleep(0)
            elif self._fits(asked := asked + len(shown), key):
                tasks[key] = self._ask(key, text.kind, shown)
        return found, tasks

    def _fits(self, asked: int, key: str) -> bool:
        """Say whether a text may be asked for, by this page and with all that is waiting."""
        return asked <= MAX_PAGE_CHARACTERS and (
            key in self._under_way or self._waiting_characters <= MAX_WAITING_CHARACTERS
        )

    def _ask(self, key: str, kind: "Kind", shown: str) -> asyncio.Task[str]:
        """Have a text rendered by a worker: once, however many pages ask for it."""
        if key not in self._under_way:
            self._waiting_characters += len(shown)
            self._under_way[key] = asyncio.create_task(self._render(key, kind, shown))
        return self._under_way[key]

    async def _render(self, key: str, kind: "Kind", shown: str) -> str:
        from learning_platform.web.texts.markdown import rendered

        html, ends_at = FAILED, 0.0
        try:
            async with self._turns:
                if self._wanted[key] > 0:
                    html = await self._workers.run(rendered, kind, shown, key, seconds=TEXT_SECONDS)
                    ends_at = float("inf")
        except NoWorker as error:
            logger.warning("Texts are shown without formatting: %s", error)
        except TaskFailed as error:
            logger.info("A text is shown without formatting: %s", error)
            ends_at = _now() + RETRY_SECONDS
        finally:
            self._waiting_characters -= len(shown)
            del self._under_way[key]
        self._kept.put(key, html, ends_at=ends_at)
        return html


def _now() -> float:
    return asyncio.get_running_loop().time()


def _page_of(texts: Sequence[Text], found: dict[str, str], apology: str) -> list[str]:
    parts: list[str] = []
    left = MAX_PAGE_HTML
    shown: Counter[str] = Counter()
    for text in texts:
        key = text.key
        html = found.get(key, FAILED)
        left -= len(html)
        parts.append(_unformatted(text, apology) if html == FAILED or left < 0 else _anchored(html, key, shown[key]))
        shown[key] += 1
    return parts


def _anchored(html: str, key: str, times_before: int) -> str:
    """Keep the footnotes of a text that stands on the page more than once apart."""
    return html.replace(f"-{key}-", f"-{key}.{times_before}-") if times_before else html


def _unformatted(text: Text, apology: str) -> str:
    if text.kind == "excerpt":
        return escape(text.source[:UNFORMATTED_EXCERPT])
    return f'<p class="faint">{escape(apology)}</p><p class="unformatted">{escape(text.source)}</p>'
