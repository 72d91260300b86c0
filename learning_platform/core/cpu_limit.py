"""A limit on processor time for code that cannot be trusted to end: regular expressions given hostile text.

It interrupts the main thread of its own process, so it belongs into a worker process (core/workers.py), whose own limit
stops what does not let itself be interrupted.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time
from types import FrameType


class OutOfTime(BaseException):
    """The processor time is used up. Not an `Exception`, so that a broad `except` in a library does not catch it."""


class CpuBudget:
    """Seconds of processor time, used up by everything that runs inside `spent()`."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    @property
    def is_used_up(self) -> bool:
        """Say whether nothing is left."""
        return self._left <= 0

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Run the body on this budget. Raises OutOfTime, also inside the body."""
        if self.is_used_up:
            raise OutOfTime
        began = process_time()
        previous = signal.signal(signal.SIGVTALRM, _interrupt)
        signal.setitimer(signal.ITIMER_VIRTUAL, self._left)
        try:
            yield
        except OutOfTime:
            # The timer and the clock count differently: what is over is over.
            self._left = 0.0
            raise
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, previous)
            self._left -= process_time() - began


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTime
