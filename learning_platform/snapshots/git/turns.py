"""How many pushes and clones are worked on at a time: a few of all people together, and one of a person."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from learning_platform.core.errors import TooManyRequests
from learning_platform.core.languages import N_

MAX_AT_A_TIME = 2
RETRY_SECONDS = 10


class PushUnderWay(TooManyRequests):
    code = "push_under_way"
    message = N_("Other pushes or clones of yours are still under way. Try again in {wait}.")


class PushTurns:
    """Gives turns to people who push or clone. A person's next one waits for the one before; a third one is refused."""

    def __init__(self, at_a_time: int = MAX_AT_A_TIME) -> None:
        self._free = asyncio.Semaphore(at_a_time)
        self._of_people: dict[int, asyncio.Lock] = {}
        self._waiting: set[int] = set()

    def is_waiting(self, user_id: int) -> bool:
        """Say whether a push of this person waits for another one of theirs."""
        return user_id in self._waiting

    @asynccontextmanager
    async def of_person(self, user_id: int) -> AsyncIterator[None]:
        """Wait until no other push of this person is under way. Raises PushUnderWay."""
        if self.is_waiting(user_id):
            raise PushUnderWay(retry_after=RETRY_SECONDS)
        lock = self._of_people.setdefault(user_id, asyncio.Lock())
        is_waiting = lock.locked()
        if is_waiting:
            self._waiting.add(user_id)
        try:
            await lock.acquire()
        finally:
            if is_waiting:
                self._waiting.discard(user_id)
        try:
            yield
        finally:
            lock.release()
            if user_id not in self._waiting:
                self._of_people.pop(user_id, None)

    def of_all(self) -> asyncio.Semaphore:
        """Return what is to be held while git runs."""
        return self._free
