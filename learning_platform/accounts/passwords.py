"""Password hashes: Argon2id with OWASP's parameters, one at a time, off the event loop.

One thread of lowered priority does all hashing of a process: more threads take memory (19 MiB each) and the processor
from everybody else's requests. Parameters: OWASP Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).
"""

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

NICENESS = 10
HASHER = PasswordHash((Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),))
Result = TypeVar("Result")


class Passwords:
    """Hashes and verifies passwords. It has a thread: close it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords", initializer=_lower_priority)
        # Made at start: the first wrong name takes no longer than those after it.
        self._hash_of_nobody = _hash_of_nobody()

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await self._in_thread(partial(HASHER.hash, password))

    async def is_correct(self, password: str, password_hash: str | None) -> bool:
        """Compare; for an unknown user (no hash) the same work is done, in the same time, in vain."""
        return await self._in_thread(partial(self._verify, password, password_hash))

    def close(self) -> None:
        """End the thread; whoever still waits for a hash is cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, password_hash: str | None) -> bool:
        if password_hash is not None:
            return HASHER.verify(password, password_hash)
        HASHER.verify(password, self._hash_of_nobody)
        return False

    async def _in_thread(self, work: "partial[Result]") -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("nobody")


def _lower_priority() -> None:
    if sys.platform == "linux":  # Elsewhere niceness belongs to the process, not to a thread.
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
