"""Refusals of notifications and mail."""

from learning_platform.core.errors import Invalid, NotFound
from learning_platform.core.languages import N_


class NotificationNotFound(NotFound):
    """The user has no such notification."""

    code = "notification_not_found"
    message = N_("Message not found.")


class QuietHoursIncomplete(Invalid):
    """Only one end of the quiet hours is given, or both are the same hour."""

    code = "quiet_hours_incomplete"
    message = N_("Choose when the quiet hours begin and when they end, two different hours.")


def ensure_quiet_hours(begin: int | None, end: int | None) -> None:
    """Raise QuietHoursIncomplete unless there are none or both ends are given and differ."""
    if (begin is None) != (end is None) or (begin is not None and begin == end):
        raise QuietHoursIncomplete(loc=("body", "quiet_until"))
