"""Run a coroutine at once, as far as it goes without waiting."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


def started(work: Work) -> asyncio.Task[None] | None:
    """Run `work` until it first waits; return the task that goes on from there, or None if it is done.

    What runs before that runs in the task of the caller. A task for each of ten thousand messages would cost more than
    sending them, and hardly one of them has to wait.
    """
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return asyncio.create_task(_go_on(work, awaited))


async def _go_on(work: Work, awaited: Any) -> None:
    await _rest(work, awaited)


@coroutine
def _rest(work: Work, awaited: Any) -> Generator[Any, None, None]:
    """Wait for what `work` waits for, and let it go on."""
    try:
        while True:
            try:
                yield awaited
            except BaseException as error:
                awaited = work.throw(error)
            else:
                awaited = work.send(None)
    except StopIteration:
        return
