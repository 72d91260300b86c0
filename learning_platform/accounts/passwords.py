"""Password hashes: Argon2id with OWASP's parameters, one at a time, off the event loop.

One thread of lowered priority does all hashing of a process: more threads would take memory (19 MiB each) and processor
time from other requests. Waiting requests take turns by network, and further ones are refused when too many wait.
Parameters: OWASP Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).

Passwords are compared in NFC, because keyboards may write й as one character or as two. They are never trimmed.
"""

import asyncio
import os
import sys
import unicodedata
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from learning_platform.accounts.rules import PasswordsBusy
from learning_platform.core.fair_queue import FairQueue, QueueFull

NICENESS = 10
HASHER = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))
DEFAULT_QUEUE = 100
RETRY_AFTER_SECONDS = 2
Result = TypeVar("Result")


class Passwords:
    """Hashes and verifies passwords; at most `queue` calls wait. It owns a thread, so it must be closed."""

    def __init__(self, *, queue: int = DEFAULT_QUEUE) -> None:
        self._queue = FairQueue(queue)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords", initializer=_lower_priority)
        # It is created at start, so that the first unknown name takes no longer than later ones.
        self._decoy_hash = _decoy_hash()

    def __len__(self) -> int:
        """Return how many calls wait."""
        return len(self._queue)

    @property
    def is_busy(self) -> bool:
        """Say whether a call would have to wait."""
        return self._queue.is_taken

    @asynccontextmanager
    async def turn(self, network: str) -> AsyncIterator[None]:
        """Wait for a turn at the hasher, for a client from this network. Raises PasswordsBusy."""
        try:
            async with self._queue.turn(network):
                yield
        except QueueFull as error:
            raise PasswordsBusy(retry_after=RETRY_AFTER_SECONDS) from error

    async def hash(self, password: str, *, network: str = "") -> str:
        """Return the hash to store. Raises PasswordsBusy."""
        async with self.turn(network):
            return await self._in_thread(partial(HASHER.hash, normalized(password)))

    async def is_correct(self, password: str, password_hash: str | None) -> bool:
        """Verify a password during a turn. For an unknown user (no hash) the same work is done in the same time."""
        return await self._in_thread(partial(self._verify, password, password_hash))

    def close(self) -> None:
        """End the thread; waiting calls are cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, password_hash: str | None) -> bool:
        # Older hashes were made before passwords were normalised, from the characters as typed.
        candidates = dict.fromkeys((normalized(password), password))
        checked = self._decoy_hash if password_hash is None else password_hash
        found = any(HASHER.verify(candidate, checked) for candidate in candidates)
        return found and password_hash is not None

    async def _in_thread(self, work: "partial[Result]") -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def normalized(password: str) -> str:
    """Return a password in NFC, otherwise unchanged."""
    return unicodedata.normalize("NFC", password)


@cache
def _decoy_hash() -> str:
    return HASHER.hash("no user")


def _lower_priority() -> None:
    if sys.platform == "linux":  # On other systems the priority belongs to the process and not to a thread.
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
