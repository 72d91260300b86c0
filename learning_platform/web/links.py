"""Where a message leads."""

from learning_platform.notifications.queries import Notification


def link_of(message: Notification) -> str:
    """Return the page on which to do what a message is about."""
    if message.assignment_id is None:
        return "/" if message.track_id is None else f"/tracks/{message.track_id}"
    ending = {"review_received": "/reviews", "appeal_settled": "/reviews", "review_started": "/review"}
    return f"/assignments/{message.assignment_id}" + ending.get(message.type, "")
