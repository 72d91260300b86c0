"""How often something may be done, as settings write it: `20/hour`, or `off`."""

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
    """At most `times` in a row; what was used comes back evenly, all of it within `period`."""

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
        raise ValueError("a limit looks like 20/hour (second, minute, hour or day), or is off")

    @property
    def interval(self) -> timedelta:
        """Return the time after which one more is free again."""
        return self.period / self.times
