"""Notebooks as cells: read by worker processes, kept by content.

A page waits for them no longer than PAGE_SECONDS. What is not there by then is shown as lines, and is ready when the
page is loaded again.
"""

import asyncio
import logging
from collections.abc import Sequence
from hashlib import blake2b

import orjson

from learning_platform.core.byte_cache import ByteCache
from learning_platform.core.workers import TaskFailed, Workers
from learning_platform.snapshots.notebooks import Notebook, notebook_in, notebook_of

logger = logging.getLogger(__name__)
PAGE_SECONDS, TASK_SECONDS = 0.5, 1.0
CACHE_BYTES = 16 * 1024 * 1024
MAX_WAITING_CHARACTERS = 8_000_000
RETRY_SECONDS = 60.0


class ParsedNotebooks:
    """The cells of notebooks. The workers are shared with whatever else takes long, which comes first."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._kept: ByteCache[str] = ByteCache(CACHE_BYTES)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waiting_characters = 0

    async def of(self, texts: Sequence[str]) -> list[Notebook | None]:
        """Return the notebook in each text, or None where its lines are to be shown."""
        by_key = {_key(text): text for text in texts}
        tasks = [task for key, text in by_key.items() if (task := self._task(key, text)) is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=PAGE_SECONDS)
        return [self._found(_key(text)) for text in texts]

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _found(self, key: str) -> Notebook | None:
        kept = self._kept.get(key, now=_now())
        found = None if kept is None else orjson.loads(kept)
        return None if found is None else notebook_of(found)

    def _task(self, key: str, text: str) -> asyncio.Task[None] | None:
        """Have a notebook read, once however many pages ask for it, unless too much is waiting."""
        if self._kept.get(key, now=_now()) is not None:
            return None
        if key not in self._under_way and self._waiting_characters <= MAX_WAITING_CHARACTERS:
            self._waiting_characters += len(text)
            self._under_way[key] = asyncio.create_task(self._read(key, text))
        return self._under_way.get(key)

    async def _read(self, key: str, text: str) -> None:
        found: object = None
        ends_at = _now() + RETRY_SECONDS
        try:
            found = await self._workers.run(notebook_in, text, seconds=TASK_SECONDS, can_be_postponed=True)
            ends_at = float("inf")
        except TaskFailed as error:
            logger.info("A notebook is shown as lines: %s", error)
        finally:
            self._waiting_characters -= len(text)
            del self._under_way[key]
        self._kept.put(key, orjson.dumps(found).decode(), ends_at=ends_at)


def _key(text: str) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def _now() -> float:
    return asyncio.get_running_loop().time()
