"""Wait for an event with a time limit.

`asyncio.wait_for` is not used anywhere: before Python 3.12 it loses a cancellation that comes at the same time as the
result, so that a cancelled task goes on (python/cpython#86296).
"""

import asyncio


async def happens_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait until an event is set, for at most `seconds`; return whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
