"""A small pool of worker processes for tasks that may take too long, because a thread cannot be killed.

Workers are started on demand, replaced when they die, and killed when a task exceeds its limit. They end with this
process in any case, because their pipe closes.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import orjson

from learning_platform.core.places import Places
from learning_platform.core.settings import PROJECT
from learning_platform.core.worker import LENGTH_BYTES

Result = TypeVar("Result")
MEMORY_BYTES = 512 * 1024 * 1024
# A machine under load may be slow to start a process.
START_SECONDS = 10.0
# A worker may die without fault of the task: it was idle for long, or it was killed.
ATTEMPTS = 2
# The environment of a web process contains secrets; a worker gets only what Python needs to start.
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class TaskFailed(Exception):
    """A task had no result: it raised an exception, or its worker died."""


class TaskTimedOut(TaskFailed):
    """A task exceeded its limit; its worker was killed."""


class NoWorker(TaskFailed):
    """No worker could be started, which is not a fault of the task."""


class _WorkerDied(Exception):
    """A worker ended without an answer."""


class Workers:
    """At most `size` processes, which import `modules` before the time limit of their first task begins."""

    def __init__(self, *, size: int, modules: Sequence[str] = (), memory_bytes: int = MEMORY_BYTES) -> None:
        self.size = size
        self._modules = modules
        self._memory_bytes = memory_bytes
        self._places = Places(size)
        self._idle: list[Process] = []
        self._all: set[Process] = set()

    @property
    def process_ids(self) -> list[int]:
        """Return the present processes."""
        return [process.pid for process in self._all]

    async def run(
        self, task: Callable[..., Result], *arguments: Any, seconds: float, can_be_postponed: bool = False
    ) -> Result:
        """Run a module's function in a worker and return its result; both it and `arguments` travel as JSON.

        `seconds` limit the run itself, not the wait for a free worker. A task that can be postponed is run when no
        other task waits. Raises TaskFailed, TaskTimedOut, NoWorker.
        """
        message = orjson.dumps([f"{task.__module__}:{task.__qualname__}", arguments])
        async with self._places.taken(can_be_postponed=can_be_postponed):
            for _ in range(ATTEMPTS):
                process = await self._idle_worker() or await self._start()
                with suppress(_WorkerDied):
                    answer = await self._ask(process, message, seconds)
                    break
            else:
                raise TaskFailed("the worker died")
        if "error" in answer:
            raise TaskFailed(answer["error"])
        result: Result = answer["result"]
        return result

    async def close(self) -> None:
        """End all workers."""
        for process in list(self._all):
            await self._kill(process)
        self._idle.clear()

    async def _ask(self, process: Process, message: bytes, seconds: float) -> Any:
        """Return the answer of a worker, which is then idle, or kill it if there is no answer."""
        try:
            async with asyncio.timeout(seconds):
                answer = await _exchange(process, message)
        except TimeoutError:
            await self._kill(process)
            raise TaskTimedOut("the task exceeded its limit") from None
        except BaseException:
            await self._kill(process)
            raise
        self._idle.append(process)
        return answer

    async def _idle_worker(self) -> Process | None:
        """Return a worker without a task; those that have ended meanwhile are removed."""
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            await self._kill(process)
        return None

    async def _start(self) -> Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "learning_platform.core.worker", str(self._memory_bytes), *self._modules),
            stdin=PIPE,
            stdout=PIPE,
            cwd=PROJECT,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            # The web process handles Ctrl-C and ends its workers itself.
            start_new_session=True,
        )
        self._all.add(process)
        try:
            async with asyncio.timeout(START_SECONDS):
                await _answer(process)
        except (TimeoutError, _WorkerDied):
            await self._kill(process)
            raise NoWorker("no worker could be started") from None
        except BaseException:
            await self._kill(process)
            raise
        return process

    async def _kill(self, process: Process) -> None:
        self._all.discard(process)
        assert process.stdin is not None
        process.stdin.close()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        assert process.stdout is not None
        # Its end closes the pipe; a task that is being cancelled may be reading there still.
        with suppress(RuntimeError):
            await process.stdout.read()


async def _exchange(process: Process, message: bytes) -> Any:
    assert process.stdin is not None
    try:
        process.stdin.write(len(message).to_bytes(LENGTH_BYTES) + message)
        await process.stdin.drain()
    except (OSError, RuntimeError) as error:  # uvloop raises the latter where the pipe is closed already.
        raise _WorkerDied from error
    return await _answer(process)


async def _answer(process: Process) -> Any:
    assert process.stdout is not None
    try:
        length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES))
        return orjson.loads(await process.stdout.readexactly(length))
    except (asyncio.IncompleteReadError, OSError) as error:
        raise _WorkerDied from error
