"""The lines of files as HTML with their tokens marked: by worker processes, kept by content.

A page waits for them no longer than PAGE_SECONDS. What is not there by then is shown plain, and is ready when the page
is loaded again.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from learning_platform.core.byte_cache import ByteCache
from learning_platform.core.workers import TaskFailed, Workers

logger = logging.getLogger(__name__)
PAGE_SECONDS = 0.5
# A lexer has less per file (HIGHLIGHT_SECONDS); a worker that does not answer is killed.
TASK_SECONDS = 1.0
MAX_TASK_CHARACTERS = 40_000
MAX_FILE_CHARACTERS = 300_000
MAX_WAITING_CHARACTERS = 3_000_000
CACHE_BYTES = 48 * 1024 * 1024
RETRY_SECONDS = 60.0
# Kept for what cannot be highlighted; no HTML has this character.
PLAIN = "\0"
# A lexer takes a lone carriage return for the end of a line.
CARRIAGE_RETURN, SHOWN_RETURN = "\r", "\u240d"


@dataclass(frozen=True, slots=True)
class Code:
    """The text of a file, each line ended by a line feed, in a language that Pygments knows by this name."""

    language: str
    text: str

    @property
    def key(self) -> str:
        """Return what distinguishes it from every other."""
        return blake2b(f"{self.language}:{self.text}".encode(errors="replace"), digest_size=16).hexdigest()


class HighlightedCode:
    """Lines of code as HTML. The workers are shared with whatever else takes long, which comes first."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._kept: ByteCache[str] = ByteCache(CACHE_BYTES)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waiting_characters = 0

    async def lines(self, files: Sequence[Code]) -> list[list[str] | None]:
        """Return the lines of each file, or None where it is to be shown plain."""
        now = asyncio.get_running_loop().time()
        keys = [file.key if _is_worth_it(file) else "" for file in files]
        missing = {
            key: file for key, file in zip(keys, files, strict=True) if key and self._kept.get(key, now=now) is None
        }
        tasks = self._begin(missing)
        if tasks:
            await asyncio.wait(tasks, timeout=PAGE_SECONDS)
        found = [self._found(key) for key in keys]
        # A million lines of a few files take a tenth of a second.
        return await asyncio.to_thread(_split, found, files)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = set(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _found(self, key: str) -> str | None:
        html = self._kept.get(key, now=asyncio.get_running_loop().time()) if key else None
        return None if html == PLAIN else html

    def _begin(self, missing: dict[str, Code]) -> set[asyncio.Task[None]]:
        """Have files highlighted, several by one task, unless too many are waiting; return what is to be waited for."""
        tasks = {self._under_way[key] for key in missing if key in self._under_way}
        batch: dict[str, Code] = {}
        for key, file in missing.items():
            if key in self._under_way or self._waiting_characters > MAX_WAITING_CHARACTERS:
                continue
            if batch and sum(len(one.text) for one in batch.values()) + len(file.text) > MAX_TASK_CHARACTERS:
                tasks.add(self._start(batch))
                batch = {}
            batch[key] = file
            self._waiting_characters += len(file.text)
        if batch:
            tasks.add(self._start(batch))
        return tasks

    def _start(self, batch: dict[str, Code]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._highlight(batch))
        self._under_way |= dict.fromkeys(batch, task)
        return task

    async def _highlight(self, batch: dict[str, Code]) -> None:
        from learning_platform.web.texts.highlighting import highlighted_files

        files = [(file.text.replace(CARRIAGE_RETURN, SHOWN_RETURN), file.language) for file in batch.values()]
        found: list[str | None] = [None] * len(files)
        ends_at = asyncio.get_running_loop().time() + RETRY_SECONDS
        try:
            found = await self._workers.run(highlighted_files, files, seconds=TASK_SECONDS, can_be_postponed=True)
            ends_at = float("inf")
        except TaskFailed as error:
            logger.info("Code is shown without highlighting: %s", error)
        finally:
            for (key, file), html in zip(batch.items(), found, strict=True):
                self._waiting_characters -= len(file.text)
                del self._under_way[key]
                self._kept.put(key, PLAIN if html is None else html, ends_at=ends_at)


def ended(text: str) -> str:
    """Return a text whose last line is ended, too."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def _split(found: Sequence[str | None], files: Sequence[Code]) -> list[list[str] | None]:
    lines = [None if html is None else html.split("\n")[:-1] for html in found]
    return [
        None if each is None or len(each) != file.text.count("\n") else each
        for each, file in zip(lines, files, strict=True)
    ]


def _is_worth_it(file: Code) -> bool:
    return bool(file.language) and 0 < len(file.text) <= MAX_FILE_CHARACTERS
