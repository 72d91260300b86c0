"""Waiting for something, but not for ever.

`asyncio.wait_for` is not used anywhere: before Python 3.12 it forgets a cancellation that comes in the instant in which
what it waits for happens, and a task that was told to stop goes on (python/cpython#86296).
"""

import asyncio


async def happens_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait until an event is set, at most so many seconds; say whether it is."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
