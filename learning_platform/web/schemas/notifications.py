"""The inbox."""

from datetime import datetime

from pydantic import Field

from learning_platform.notifications.messages import NotificationType
from learning_platform.web.schemas.common import Input, ObjectId, Output


class Notification(Output):
    """One message, in the reader's language; the WebSocket sends the same without `read`."""

    id: int
    type: NotificationType
    track_id: int | None
    assignment_id: int | None
    title: str
    text: str
    due_at: datetime | None
    submitted: bool | None = Field(description="In a deadline warning: whether the reader has handed in.")
    url: str = Field(description="The path of the page that the message leads to.", examples=["/assignments/3"])
    created_at: datetime
    read: bool


class ReadMark(Input):
    """Everything up to this id has been read."""

    up_to: ObjectId
