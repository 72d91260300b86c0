"""Notifications as the text messages that WebSockets send."""

import orjson

from learning_platform.notifications.queries import Notification


def encoded(notification: Notification) -> str:
    """Return the JSON text message of the contract."""
    return with_id(notification.id, without_id(notification))


def with_id(id: int, message: str) -> str:
    """Return a message with its id put in front of the rest."""
    return f'{{"id":{id},{message}'


def without_id(notification: Notification) -> str:
    """Return a message but for its id: it is the same for all recipients with the same wording, language and zone."""
    content = {
        "type": notification.type,
        "track_id": notification.track_id,
        "assignment_id": notification.assignment_id,
        "title": notification.title,
        "text": notification.text,
        "due_at": notification.due_at,
        "submitted": notification.submitted,
        "url": notification.url,
        "created_at": notification.created_at,
    }
    return orjson.dumps(content, option=orjson.OPT_UTC_Z).decode().removeprefix("{")
