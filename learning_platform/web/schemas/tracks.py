"""Tracks, criteria, assignments, enrollments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter, ValidationError

from learning_platform.accounts.rules import UnknownTimeZone, is_time_zone
from learning_platform.attempts.rules import AssignmentState
from learning_platform.tracks import actions
from learning_platform.tracks.details import Level
from learning_platform.tracks.rules import (
    APPEAL_DAYS,
    MAX_APPEAL_DAYS,
    MAX_ASSIGNMENTS,
    MAX_CRITERIA,
    MAX_HOURS,
    MAX_PARTICIPANTS,
    MIN_HOURS,
    TrackStatus,
    Visibility,
)
from learning_platform.tracks.start_rules import StartPlan, StartRule, StartState
from learning_platform.web.schemas.accounts import TimeZone
from learning_platform.web.schemas.common import Comment, Input, Output, Text, Title, UtcDatetime
from learning_platform.web.schemas.details import EditedDetails, GivenDetails
from learning_platform.web.schemas.reviews import Criterion

Hours = Annotated[float, Field(ge=MIN_HOURS, le=MAX_HOURS, allow_inf_nan=False)]
IterationHours = Annotated[float, Field(ge=0, le=MAX_HOURS, allow_inf_nan=False)]
AppealDays = Annotated[float, Field(ge=0, le=MAX_APPEAL_DAYS, allow_inf_nan=False)]
Places = Annotated[int, Field(ge=2, le=MAX_PARTICIPANTS)]
FromHour = Annotated[int, Field(ge=0, le=23)]
UntilHour = Annotated[int, Field(ge=1, le=24)]


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


class Start(Input):
    """How a track starts; given as a whole."""

    rule: StartRule = Field("when_full", description="`on_date`: at `at`, with at least `min_participants`.")
    at: UtcDatetime | None = Field(
        None, description="For `on_date`; null: not set yet. Must be within the starting hours."
    )
    min_participants: Places = Field(2, description="For `on_date`: with fewer, the track waits for its staff.")
    time_zone: TimeZone = Field("UTC", description="The time zone of the starting hours.")
    from_hour: FromHour | None = Field(
        None, description="The track starts from this hour of the day, `when_full` too; null: at any hour."
    )
    until_hour: UntilHour | None = Field(None, description="The track starts before this hour.")

    def as_plan(self) -> StartPlan:
        """Return what the actions take. Raises UnknownTimeZone."""
        if not is_time_zone(self.time_zone):
            raise UnknownTimeZone(loc=("body", "start", "time_zone"))
        at = self.at if self.rule == "on_date" else None
        return StartPlan(self.rule, at, self.min_participants, self.time_zone, self.from_hour, self.until_hour)


class NewTrack(GivenDetails):
    """A new track."""

    title: Title = Field(examples=["Python basics"])
    description: Text = ""
    required_participants: Places = Field(
        description="The number of places. Unless `start` says otherwise, the track starts when all are taken.",
        examples=[5],
    )
    start: Start | None = Field(None, description="How the track starts; null: when all places are taken.")
    review_hours: Hours = 24
    iteration_hours: IterationHours = Field(
        0, description="Time for a second iteration, after the reviews are due. 0: there is none.", examples=[24]
    )
    appeal_days: AppealDays = Field(
        APPEAL_DAYS,
        description="For so many days after the end of the track, reviews can be answered, discussed and appealed.",
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
            appeal_days=self.appeal_days,
            show_repository=self.show_repository,
            visibility=self.visibility,
            details=self.details(),
            is_draft=self.draft,
            start=None if self.start is None else self.start.as_plan(),
            criteria=[criterion.as_draft() for criterion in self.criteria],
            assignments=[assignment.as_draft() for assignment in self.assignments],
        )


class TrackEdit(EditedDetails):
    """The fields to change; omitted fields keep their values. `assignments` replaces the whole list."""

    title: Title | None = None
    description: Text | None = None
    required_participants: Places | None = None
    start: Start | None = None
    review_hours: Hours | None = None
    iteration_hours: IterationHours | None = None
    appeal_days: AppealDays | None = None
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
            appeal_days=self.appeal_days,
            show_repository=self.show_repository,
            assignments=drafts,
            start=None if self.start is None else self.start.as_plan(),
            names_criteria=self.criteria is not None,
            criteria=self._criteria()[0],
            visibility=self.visibility,
            details=self.details_change(),
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


class TrackStart(Output):
    """How a track starts, and what has come of it."""

    rule: StartRule
    at: datetime | None = Field(
        description="When the track starts, where that is known; for `when_full`: while it waits for its hours."
    )
    min_participants: int
    time_zone: str
    from_hour: int | None
    until_hour: int | None
    missed_at: datetime | None = Field(
        description="Since when the track waits for its staff, because too few had enrolled on its date."
    )


class Track(Output):
    """A track; `enrolled` says whether the signed-in user takes part."""

    id: int
    title: str
    description: str
    status: TrackStatus
    required_participants: int
    participants_count: int
    start: TrackStart
    start_state: StartState | None = Field(
        description=(
            "What the track waits for: `when_full` more participants, `full` its starting hours or date (`start.at`), "
            "`on_date` its date, `date_not_set` a date, `missed` a decision of its staff. Null after the start."
        )
    )
    review_hours: float
    iteration_hours: float
    appeal_days: float
    show_repository: bool
    visibility: Visibility
    language: str | None
    level: Level | None
    tags: list[str]
    effort: int | None = Field(description="Hours that the track takes in a week.")
    criteria: list[Criterion]
    criteria_changeable: bool = Field(
        description="Whether the criteria can change: until the first user enrolls, on tracks that began as drafts."
    )
    assignments_count: int
    author: Author
    enrolled: bool
    cohort: int | None = Field(description="The number of this cohort; null for a track that has no other cohorts.")
    head_start_until: datetime | None = Field(
        description="Until then only users who waited for a place on an earlier cohort can enroll."
    )
    created_at: datetime
    started_at: datetime | None
    finishes_at: datetime | None


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
