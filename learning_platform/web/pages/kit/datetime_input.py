"""Dates and times as people type them into a form: in their own time zone, by `<input type="datetime-local">`."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

# The time zones that are offered; others are accepted, too.
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


def parse_datetime_input(text: str, zone: ZoneInfo) -> datetime | str:
    """Return the time that was typed, or what was typed if it is none: the schema then says what is wrong."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return text
    return typed if typed.tzinfo is not None else typed.replace(tzinfo=zone)


def datetime_input_value(at: datetime, zone: ZoneInfo) -> str:
    """Return a time in the format of the field, to the minute."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
