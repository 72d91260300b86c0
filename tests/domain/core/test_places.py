"""Places for tasks: those that a user waits for come first, and no place is lost."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_platform.core.places import Places

pytestmark = pytest.mark.anyio
# What happens to tasks that want a place: another one comes, or one of those that came ends or is cancelled.
STEPS = st.lists(st.tuples(st.sampled_from(["wanted", "postponed", "end", "cancel"]), st.integers(0, 9)), max_size=40)


class Crowd:
    """Tasks that hold their places until they are ended."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    def come(self, name: str, *, can_be_postponed: bool) -> None:
        """Start a task that wants a place."""
        self._ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, can_be_postponed=can_be_postponed))

    def end(self, name: str) -> None:
        """Let a task end once it has its place."""
        self._ends[name].set()

    async def _stay(self, name: str, *, can_be_postponed: bool) -> None:
        async with self._places.taken(can_be_postponed=can_be_postponed):
            self.inside.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.inside.remove(name)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_tasks_that_a_user_waits_for_come_first() -> None:
    crowd = Crowd(Places(1))
    for name in ("postponed 1", "postponed 2", "wanted 1", "wanted 2"):
        crowd.come(name, can_be_postponed=name.startswith("postponed"))
        await settled()
    seen = []
    while crowd.inside:
        [name] = crowd.inside
        seen.append(name)
        crowd.end(name)
        await settled()
    assert seen == ["postponed 1", "wanted 1", "wanted 2", "postponed 2"]


async def test_a_place_given_to_a_task_that_was_cancelled_goes_to_the_next() -> None:
    crowd = Crowd(Places(1))
    for name in ("first", "second", "third"):
        crowd.come(name, can_be_postponed=False)
        await settled()
    crowd.end("first")
    await asyncio.wait([crowd.tasks["first"]])
    crowd.tasks["second"].cancel()
    await settled()
    assert crowd.inside == ["third"]


@given(number=st.integers(1, 3), steps=STEPS)
def test_whatever_happens_no_place_is_lost_and_none_is_free_while_a_task_waits(
    number: int, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_play(number, steps))


async def _play(number: int, steps: list[tuple[str, int]]) -> None:
    crowd = Crowd(Places(number))
    for at, (step, which) in enumerate(steps):
        staying = [name for name, task in crowd.tasks.items() if not task.done()]
        if step in {"wanted", "postponed"}:
            crowd.come(str(at), can_be_postponed=step == "postponed")
        elif staying and step == "end":
            crowd.end(staying[which % len(staying)])
        elif staying:
            crowd.tasks[staying[which % len(staying)]].cancel()
        if which % 2:
            await settled()
    await settled()
    staying = [name for name, task in crowd.tasks.items() if not task.done()]
    assert len(crowd.inside) == min(number, len(staying))
    for task in crowd.tasks.values():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
