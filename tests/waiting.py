"""Wait for what another task is about to do, where there is no event to await."""

import asyncio
from collections.abc import Callable

PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.005


async def until(is_so: Callable[[], bool]) -> None:
    """Return as soon as `is_so()`; fail when patience is at its end."""
    for _ in range(int(PATIENCE_SECONDS / PAUSE_SECONDS)):
        if is_so():
            return
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError("it never came true")
