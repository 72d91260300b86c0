"""The calendar of a track that has not started."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.tracks.queries import Track
from learning_platform.tracks.rules import Calendar, calendar


@dataclass(frozen=True, slots=True)
class PlannedCalendar:
    """How long a track takes in hours, and if it is to start on a date, the times of its assignments and its end."""

    hours: float
    dates: Sequence[Calendar]
    ends_at: datetime | None


def planned_calendar(track: Track, durations: Sequence[float], *, now: datetime) -> PlannedCalendar | None:
    """Return the calendar of a track that is open for enrollment; None for others. `durations` are in hours."""
    if track.status != "enrolling":
        return None
    at = track.start.at
    starts_at = at if at is not None and at > now else None
    dates = calendar(
        starts_at=starts_at or now,
        durations=durations,
        review_hours=track.review_hours,
        iteration_hours=track.iteration_hours,
    )
    ends_at = dates[-1].ends_at
    hours = (ends_at - dates[0].opens_at) / timedelta(hours=1)
    return PlannedCalendar(hours, dates, ends_at) if starts_at else PlannedCalendar(hours, [], None)
