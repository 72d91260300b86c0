"""A limit on processor time for code that may not end: regular expressions with hostile text.

It interrupts the main thread of its process, so it is used in worker processes (core/workers.py), whose time limit
stops code that cannot be interrupted.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time
from types import FrameType


class OutOfTime(BaseException):
    """The processor time is used up. Not an `Exception`, so that a broad `except` in a library does not catch it."""


class CpuBudget:
    """A budget of processor time in seconds for the code inside `spent()`."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    @property
    def is_used_up(self) -> bool:
        """Say whether the budget is used up."""
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
            # The timer and the clock measure differently, so the budget counts as used up when either says so.
            self._left = 0.0
            raise
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, previous)
            self._left -= process_time() - began


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTime
