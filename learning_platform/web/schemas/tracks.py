"""Tracks, criteria, assignments, enrollments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter, ValidationError

from learning_platform.attempts.rules import AssignmentState
from learning_platform.tracks import actions
from learning_platform.tracks.rules import (
    MAX_ASSIGNMENTS,
    MAX_CRITERIA,
    MAX_HOURS,
    MAX_PARTICIPANTS,
    MIN_HOURS,
    TrackStatus,
    Visibility,
)
from learning_platform.web.schemas.common import Comment, Input, Output, Text, Title, UtcDatetime
from learning_platform.web.schemas.reviews import Criterion

Hours = Annotated[float, Field(ge=MIN_HOURS, le=MAX_HOURS, allow_inf_nan=False)]
IterationHours = Annotated[float, Field(ge=0, le=MAX_HOURS, allow_inf_nan=False)]
Places = Annotated[int, Field(ge=2, le=MAX_PARTICIPANTS)]


class NewCriterion(Input):
    """A criterion of a new track."""

    name: Title = Field(examples=["Readability"])
    description: Comment = ""
    max_score: Annotated[int, Field(ge=1, le=100)] = Field(examples=[10])

    def as_draft(self) -> actions.CriterionDraft:
        """Return what the action takes."""
        return actions.CriterionDraft(self.name, self.description, self.max_score)


NewCriteria = Annotated[list[NewCriterion], Field(min_length=1, max_length=MAX_CRITERIA)]
CRITERIA: TypeAdapter[list[NewCriterion]] = TypeAdapter(NewCriteria)


class NewAssignment(Input):
    """An assignment of a new track; its duration in hours, fractions allowed."""

    title: Title = Field(examples=["Hello, world"])
    description: Text = Field("", description="Markdown.")
    duration_hours: Hours = Field(examples=[48])

    def as_draft(self) -> actions.AssignmentDraft:
        """Return what the action takes."""
        return actions.AssignmentDraft(self.title, self.description, self.duration_hours)


NewAssignments = Annotated[list[NewAssignment], Field(min_length=1, max_length=MAX_ASSIGNMENTS)]


class NewTrack(Input):
    """A new track."""

    title: Title = Field(examples=["Python basics"])
    description: Text = ""
    required_participants: Places = Field(
        description="The number of places. The track starts when all are taken.", examples=[5]
    )
    review_hours: Hours = 24
    iteration_hours: IterationHours = Field(
        0, description="Time for a second iteration, after the reviews are due. 0: there is none.", examples=[24]
    )
    show_repository: bool = Field(
        False, description="Whether reviewers get the link to a repository whose code is frozen here, too."
    )
    visibility: Visibility = Field(
        "public", description="`unlisted`: not in lists. `private`: only for staff, participants and invited users."
    )
    draft: bool = Field(False, description="Whether the track begins as a draft, which only its staff see.")
    criteria: NewCriteria
    assignments: NewAssignments

    def as_draft(self) -> actions.TrackDraft:
        """Return what the action takes."""
        return actions.TrackDraft(
            title=self.title,
            description=self.description,
            required_participants=self.required_participants,
            review_hours=self.review_hours,
            iteration_hours=self.iteration_hours,
            show_repository=self.show_repository,
            visibility=self.visibility,
            is_draft=self.draft,
            criteria=[criterion.as_draft() for criterion in self.criteria],
            assignments=[assignment.as_draft() for assignment in self.assignments],
        )


class TrackEdit(Input):
    """The fields to change; omitted fields keep their values. `assignments` replaces the whole list."""

    title: Title | None = None
    description: Text | None = None
    required_participants: Places | None = None
    review_hours: Hours | None = None
    iteration_hours: IterationHours | None = None
    show_repository: bool | None = None
    assignments: NewAssignments | None = None
    visibility: Visibility | None = None
    criteria: Any = Field(
        None,
        description=(
            "Replaces the whole list while `criteria_changeable`; otherwise 409 `criteria_fixed`, whatever it is."
        ),
    )

    def as_change(self) -> actions.TrackChange:
        """Return what the action takes."""
        drafts = None if self.assignments is None else [assignment.as_draft() for assignment in self.assignments]
        return actions.TrackChange(
            title=self.title,
            description=self.description,
            required_participants=self.required_participants,
            review_hours=self.review_hours,
            iteration_hours=self.iteration_hours,
            show_repository=self.show_repository,
            assignments=drafts,
            names_criteria=self.criteria is not None,
            criteria=self._criteria()[0],
            visibility=self.visibility,
        )

    def ensure_valid_criteria(self) -> None:
        """Raise RequestValidationError for criteria that no track can have.

        It is checked last: where criteria are fixed, that is the answer, whatever is wrong with the new ones.
        """
        errors = self._criteria()[1]
        if errors:
            raise RequestValidationError([{**each, "loc": ("body", "criteria", *each["loc"])} for each in errors])

    def _criteria(self) -> tuple[list[actions.CriterionDraft] | None, Sequence[Any]]:
        """Return the new criteria, or what is wrong with them."""
        if self.criteria is None:
            return None, ()
        try:
            return [each.as_draft() for each in CRITERIA.validate_python(self.criteria)], ()
        except ValidationError as error:
            return None, error.errors()


class DeadlineExtension(Input):
    """A later deadline for all participants."""

    due_at: UtcDatetime = Field(examples=["2030-01-03T12:00:00Z"])


class Author(Output):
    """The user who created a track."""

    id: int
    username: str


class Track(Output):
    """A track; `enrolled` says whether the signed-in user takes part."""

    id: int
    title: str
    description: str
    status: TrackStatus
    required_participants: int
    participants_count: int
    review_hours: float
    iteration_hours: float
    show_repository: bool
    visibility: Visibility
    criteria: list[Criterion]
    criteria_changeable: bool = Field(
        description="Whether the criteria can change: until the first user enrolls, on tracks that began as drafts."
    )
    assignments_count: int
    author: Author
    enrolled: bool
    created_at: datetime
    started_at: datetime | None
    finishes_at: datetime | None


class MyTrack(Track):
    """A track on which the user takes part or is staff."""

    my_role: Literal["participant", "author", "co_author", "mentor"]


class Enrollment(Output):
    """A place on a track; `track_started` says whether it was the last free one."""

    track_id: int
    user_id: int
    enrolled_at: datetime
    track_started: bool


class Assignment(Output):
    """An assignment and its calendar. `state` is that of the signed-in user; `description` is null while `locked`."""

    id: int
    position: int = Field(description="Counted from 0.")
    title: str
    description: str | None
    duration_hours: float
    opens_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    reviews_due_at: datetime | None
    iteration_due_at: datetime | None = Field(
        description="Until when a second iteration may be handed in; null where the track has none."
    )
    personal_due_at: datetime | None = Field(description="A later deadline for the signed-in user, if they have one.")
    state: AssignmentState
