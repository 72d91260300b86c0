"""Waiting lists of tracks."""

from datetime import datetime

from pydantic import Field

from learning_platform.web.schemas.common import Output


class Waiting(Output):
    """A user on the waiting list of a track."""

    id: int
    user_id: int
    username: str
    joined_at: datetime
    position: int = Field(description="Counted from 1.")
