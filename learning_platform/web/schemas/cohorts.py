"""Cohorts of a course, compared."""

from datetime import datetime

from pydantic import Field

from learning_platform.web.schemas.common import Output


class AssignmentFigures(Output):
    """What a cohort submitted and reviewed for one assignment."""

    position: int = Field(description="Counted from 0.")
    title: str
    is_due: bool = Field(description="Whether its deadline has passed.")
    submitted_count: int = Field(description="Participants who submitted by their deadline.")
    reviews_done: int = Field(description="Of those required: the extra reviews of volunteers do not count.")
    reviews_required: int


class CohortFigures(Output):
    """A cohort that has started."""

    id: int
    title: str
    number: int
    started_at: datetime
    finishes_at: datetime
    participants_count: int = Field(description="Those who left are included.")
    left_count: int
    finished_count: int = Field(description="Participants who did everything in the last assignment.")
    average_total: float | None = Field(
        description="The mean of the participants' overall results so far, in percent; without those who left."
    )
    assignments: list[AssignmentFigures]
