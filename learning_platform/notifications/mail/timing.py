"""When an email goes out: immediately, after the quiet hours, or with the daily digest. Pure functions.

Hours are those of the clock on the person's wall. An hour that the change to summer time leaves out begins with the
next one; of an hour that the change back repeats, the first counts.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from learning_platform.notifications.mail.preferences import MailChoice

# What is due so soon after the quiet hours would be too late after them.
MARGIN = timedelta(hours=2)


def digest_due_at(choice: MailChoice, time_zone: str, *, after: datetime) -> datetime:
    """Return when the first digest after a time is due."""
    return _next_hour(choice.digest_hour, ZoneInfo(time_zone), after=after)


def held_until(choice: MailChoice, time_zone: str, *, now: datetime) -> datetime | None:
    """Return the end of the quiet hours, or None outside of them."""
    if choice.quiet_from is None or choice.quiet_until is None:
        return None
    zone = ZoneInfo(time_zone)
    hour, begins, ends = now.astimezone(zone).hour, choice.quiet_from, choice.quiet_until
    is_quiet = begins <= hour < ends if begins < ends else hour >= begins or hour < ends
    return _next_hour(ends, zone, after=now) if is_quiet else None


def is_urgent(due_at: datetime | None, *, held_until: datetime) -> bool:
    """Say whether what is due by `due_at` would reach the person too late."""
    return due_at is not None and due_at <= held_until + MARGIN


def _next_hour(hour: int, zone: ZoneInfo, *, after: datetime) -> datetime:
    day = after.astimezone(zone).date()
    days = (day + timedelta(days=number) for number in range(3))
    times = (datetime.combine(each, time(hour), tzinfo=zone).astimezone(UTC) for each in days)
    return next(at for at in times if at > after)
