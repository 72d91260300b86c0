"""Moments as people type them into a form: in their own time zone, by `<input type="datetime-local">`."""

from datetime import datetime
from zoneinfo import ZoneInfo


def parse_datetime_input(text: str, zone: ZoneInfo) -> datetime | str:
    """Return the moment that was typed, or what was typed if it is none: the schema then says what is wrong."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return text
    return typed if typed.tzinfo is not None else typed.replace(tzinfo=zone)


def datetime_input_value(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as such a field wants it, to the minute."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
