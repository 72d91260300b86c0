"""Waiting with a limit: what happens, what does not, and being asked to stop."""

import asyncio

import pytest

from learning_platform.core.waiting import happens_within

pytestmark = pytest.mark.anyio


async def test_an_event_that_happens_differs_from_one_that_does_not() -> None:
    event = asyncio.Event()
    assert not await happens_within(event, 0.01)
    event.set()
    assert await happens_within(event, 0.01)


async def test_a_cancellation_in_the_instant_of_the_event_is_not_forgotten() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(happens_within(event, 60))
    await asyncio.sleep(0)

    event.set()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
