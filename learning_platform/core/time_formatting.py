"""Dates and times as people write them, in their language and time zone: one format for pages, messages and emails.

Seconds are never shown. A deadline is then shown rounded down to the minute, which is safe.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from learning_platform.core.languages import Language

THIS_YEAR, OTHER_YEAR = "EEE, d MMM", "EEE, d MMM y"
TIME = ", HH:mm"


def format_time(at: datetime, language: Language, zone: ZoneInfo, *, now: datetime) -> str:
    """Return a date and time, without its zone: `Thu, 3 Jan, 09:00`; with the year unless it is the current one."""
    from babel.dates import format_datetime  # Loaded with the first page, not at every start.

    local = at.astimezone(zone)
    return format_datetime(local, _date_pattern(local, now.astimezone(zone)) + TIME, locale=language)


def format_day(at: datetime, language: Language, *, now: datetime) -> str:
    """Return the day of a time shown as a day (core/anonymity.py): `Thu, 3 Jan`, with the year where it matters."""
    from babel.dates import format_date

    day = at.astimezone(UTC)
    return format_date(day.date(), _date_pattern(day, now.astimezone(UTC)), locale=language)


def format_full_day(at: datetime, language: Language) -> str:
    """Return the day of a time in UTC with its year: `3 January 2030`."""
    from babel.dates import format_date

    return format_date(at.astimezone(UTC).date(), "d MMMM y", locale=language)


def _date_pattern(day: datetime, today: datetime) -> str:
    return THIS_YEAR if day.year == today.year else OTHER_YEAR
