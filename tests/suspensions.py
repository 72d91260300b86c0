"""Do something at the n-th place where a task, or a task it starts, waits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Suspensions:
    """Counts the waits of every task that is created while this is installed; calls `act` at the n-th of them."""

    def __init__(self, stop_at: int, act: Callable[[], object]) -> None:
        self._left = stop_at
        self._act = act
        self.has_acted = False

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch all tasks created from now on."""
        loop.set_task_factory(
            lambda loop, work, **options: asyncio.Task(_Watched(work, self.count), loop=loop, **options)
        )

    def count(self) -> None:
        """Count one wait."""
        self._left -= 1
        if self._left == 0:
            self.has_acted = True
            self._act()


class _Watched(Coroutine[Any, Any, Any]):
    """A coroutine that reports whenever it waits."""

    def __init__(self, work: Any, count: Callable[[], None]) -> None:
        self._work = work
        self._count = count

    def __await__(self) -> Any:
        return self

    def send(self, value: Any) -> Any:
        waited_for = self._work.send(value)
        self._count()
        return waited_for

    def throw(self, *error: Any) -> Any:
        waited_for = self._work.throw(*error)
        self._count()
        return waited_for

    def close(self) -> None:
        self._work.close()
