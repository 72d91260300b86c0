"""What is done for many participants: chosen ones come in, and who was left out goes out."""

from typing import Annotated

from pydantic import Field

from learning_platform.web.schemas.common import NO_NUL, Input, ObjectId, Output, UtcDatetime
from learning_platform.web.schemas.texts import PROSE

# The ids of so many participants fit into a form.
MAX_CHOSEN = 20_000


class ChosenParticipants(Input):
    """Participants of a track, each of whom counts once."""

    user_ids: Annotated[list[ObjectId], Field(min_length=1, max_length=MAX_CHOSEN)]


class NewGroupExtension(ChosenParticipants):
    """A later deadline for many participants."""

    due_at: UtcDatetime
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL), PROSE]


class LeftOut(Output):
    """A chosen participant for whom nothing was done; `code` and `detail` say why."""

    user_id: int
    username: str | None
    code: str
    detail: str


class GroupOutcome(Output):
    """The participants for whom something was done, and those who were left out."""

    done: list[int]
    refused: list[LeftOut]
