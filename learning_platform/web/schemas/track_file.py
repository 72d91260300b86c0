"""A track as a file: what is exported and imported (docs/track-file.md)."""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from learning_platform.accounts.rules import UnknownTimeZone, is_time_zone
from learning_platform.tracks.actions import TrackDraft
from learning_platform.tracks.rules import APPEAL_DAYS, MAX_ASSIGNMENTS, MAX_CRITERIA, Visibility
from learning_platform.tracks.start_rules import StartPlan, StartRule
from learning_platform.tracks.transfer import CertificateShares, PortableTrack
from learning_platform.web.schemas.accounts import TimeZone
from learning_platform.web.schemas.certificates import CertificateRule
from learning_platform.web.schemas.common import Input, Output, Text, Title
from learning_platform.web.schemas.details import GivenDetails
from learning_platform.web.schemas.tracks import (
    AppealDays,
    FromHour,
    Hours,
    IterationHours,
    NewAssignment,
    NewCriterion,
    Places,
    UntilHour,
)

FORMAT: Final = 1
# A misspelled field is refused and not left out silently.
EXACT = ConfigDict(extra="forbid", from_attributes=True)


def _let_editors_name_it(schema: dict[str, Any]) -> None:
    schema["properties"]["$schema"] = {"type": "string", "description": "Ignored."}


class FileStart(Input):
    """How the track starts. Its date is not part of a file."""

    model_config = EXACT
    rule: StartRule = "when_full"
    min_participants: Places = 2
    time_zone: TimeZone = "UTC"
    from_hour: FromHour | None = None
    until_hour: UntilHour | None = None

    def as_plan(self) -> StartPlan:
        """Return what the actions take. Raises UnknownTimeZone."""
        if not is_time_zone(self.time_zone):
            raise UnknownTimeZone(loc=("body", "start", "time_zone"))
        return StartPlan(self.rule, None, self.min_participants, self.time_zone, self.from_hour, self.until_hour)


class FileCriterion(NewCriterion):
    """A criterion of a track in a file."""

    model_config = EXACT


class FileAssignment(NewAssignment):
    """An assignment of a track in a file. All its dates follow from the lengths."""

    model_config = EXACT


class FileCertificate(CertificateRule):
    """What earns a certificate."""

    model_config = EXACT


class TrackFile(GivenDetails, Output):
    """A track as one JSON file, without anything about people."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, json_schema_extra=_let_editors_name_it)
    format: Literal[1] = Field(description="The version of this format.")
    title: Title
    description: Text = Field("", description="Markdown.")
    required_participants: Places = Field(description="The number of places.")
    start: FileStart = FileStart()
    review_hours: Hours = 24
    iteration_hours: IterationHours = 0
    appeal_days: AppealDays = APPEAL_DAYS
    show_repository: bool = False
    visibility: Visibility = "public"
    certificate: FileCertificate | None = None
    criteria: Annotated[list[FileCriterion], Field(min_length=1, max_length=MAX_CRITERIA)]
    assignments: Annotated[list[FileAssignment], Field(min_length=1, max_length=MAX_ASSIGNMENTS)]

    @model_validator(mode="before")
    @classmethod
    def _know_format(cls, given: Any) -> Any:
        """Say of a file of another format only that: everything else may be different in it."""
        if not isinstance(given, dict):
            return given
        if "format" in given and given["format"] != FORMAT:
            raise PydanticCustomError("track_format", "unknown format", {"supported": FORMAT})
        return {name: value for name, value in given.items() if name != "$schema"}

    def as_portable(self) -> PortableTrack:
        """Return what the actions take. Raises UnknownTimeZone."""
        shares = self.certificate
        draft = TrackDraft(
            title=self.title,
            description=self.description,
            required_participants=self.required_participants,
            review_hours=self.review_hours,
            iteration_hours=self.iteration_hours,
            appeal_days=self.appeal_days,
            show_repository=self.show_repository,
            visibility=self.visibility,
            details=self.details(),
            is_draft=True,
            start=self.start.as_plan(),
            criteria=[criterion.as_draft() for criterion in self.criteria],
            assignments=[assignment.as_draft() for assignment in self.assignments],
        )
        return PortableTrack(draft, None if shares is None else CertificateShares(shares.submissions, shares.reviews))


def track_file(track: PortableTrack) -> TrackFile:
    """Return a track as a file."""
    draft, details = track.draft, track.draft.details
    return TrackFile(
        format=FORMAT,
        title=draft.title,
        description=draft.description,
        language=details.language,
        level=details.level,
        tags=list(details.tags),
        effort=details.effort,
        required_participants=draft.required_participants,
        start=FileStart.model_validate(draft.start),
        review_hours=draft.review_hours,
        iteration_hours=draft.iteration_hours,
        appeal_days=draft.appeal_days,
        show_repository=draft.show_repository,
        visibility=draft.visibility,
        certificate=None if track.certificate is None else FileCertificate.model_validate(track.certificate),
        criteria=[FileCriterion.model_validate(each) for each in draft.criteria],
        assignments=[FileAssignment.model_validate(each) for each in draft.assignments],
    )


def track_file_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema of a file."""
    schema: dict[str, JsonValue] = TrackFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
