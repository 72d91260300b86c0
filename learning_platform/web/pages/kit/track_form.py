"""The form in which a track is written, and the calendar that would come of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from learning_platform.accounts.rules import is_time_zone
from learning_platform.attempts.queries import AssignmentView
from learning_platform.tracks.actions import TrackChange, TrackDraft
from learning_platform.tracks.queries import Track
from learning_platform.tracks.rules import APPEAL_DAYS, MAX_ASSIGNMENTS, Calendar, Visibility, calendar
from learning_platform.web.pages.kit.datetime_input import datetime_input_value, parse_datetime_input
from learning_platform.web.pages.kit.detail_fields import detail_fields, typed_change, typed_tags
from learning_platform.web.pages.kit.durations import duration_fields, duration_input, is_missing
from learning_platform.web.pages.kit.forms import Form, TypedFields
from learning_platform.web.pages.kit.track_rows import NEW_ROWS, assignments_input, criteria_input, rows
from learning_platform.web.schemas.common import Text, Title
from learning_platform.web.schemas.details import GivenDetails
from learning_platform.web.schemas.tracks import (
    AppealDays,
    Hours,
    IterationHours,
    NewAssignments,
    NewCriteria,
    NewTrack,
    Places,
    Start,
)

NEW_REVIEW_HOURS = 24.0
HOURS: TypeAdapter[float] = TypeAdapter(Hours)
ITERATION_HOURS: TypeAdapter[float] = TypeAdapter(IterationHours)
TIMES = ("review_hours", "iteration_hours", "appeal_days")


class EditedTrack(GivenDetails):
    """A track while people gather, with everything about it that may change."""

    title: Title
    description: Text = ""
    required_participants: Places
    review_hours: Hours
    iteration_hours: IterationHours = 0
    appeal_days: AppealDays = APPEAL_DAYS
    show_repository: bool = False
    visibility: Visibility = "public"
    start: Start | None = None
    assignments: NewAssignments


class EditedDraft(EditedTrack):
    """A track whose criteria may change too."""

    criteria: NewCriteria


@dataclass(frozen=True, slots=True)
class Preview:
    """The calendar of a track if it started now: as many assignments as have a length that can be read."""

    dates: Sequence[Calendar]
    is_whole: bool
    iteration_hours: float


def blank(zone: ZoneInfo) -> dict[str, str]:
    """Return the fields of a new track."""
    rows = {f"{name}-0-{part}": value for name, row in NEW_ROWS.items() for part, value in row.items()}
    return rows | {
        **duration_fields("review_hours", NEW_REVIEW_HOURS),
        **duration_fields("iteration_hours", 0),
        **duration_fields("appeal_days", APPEAL_DAYS),
        "start-rule": "when_full",
        "start-min_participants": "2",
        "start-time_zone": zone.key,
    }


def typed(track: Track, assignments: Sequence[AssignmentView]) -> dict[str, str]:
    """Return a track as the fields of the form."""
    fields = {
        "title": track.title,
        "description": track.description,
        "required_participants": str(track.required_participants),
        **duration_fields("review_hours", track.review_hours),
        **duration_fields("iteration_hours", track.iteration_hours),
        **duration_fields("appeal_days", track.appeal_days),
        "show_repository": "true" if track.show_repository else "",
        "track_visibility": track.visibility,
    }
    fields |= start_fields(track) | detail_fields(track)
    for number, criterion in enumerate(track.criteria):
        fields |= {f"criteria-{number}-{part}": str(criterion.get(part, "")) for part in NEW_ROWS["criteria"]}
    for number, assignment in enumerate(assignments):
        here = f"assignments-{number}"
        fields[f"{here}-title"] = assignment.title
        fields |= duration_fields(f"{here}-duration_hours", assignment.duration_hours)
        fields[f"{here}-description"] = assignment.description or ""
    return fields


def start_fields(track: Track) -> dict[str, str]:
    """Return how a track starts as fields of the form; the date in the time zone of the track."""
    start = track.start
    at = start.at if start.rule == "on_date" else None
    return {
        "start-rule": start.rule,
        "start-at": "" if at is None else datetime_input_value(at, ZoneInfo(start.time_zone)),
        "start-min_participants": str(start.min_participants),
        "start-time_zone": start.time_zone,
        "start-from_hour": "" if start.from_hour is None else str(start.from_hour),
        "start-until_hour": "" if start.until_hour is None else str(start.until_hour),
    }


def new_track(form: Form, fields: TypedFields) -> TrackDraft:
    """Read a new track. Raises ValidationError."""
    return fields.read(
        NewTrack,
        criteria=criteria_input(form),
        assignments=assignments_input(form),
        start=_start(form),
        tags=typed_tags(form),
        **_track_choices(form),
    ).as_draft()


def edited_track(form: Form, fields: TypedFields) -> TrackChange:
    """Read a track as it is to be from now on. Raises ValidationError."""
    lists = {"assignments": assignments_input(form), "start": _start(form), "tags": typed_tags(form)}
    choices = _track_choices(form)
    # The form has the criteria only while they can be changed.
    criteria = None
    if form.rows("criteria"):
        edited: EditedTrack = fields.read(EditedDraft, criteria=criteria_input(form), **lists, **choices)
        assert isinstance(edited, EditedDraft)
        criteria = [criterion.as_draft() for criterion in edited.criteria]
    else:
        edited = fields.read(EditedTrack, **lists, **choices)
    return TrackChange(
        title=edited.title,
        description=edited.description,
        required_participants=edited.required_participants,
        review_hours=edited.review_hours,
        iteration_hours=edited.iteration_hours,
        appeal_days=edited.appeal_days,
        show_repository=edited.show_repository,
        names_criteria=criteria is not None,
        criteria=criteria,
        visibility=edited.visibility,
        details=typed_change(form, edited),
        start=None if edited.start is None else edited.start.as_plan(),
        assignments=[assignment.as_draft() for assignment in edited.assignments],
    )


def row_lengths(form: Form) -> list[float | None]:
    """Return the hours to submit each assignment; None where they cannot be read."""
    return [_hours(row, "duration_hours") for row in rows(form, "assignments")]


def preview(form: Form, *, now: datetime) -> Preview:
    """Return the calendar the track would have if it started now."""
    review_hours, lengths = _hours(form.values, "review_hours"), row_lengths(form)
    iteration_hours = _hours(form.values, "iteration_hours", ITERATION_HOURS) or 0
    if review_hours is None:
        return Preview([], is_whole=False, iteration_hours=iteration_hours)
    durations = list(_known(lengths[:MAX_ASSIGNMENTS]))
    dates = calendar(starts_at=now, durations=durations, review_hours=review_hours, iteration_hours=iteration_hours)
    return Preview(dates, is_whole=len(dates) == len(lengths), iteration_hours=iteration_hours)


def _start(form: Form) -> dict[str, object] | None:
    """Return how the track starts, as the schema wants it; without a date, where it does not start on one.

    None: the form says nothing about it.
    """
    if "start-rule" not in form.values:
        return None
    names = ("rule", "at", "min_participants", "time_zone", "from_hour", "until_hour")
    typed: dict[str, object] = {name: form[f"start-{name}"] for name in names if form[f"start-{name}"]}
    if form["start-rule"] != "on_date":
        return {name: value for name, value in typed.items() if name not in {"at", "min_participants"}}
    if form["start-at"]:
        zone_name = form["start-time_zone"]
        typed["at"] = parse_datetime_input(form["start-at"], ZoneInfo(zone_name if is_time_zone(zone_name) else "UTC"))
    return typed


def _track_choices(form: Form) -> dict[str, object]:
    """Return the times as numbers, and the box: one that is not ticked is not sent."""
    times = {name: duration_input(form.values, name) for name in TIMES if not is_missing(form.values, name)}
    shows_repository = "true" if form["show_repository"] == "true" else "false"
    return {**times, "show_repository": shows_repository, "visibility": form["track_visibility"] or "public"}


def _hours(values: Mapping[str, str], name: str, kind: TypeAdapter[float] = HOURS) -> float | None:
    try:
        return kind.validate_python(duration_input(values, name))
    except ValidationError:
        return None


def _known(hours: Iterable[float | None]) -> Iterator[float]:
    """Yield lengths up to the first that could not be read: what comes after it has no date."""
    for each in hours:
        if each is None:
            return
        yield each
