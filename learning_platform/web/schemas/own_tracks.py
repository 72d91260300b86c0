"""The tracks of a user, with the place that they have on each."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from learning_platform.web.schemas.tracks import Track


class MyTrack(Track):
    """A track on which the user takes part or is staff, and the place on it."""

    my_role: Literal["participant", "author", "co_author", "mentor"]
    declinable: bool = Field(
        description="Whether your place came from the waiting list and can be declined: `POST /tracks/{id}/decline`."
    )
    decline_until: datetime | None = Field(
        description="Until when it can be declined; null before the track starts, and where it is not `declinable`."
    )
