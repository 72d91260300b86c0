"""Refusals of notifications and mail."""

from learning_platform.core.errors import NotFound
from learning_platform.core.languages import N_


class NotificationNotFound(NotFound):
    """The user has no such notification."""

    code = "notification_not_found"
    message = N_("Message not found.")
