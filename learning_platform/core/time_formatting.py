"""Times and days in the reader's language and time zone, in one format for pages, messages and emails."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from learning_platform.core.languages import Language

THIS_YEAR, OTHER_YEAR = "EEE, d MMM, H:mm", "EEE, d MMM y, H:mm"
WITH_SECONDS = "EEE, d MMM, H:mm:ss"
# Seconds of a time further away than this are of no use, and to round it down makes nobody late.
SECONDS_MATTER_WITHIN = timedelta(minutes=15)


def format_time(at: datetime, language: Language, zone: ZoneInfo, *, now: datetime) -> str:
    """Return a time without its zone: `Thu, 3 Jan, 15:00`; the year and the seconds only where they matter."""
    from babel.dates import format_datetime  # Loading it takes 20 ms, which most commands need not wait for.

    local = at.astimezone(zone)
    pattern = THIS_YEAR if local.year == now.astimezone(zone).year else OTHER_YEAR
    if at.second and timedelta() < at - now < SECONDS_MATTER_WITHIN:
        pattern = WITH_SECONDS
    return format_datetime(local, pattern, locale=language)


def format_time_and_zone(at: datetime, language: Language, zone: ZoneInfo, *, now: datetime) -> str:
    """Return a time with its zone: `Thu, 3 Jan, 15:00 (UTC+3)`."""
    return f"{format_time(at, language, zone, now=now)} ({format_offset(at, zone)})"


def format_day(at: datetime, language: Language, *, now: datetime) -> str:
    """Return the day of a time shown as a day (core/anonymity.py): `Thu, 3 Jan`, with the year where it matters."""
    from babel.dates import format_date

    day = at.astimezone(UTC)
    pattern = "EEE, d MMM" if day.year == now.astimezone(UTC).year else "EEE, d MMM y"
    return format_date(day.date(), pattern, locale=language)


def format_offset(at: datetime, zone: ZoneInfo) -> str:
    """Return the difference between a zone and UTC at a time: `UTC`, `UTC+3`, `UTC+5:30`."""
    offset = zone.utcoffset(at.astimezone(zone).replace(tzinfo=None)) or timedelta()
    minutes = int(offset.total_seconds()) // 60
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")
