"""Supervise background tasks: a task that ends is logged, counted, and restarted after a growing pause."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.clock import Clock
from learning_platform.core.metrics import TASK_FAILURES, TASK_RUNNING

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0
# A task that ran for this time is healthy again, and its next pause is the shortest.
RECOVERED_AFTER_SECONDS = 60.0
CANCEL_AGAIN_SECONDS = 0.5

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TaskState:
    """The state of a background task; `is_failing` while it waits for a restart and for a minute after it."""

    name: str
    is_failing: bool
    failures: int
    failed_at: datetime | None


class Supervisor:
    """Keeps background tasks running until it is stopped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, _SupervisedTask] = {}

    def start(self, name: str, work: Work) -> None:
        """Run `work`, which should run until cancelled, under a unique name."""
        assert name not in self._tasks, name
        self._tasks[name] = _SupervisedTask(name, work, self._clock)

    def states(self) -> list[TaskState]:
        """Return the state of each task, in the order of their start."""
        return [task.state() for task in self._tasks.values()]

    async def stop(self) -> None:
        """Cancel all tasks and wait for their end."""
        await _end(list(self._tasks.values()))

    async def stop_task(self, name: str) -> None:
        """Cancel one task and wait for its end."""
        await _end([self._tasks[name]])


class _SupervisedTask:
    def __init__(self, name: str, work: Work, clock: Clock) -> None:
        self._name = name
        self._work = work
        self._clock = clock
        self._is_waiting = False
        self._failures = 0
        self._failed_at: datetime | None = None
        self._began = asyncio.get_running_loop().time()
        # This creates the counter with the value zero before the first failure.
        TASK_FAILURES.labels(name)
        TASK_RUNNING.labels(name).set(1)
        self.running = asyncio.create_task(self._keep_running(), name=name)

    def state(self) -> TaskState:
        is_failing = self._failures > 0 and (self._is_waiting or not self._has_recovered())
        return TaskState(self._name, is_failing, self._failures, self._failed_at)

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE_SECONDS
        while True:
            self._began = loop.time()
            await self._run_once()
            pause = FIRST_PAUSE_SECONDS if self._has_recovered() else pause
            await self._wait(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def _run_once(self) -> None:
        """Run until the work ends, which it should not."""
        try:
            await self._work()
        except (Exception, asyncio.CancelledError):
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            log.exception("the background task %s failed and is restarted", self._name)
        else:
            log.error("the background task %s ended and is restarted", self._name)

    async def _wait(self, seconds: float) -> None:
        self._failures += 1
        self._failed_at = self._clock()
        TASK_FAILURES.labels(self._name).inc()
        TASK_RUNNING.labels(self._name).set(0)
        self._is_waiting = True
        await asyncio.sleep(seconds)
        self._is_waiting = False
        TASK_RUNNING.labels(self._name).set(1)

    def _has_recovered(self) -> bool:
        return asyncio.get_running_loop().time() - self._began >= RECOVERED_AFTER_SECONDS


async def _end(tasks: Sequence[_SupervisedTask]) -> None:
    """Cancel tasks repeatedly until they have ended, because a library may swallow a cancellation."""
    running = {task.running for task in tasks}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
