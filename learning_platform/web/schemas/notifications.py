"""The inbox."""

from datetime import datetime

from pydantic import Field

from learning_platform.notifications.messages import NotificationType
from learning_platform.web.schemas.common import Input, ObjectId, Output


class Notification(Output):
    """A notification, in the language of its recipient. The WebSocket sends the same fields except `read`."""

    id: int
    type: NotificationType
    track_id: int | None
    assignment_id: int | None
    title: str
    text: str
    due_at: datetime | None
    submitted: bool | None = Field(description="In a deadline warning: whether the recipient has submitted.")
    url: str = Field(description="The path of the page to open.", examples=["/assignments/3"])
    created_at: datetime
    read: bool


class ReadMark(Input):
    """The id up to which notifications are marked as read; with `track_id`, only those about that track."""

    up_to: ObjectId
    track_id: ObjectId | None = None


class ReadChange(Input):
    """Whether a notification is to be read or unread."""

    read: bool
