"""Rate limits as they are written in settings: `20/hour`, or `off`."""

import re
from dataclasses import dataclass
from datetime import timedelta

PERIODS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
WRITTEN = re.compile(r"([1-9][0-9]{0,6})/(second|minute|hour|day)")
OFF = "off"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` uses in a row; used ones become free again one by one, all of them within `period`."""

    times: int
    period: timedelta

    @classmethod
    def parse(cls, text: str) -> "Limit | None":
        """Read a setting; `off` is None. Raises ValueError."""
        written = WRITTEN.fullmatch(text.strip().lower())
        if written is not None:
            return cls(int(written[1]), PERIODS[written[2]])
        if text.strip().lower() == OFF:
            return None
        raise ValueError("must look like 20/hour (per second, minute, hour or day), or be off")

    @property
    def interval(self) -> timedelta:
        """Return the time after which another use is free again."""
        return self.period / self.times
