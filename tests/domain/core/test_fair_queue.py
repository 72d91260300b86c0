"""Turns at something that one may use at a time: shared out by origin, and bounded."""

import asyncio

import pytest

from learning_platform.core.fair_queue import FairQueue, QueueFull


async def serve(queue: FairQueue, origins: list[str]) -> list[str]:
    """Let these wait while another task has the turn; return in which order they were served."""
    served: list[str] = []

    async def wait(origin: str) -> None:
        async with queue.turn(origin):
            served.append(origin)
            await asyncio.sleep(0)

    async with queue.turn("first"):
        tasks = [asyncio.create_task(wait(origin)) for origin in origins]
        await asyncio.sleep(0)
        assert served == []
    await asyncio.gather(*tasks)
    return served


async def test_a_crowd_of_one_origin_waits_for_itself() -> None:
    assert await serve(FairQueue(10), ["a", "a", "a", "a", "b", "c"]) == ["a", "b", "c", "a", "a", "a"]


async def test_those_of_one_origin_are_served_as_they_came() -> None:
    queue, served = FairQueue(10), []

    async def wait(number: int) -> None:
        async with queue.turn("a"):
            served.append(number)

    await asyncio.gather(*(wait(number) for number in range(5)))
    assert served == [0, 1, 2, 3, 4]


async def test_one_too_many_is_turned_away_and_takes_nothing() -> None:
    queue = FairQueue(2)
    async with queue.turn("a"):
        waiting = [asyncio.create_task(serve_one(queue)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await serve_one(queue)
    await asyncio.gather(*waiting)
    assert len(queue) == 0
    await serve_one(queue)


async def test_when_it_is_full_the_longest_line_gives_way_to_others() -> None:
    queue = FairQueue(3)
    async with queue.turn("a"):
        crowd = [asyncio.create_task(serve_one(queue, "crowd")) for _ in range(3)]
        await asyncio.sleep(0)
        other = asyncio.create_task(serve_one(queue, "other"))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await serve_one(queue, "crowd")
    ends = await asyncio.gather(*crowd, other, return_exceptions=True)
    assert [type(end) for end in ends] == [type(None), type(None), QueueFull, type(None)]
    assert len(queue) == 0


async def serve_one(queue: FairQueue, origin: str = "a") -> None:
    async with queue.turn(origin):
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_served", [False, True])
async def test_a_task_that_gives_up_leaves_the_turn_to_others(is_served: bool) -> None:
    queue = FairQueue(5)
    async with queue.turn("a"):
        impatient = asyncio.create_task(serve_one(queue))
        patient = asyncio.create_task(serve_one(queue))
        await asyncio.sleep(0)
        if not is_served:
            impatient.cancel()
            await asyncio.sleep(0)
    impatient.cancel()  # In the instant in which it is served, or long after it has gone.
    await asyncio.wait_for(patient, 5)
    await asyncio.gather(impatient, return_exceptions=True)
    await asyncio.wait_for(serve_one(queue), 5)


async def test_a_failure_within_a_turn_ends_the_turn() -> None:
    queue = FairQueue(1)
    with pytest.raises(ZeroDivisionError):
        async with queue.turn("a"):
            raise ZeroDivisionError
    await asyncio.wait_for(serve_one(queue), 5)
