"""The form in which a track is written: rows of criteria and assignments, and the calendar that would come of it.

Rows are fields named `criteria-0-name`; buttons that rearrange them are named `rows`, and their values are a list, a
verb and numbers: `criteria add`, `assignments remove 2`, `assignments move 2 1`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from learning_platform.accounts.rules import is_time_zone
from learning_platform.attempts.queries import AssignmentView
from learning_platform.tracks.actions import TrackChange, TrackDraft
from learning_platform.tracks.queries import Track
from learning_platform.tracks.rules import APPEAL_DAYS, MAX_ASSIGNMENTS, MAX_CRITERIA, Calendar, Visibility, calendar
from learning_platform.web.pages.kit.datetime_input import datetime_input_value, parse_datetime_input
from learning_platform.web.pages.kit.detail_fields import detail_fields, typed_change, typed_tags
from learning_platform.web.pages.kit.forms import Form, TypedFields
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

RowList = Literal["criteria", "assignments"]
Row = dict[str, str]
# What a new row holds: the first part is the one to go to.
NEW_ROWS: Mapping[RowList, Row] = {
    "criteria": {"name": "", "description": "", "max_score": "10"},
    "assignments": {"title": "", "duration_hours": "48", "description": ""},
}
MAX_ROWS: Mapping[RowList, int] = {"criteria": MAX_CRITERIA, "assignments": MAX_ASSIGNMENTS}
NEW_REVIEW_HOURS = "24"
HOURS: TypeAdapter[float] = TypeAdapter(Hours)
ITERATION_HOURS: TypeAdapter[float] = TypeAdapter(IterationHours)


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


def blank(zone: ZoneInfo) -> dict[str, str]:
    """Return the fields of a new track."""
    rows = {f"{name}-0-{part}": value for name, row in NEW_ROWS.items() for part, value in row.items()}
    return rows | {
        "review_hours": NEW_REVIEW_HOURS,
        "iteration_hours": "0",
        "appeal_days": _typed_number(APPEAL_DAYS),
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
        "review_hours": _typed_number(track.review_hours),
        "iteration_hours": _typed_number(track.iteration_hours),
        "appeal_days": _typed_number(track.appeal_days),
        "show_repository": "true" if track.show_repository else "",
        "track_visibility": track.visibility,
    }
    fields |= start_fields(track) | detail_fields(track)
    for number, criterion in enumerate(track.criteria):
        fields |= {f"criteria-{number}-{part}": str(criterion[part]) for part in NEW_ROWS["criteria"]}
    for number, assignment in enumerate(assignments):
        here = f"assignments-{number}"
        fields[f"{here}-title"] = assignment.title
        fields[f"{here}-duration_hours"] = _typed_number(assignment.duration_hours)
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


def rows(form: Form, name: RowList) -> list[Row]:
    """Return the rows of a list with all their parts; there is always one to write in."""
    parts = NEW_ROWS[name]
    return [{part: row.get(part, "") for part in parts} for row in form.rows(name)] or [dict(parts)]


def number_rows(form: Form) -> None:
    """Number the rows from nought without gaps, as errors and buttons count them."""
    for name in get_args(RowList):
        put_rows(form, name, rows(form, name))


def number_present_rows(form: Form) -> None:
    """Number the rows of a track that is edited: its form has criteria only while they can be changed."""
    has_criteria = any(field.startswith("criteria-") for field in form.values)
    number_rows(form)
    if not has_criteria:
        put_rows(form, "criteria", [])


def put_rows(form: Form, name: RowList, written: Sequence[Row]) -> None:
    """Let the rows of a list be these."""
    for field in [field for field in form.values if field.startswith(f"{name}-")]:
        del form.values[field]
    for number, row in enumerate(written):
        form.values |= {f"{name}-{number}-{part}": value for part, value in row.items()}


def rearrange(form: Form, wish: str) -> None:
    """Do what a button of the rows asks for, and point at the row it was about; anything else changes nothing."""
    match wish.split():
        case [("criteria" | "assignments") as name, verb, *numbers] if all(map(_is_number, numbers)):
            written = rows(form, name)
            form.focus = _changed(name, written, verb, [int(number) for number in numbers])
            put_rows(form, name, written)


def new_track(form: Form, fields: TypedFields) -> TrackDraft:
    """Read a new track. Raises ValidationError."""
    criteria = form.rows("criteria")
    return fields.read(
        NewTrack,
        criteria=criteria,
        assignments=_assignments(form),
        start=_start(form),
        tags=typed_tags(form),
        **_track_choices(form),
    ).as_draft()


def edited_track(form: Form, fields: TypedFields) -> TrackChange:
    """Read a track as it is to be from now on. Raises ValidationError."""
    lists = {"assignments": _assignments(form), "start": _start(form), "tags": typed_tags(form)}
    choices = _track_choices(form)
    # The form has the criteria only while they can be changed.
    criteria = None
    if form.rows("criteria"):
        edited: EditedTrack = fields.read(EditedDraft, criteria=form.rows("criteria"), **lists, **choices)
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


def preview(form: Form, *, now: datetime) -> Preview:
    """Return the calendar the track would have if it started now."""
    review_hours, written = _hours(form["review_hours"]), rows(form, "assignments")
    if review_hours is None:
        return Preview([], is_whole=False)
    durations = list(_known(_hours(row["duration_hours"]) for row in written[:MAX_ASSIGNMENTS]))
    iteration_hours = _hours(form["iteration_hours"], ITERATION_HOURS) or 0
    dates = calendar(starts_at=now, durations=durations, review_hours=review_hours, iteration_hours=iteration_hours)
    return Preview(dates, is_whole=len(dates) == len(written))


def _changed(name: RowList, written: list[Row], verb: str, numbers: Sequence[int]) -> str:
    """Change the rows; return the field or the button to go to."""
    first_part = next(iter(NEW_ROWS[name]))
    match verb, numbers:
        case "add", [] if len(written) < MAX_ROWS[name]:
            written.append(dict(NEW_ROWS[name]))
            return f"{name}-{len(written) - 1}-{first_part}"
        case "remove", [number] if number < len(written) > 1:
            del written[number]
            return f"{name}-{min(number, len(written) - 1)}-{first_part}"
        case "move", [number, to] if max(number, to) < len(written):
            written.insert(to, written.pop(number))
            return f"{name}-{to}-{'up' if 0 < to <= number or to == len(written) - 1 else 'down'}"
    return ""


def _assignments(form: Form) -> list[Row]:
    return [
        row | {"duration_hours": _with_point(row["duration_hours"])} if "duration_hours" in row else row
        for row in form.rows("assignments")
    ]


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


def _track_choices(form: Form) -> dict[str, str]:
    """Return the times that are filled in, as programs write them, and the box: one that is not ticked is not sent."""
    typed = {name: _with_point(form[name]) for name in ("review_hours", "iteration_hours", "appeal_days")}
    shows_repository = "true" if form["show_repository"] == "true" else "false"
    return {name: time for name, time in typed.items() if time} | {
        "show_repository": shows_repository,
        "visibility": form["track_visibility"] or "public",
    }


def _hours(text: str, kind: TypeAdapter[float] = HOURS) -> float | None:
    try:
        return kind.validate_python(_with_point(text))
    except ValidationError:
        return None


def _known(hours: Iterable[float | None]) -> Iterator[float]:
    """Yield lengths up to the first that could not be read: what comes after it has no date."""
    for each in hours:
        if each is None:
            return
        yield each


def _with_point(text: str) -> str:
    """Return a number as programs write it: half of the world types a comma."""
    return text.strip().replace(",", ".")


def _typed_number(number: float) -> str:
    return str(number).removesuffix(".0")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 4
