"""The one place that reads the clock; everything else takes `now` as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present time, aware, in UTC."""
    return datetime.now(UTC)
