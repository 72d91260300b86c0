"""Worker processes: they are replaced when they die, killed when a task takes too long, and take nothing along."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import uvloop

from learning_platform.core.cpu_limit import CpuBudget, OutOfTime
from learning_platform.core.worker import NICENESS
from learning_platform.core.workers import TaskFailed, TaskTimedOut, Workers

# Long enough for a busy machine; a test waits so long only where something is wrong.
PATIENTLY = 60.0


def shout(text: str) -> str:
    return text.upper()


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def hoard(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def print_and_return(text: str) -> str:
    print(text, flush=True)  # noqa: T201 - what a library might do
    return text


def environment() -> dict[str, str]:
    return dict(os.environ)


def open_files() -> list[str]:
    return [each.path for each in psutil.Process().open_files()] + [
        str(each.laddr) for each in psutil.Process().net_connections()
    ]


def niceness() -> int:
    return os.nice(0)


def modules() -> list[str]:
    return list(sys.modules)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(size=1)
    yield pool
    await pool.close()


async def test_nothing_is_started_before_there_is_something_to_do(workers: Workers) -> None:
    assert workers.process_ids == []
    assert await workers.run(shout, "жаба", seconds=PATIENTLY) == "ЖАБА"
    assert len(workers.process_ids) == 1


async def test_workers_that_ended_while_idle_fail_no_task() -> None:
    pool = Workers(size=3)
    try:
        await asyncio.gather(*(pool.run(spin, 0.2, seconds=PATIENTLY) for _ in range(3)))
        ended = pool.process_ids
        assert len(ended) == 3
        for process_id in ended:
            os.kill(process_id, signal.SIGALRM)
        await asyncio.sleep(0.2)
        assert await pool.run(shout, "a", seconds=PATIENTLY) == "A"
        assert len(pool.process_ids) == 1
        assert pool.process_ids[0] not in ended
    finally:
        await pool.close()


def test_a_worker_that_dies_just_before_its_task_fails_none_under_uvloop() -> None:
    """The loop the service runs on says so by another error than that of asyncio."""

    async def kill_and_ask() -> str:
        pool = Workers(size=1)
        try:
            await pool.run(shout, "one", seconds=PATIENTLY)
            os.kill(pool.process_ids[0], signal.SIGKILL)
            # The loop must not learn of it before the task is written.
            time.sleep(0.2)  # noqa: ASYNC251 - on purpose
            return await pool.run(shout, "two", seconds=PATIENTLY)
        finally:
            await pool.close()

    with uvloop_runner() as runner:
        assert runner.run(kill_and_ask()) == "TWO"


def uvloop_runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def test_a_worker_is_used_again(workers: Workers) -> None:
    await workers.run(shout, "a", seconds=PATIENTLY)
    before = workers.process_ids
    await workers.run(shout, "b" * 3_000_000, seconds=PATIENTLY)
    assert workers.process_ids == before


async def test_there_are_never_more_than_the_pool_may_have() -> None:
    pool = Workers(size=2)
    answers = await asyncio.gather(*(pool.run(shout, str(number), seconds=PATIENTLY) for number in range(20)))
    assert answers == [str(number) for number in range(20)]
    assert len(pool.process_ids) == 2
    await pool.close()


async def test_a_task_that_a_user_waits_for_comes_before_those_that_can_be_postponed(workers: Workers) -> None:
    ended: list[str] = []

    async def run(name: str, *, can_be_postponed: bool) -> None:
        ended.append(await workers.run(shout, name, seconds=PATIENTLY, can_be_postponed=can_be_postponed))

    postponed = [asyncio.create_task(run(f"p{number}", can_be_postponed=True)) for number in range(3)]
    await asyncio.sleep(0)
    await run("w", can_be_postponed=False)
    await asyncio.gather(*postponed)
    assert ended == ["P0", "W", "P1", "P2"]


async def test_a_task_beyond_its_limit_is_killed_and_the_next_one_is_done(workers: Workers) -> None:
    await workers.run(shout, "a", seconds=PATIENTLY)
    (slow,) = workers.process_ids
    with pytest.raises(TaskTimedOut):
        await workers.run(spin, 600, seconds=0.1)
    assert not psutil.pid_exists(slow)
    assert await workers.run(shout, "b", seconds=PATIENTLY) == "B"


async def test_a_killed_worker_is_replaced(workers: Workers) -> None:
    for attempt in range(5):
        await workers.run(shout, "a", seconds=PATIENTLY)
        os.kill(workers.process_ids[0], signal.SIGKILL)
        if attempt % 2:
            # At times the pool learns of it before the next task.
            await asyncio.sleep(0.05)
    assert await workers.run(shout, "b", seconds=PATIENTLY) == "B"


async def test_a_task_that_kills_its_worker_fails_and_harms_no_other(workers: Workers) -> None:
    with pytest.raises(TaskFailed):
        await workers.run(die, seconds=PATIENTLY)
    assert await workers.run(shout, "b", seconds=PATIENTLY) == "B"


async def test_what_a_task_raises_is_a_failure(workers: Workers) -> None:
    with pytest.raises(TaskFailed, match="AttributeError"):
        await workers.run(shout, 7, seconds=PATIENTLY)
    assert await workers.run(shout, "b", seconds=PATIENTLY) == "B"


async def test_memory_is_limited(workers: Workers) -> None:
    with pytest.raises(TaskFailed, match="MemoryError"):
        await workers.run(hoard, 2000, seconds=PATIENTLY)
    assert await workers.run(hoard, 50, seconds=PATIENTLY) == 50 * 1024 * 1024


async def test_what_a_task_prints_spoils_no_answer(workers: Workers) -> None:
    assert await workers.run(print_and_return, "hello", seconds=PATIENTLY) == "hello"


async def test_the_loop_goes_on_while_a_task_runs(workers: Workers) -> None:
    running = asyncio.create_task(workers.run(spin, 0.5, seconds=PATIENTLY))
    ticks = 0
    while not running.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert ticks > 5


async def test_a_cancelled_task_leaves_no_busy_worker(workers: Workers) -> None:
    await workers.run(shout, "a", seconds=PATIENTLY)
    (busy,) = workers.process_ids
    running = asyncio.create_task(workers.run(spin, 600, seconds=PATIENTLY))
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not psutil.pid_exists(busy)
    assert await workers.run(shout, "b", seconds=PATIENTLY) == "B"


async def test_a_closed_pool_leaves_no_process() -> None:
    pool = Workers(size=2)
    await asyncio.gather(*(pool.run(shout, "a", seconds=PATIENTLY) for _ in range(2)))
    started = pool.process_ids
    await pool.close()
    assert [pid for pid in started if psutil.pid_exists(pid)] == []


async def test_a_worker_gets_no_secrets_and_no_open_files(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for workers")
    with (tmp_path / "open").open("w") as kept_open:
        os.set_inheritable(kept_open.fileno(), True)
        assert "SECRET_KEY" not in await workers.run(environment, seconds=PATIENTLY)
        listening = socket.create_server(("127.0.0.1", 0))
        listening.set_inheritable(True)
        assert await workers.run(open_files, seconds=PATIENTLY) == []
        listening.close()


async def test_a_worker_gives_way_to_the_web_process(workers: Workers) -> None:
    assert await workers.run(niceness, seconds=PATIENTLY) >= NICENESS


async def test_modules_are_there_before_the_first_task() -> None:
    pool = Workers(size=1, modules=["learning_platform.web.texts.markdown"])
    assert "markdown_it" in await pool.run(modules, seconds=PATIENTLY)
    await pool.close()


async def test_a_worker_that_cannot_start_is_a_failure() -> None:
    pool = Workers(size=1, modules=["learning_platform.no_such_module"])
    with pytest.raises(TaskFailed, match="started"):
        await pool.run(shout, "a", seconds=PATIENTLY)
    assert pool.process_ids == []


def test_processor_time_is_limited() -> None:
    budget = CpuBudget(0.05)
    with pytest.raises(OutOfTime), budget.spent():
        spin(600)
    assert budget.is_used_up
    with pytest.raises(OutOfTime), budget.spent():
        spin(0)


def test_what_ends_in_time_leaves_the_rest_of_the_budget() -> None:
    budget = CpuBudget(600)
    with budget.spent():
        spin(0.01)
    assert not budget.is_used_up
