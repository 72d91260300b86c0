"""The dashboard of a track, for programs."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from learning_platform.web.schemas.common import Output
from learning_platform.web.schemas.reviews import AssignmentOutcome


class BoardCell(Output):
    """One participant at one assignment: the outcome, and what needs attention about the submission."""

    outcome: AssignmentOutcome
    submission_id: int | None
    reviews_count: int
    extended_to: datetime | None = Field(description="The participant's own deadline.")
    is_disputed: bool = Field(description="Whether its reviewers disagree strongly.")
    is_short: bool = Field(description="Whether it is in review and has fewer reviews than it should.")
    appeal: Literal["open", "settled"] | None


class BoardRow(Output):
    """A participant, with a cell for each assignment that has opened for them."""

    id: int = Field(description="The participant's user id.")
    username: str
    has_left: bool
    total: float | None
    reviews_owed: int = Field(description="Reviews left to do at their current assignment.")
    is_behind: bool = Field(description="Whether its review deadline has passed.")
    cells: list[BoardCell]
