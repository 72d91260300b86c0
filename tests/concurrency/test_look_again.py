"""Whatever decides is read by the statement that locks it, or after it (docs/locking.md).

Every action that locks meets every other of its world, and itself, in both orders: stopped before each statement that
locks, before the first that writes, and before its commit.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
import pytest

from learning_platform.core.database import Connection, prepare_connection
from tests.architecture.test_database import statements
from tests.concurrency.interleavings import IS_LOCKING, Action, Stage, World
from tests.concurrency.worlds import WORLDS

pytestmark = pytest.mark.anyio
Build = Callable[[Connection], Awaitable[World]]
# Not met by anything: held while a process starts, before it serves.
ALONE = {"learning_platform.core.migrate.LOCK"}


@pytest.mark.parametrize("build", WORLDS, ids=lambda build: build.__name__)
async def test_what_meets_ends_as_if_one_had_come_after_the_other(build: Build, database_url: str) -> None:
    wrong: list[str] = []
    async with _set_up(build, database_url) as (world, stage):
        for first in world.actions:
            for second in world.actions:
                wrong += await _play(stage, world, first, second)
    assert not wrong, f"{len(wrong)} of them\n\n" + "\n\n".join(wrong[:10])


async def test_every_statement_that_locks_is_met(database_url: str) -> None:
    locking = {name: text for name, text in statements().items() if IS_LOCKING.search(text)}
    met: set[str] = set()
    for build in WORLDS:
        async with _set_up(build, database_url) as (world, stage):
            for action in world.actions:
                met.update(await stage.statements_of(action))
    assert len(locking) > 25
    assert {name for name, text in locking.items() if text not in met} == ALONE


async def _play(stage: Stage, world: World, first: Action, second: Action) -> list[str]:
    """Let the second act while the first stands still, at every place where it may; return what went wrong."""
    serial = {await stage.in_turn(world, first, second), await stage.in_turn(world, second, first)}
    wrong: list[str] = []
    for place in count():
        result = await stage.interleaved(world, first, second, stop_at=place)
        if result is None:
            return wrong
        if result not in serial:
            wrong.append(f"{second.name}, while {first.name} stands at {place}:\n{_difference(result, serial)}")
    raise AssertionError


def _difference(result: str, serial: set[str]) -> str:
    """Return what is other than it would have been in either order."""
    found = result.splitlines()
    return "\n".join(
        line
        for expected in serial
        for line in (
            "--",
            *(f"- {line}" for line in expected.splitlines() if line not in found),
            *(f"+ {line}" for line in found if line not in expected.splitlines()),
        )
    )


@asynccontextmanager
async def _set_up(build: Build, url: str) -> AsyncIterator[tuple[World, Stage]]:
    db = await asyncpg.connect(url)
    try:
        await prepare_connection(db)
        world = await build(db)
    finally:
        await db.close()
    async with Stage.open(url) as stage:
        yield world, stage
