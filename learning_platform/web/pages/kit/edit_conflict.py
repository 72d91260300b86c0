"""What another user, or another tab, has saved while a form was being filled in: shown beside what was typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from learning_platform.accounts.rules import is_time_zone
from learning_platform.core.languages import LANGUAGE_NAMES, N_, Message
from learning_platform.notifications.messages import WORDINGS
from learning_platform.web.pages.kit.datetime_input import parse_datetime_input
from learning_platform.web.pages.kit.durations import DURATIONS, typed_duration

LABELS: Mapping[str, Message] = {
    "title": N_("Title"),
    "description": N_("Description"),
    "required_participants": N_("Places"),
    "rule": N_("Start"),
    "at": N_("Start date and time"),
    "min_participants": N_("Minimum of participants"),
    "from_hour": N_("Start not before"),
    "until_hour": N_("Start before"),
    "language": N_("Language of the track"),
    "level": N_("Level"),
    "tags": N_("Tags"),
    "effort": N_("Hours per week"),
    "review_hours": N_("Time for reviews"),
    "iteration_hours": N_("Time for a second iteration"),
    "appeal_days": N_("Time to answer and appeal after the end"),
    "show_repository": N_("Show reviewers the links to repositories, too"),
    "duration_hours": N_("Time to submit"),
    "due_at": N_("Deadline"),
    "repo_url": N_("Link to your repository"),
    "comment": N_("Comment"),
    "score": N_("Points"),
    "text": N_("Text"),
    "name": N_("Name"),
    "max_score": N_("Maximum points"),
    "track_visibility": N_("Visibility"),
    "reason": N_("Reason"),
    "helpful": N_("Helpful"),
    "visibility": N_("Visible to"),
    "locale": N_("Language"),
    "time_zone": N_("Time zone"),
    "display_name": N_("Display name"),
    "about": N_("A line about you"),
    "issues": N_("Issue certificates on this track"),
    "submissions": N_("Assignments submitted, at least (percent)"),
    "reviews": N_("Assignments with all reviews done, at least (percent)"),
    "delivery": N_("How emails are sent"),
    "digest_hour": N_("Hour of the daily digest"),
    "quiet_from": N_("Quiet hours from"),
    "quiet_until": N_("Quiet hours until"),
} | {type: wording.label for type, wording in WORDINGS.items()}
# What a person reads in place of a stored word.
WORDS: Mapping[tuple[str, str], Message] = {
    ("rule", "when_full"): N_("When all places are taken"),
    ("rule", "on_date"): N_("On a date"),
    ("level", "beginner"): N_("Beginner"),
    ("level", "intermediate"): N_("Intermediate"),
    ("level", "advanced"): N_("Advanced"),
    ("visibility", "private"): N_("Only you"),
    ("visibility", "track"): N_("All participants, after the deadline"),
    ("track_visibility", "public"): N_("Public"),
    ("track_visibility", "unlisted"): N_("Unlisted"),
    ("track_visibility", "private"): N_("Private"),
    ("delivery", "single"): N_("Each message immediately"),
    ("delivery", "daily"): N_("One daily digest"),
    ("delivery", "none"): N_("No emails"),
    **{("locale", language): Message(name) for language, name in LANGUAGE_NAMES.items()},
}
YES, NO = N_("Yes"), N_("No")


@dataclass(frozen=True, slots=True)
class SavedField:
    """A field as it is stored; `number` counts rows from 1, `time` and `hours` are set where it is one."""

    name: str
    label: Message
    number: int | None
    text: str
    word: Message | None
    time: datetime | None
    hours: float | None


def saved_fields(current: Mapping[str, object], *, typed: Mapping[str, str]) -> list[SavedField]:
    """Return the fields whose stored values are not those that were typed."""
    return [
        SavedField(
            name,
            LABELS[part],
            number,
            _text(value),
            _word(part, value),
            value if isinstance(value, datetime) else None,
            value * DURATIONS[part] / 60 if part in DURATIONS and isinstance(value, float) else None,
        )
        for name, part, number, value in _flat(current)
        if part in LABELS and not _is_typed(name, part, value, typed)
    ]


def _flat(current: Mapping[str, object]) -> Iterator[tuple[str, str, int | None, object]]:
    """Yield each value with the name of its field, its part of a row and the row's number."""
    for name, value in current.items():
        if isinstance(value, dict):
            for part, inner in value.items():
                yield f"{name}-{part}", part, None, inner
            continue
        if not isinstance(value, list):
            yield name, name, None, value
            continue
        for index, row in enumerate(value):
            for part, inner in row.items():
                yield f"{name}-{index}-{part}", part, index + 1, inner


def _word(part: str, value: object) -> Message | None:
    if isinstance(value, bool):
        return YES if value else NO
    return WORDS.get((part, value)) if isinstance(value, str) else None


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _is_typed(name: str, part: str, value: object, typed: Mapping[str, str]) -> bool:
    if part in DURATIONS:
        return typed_duration(typed, name) == value
    if isinstance(value, datetime):
        # What has a time zone of its own is typed in it.
        zone = typed.get(f"{name.removesuffix(part)}time_zone", "")
        return parse_datetime_input(typed.get(name, ""), ZoneInfo(zone if is_time_zone(zone) else "UTC")) == value
    return _is_same(value, typed.get(name, ""))


def _is_same(value: object, typed: str) -> bool:
    if isinstance(value, bool):
        return value == (typed in {"true", "yes"})
    if isinstance(value, float):
        typed = typed.replace(",", ".")
        return typed.replace(".", "", 1).isdecimal() and float(typed) == value
    return _text(value) == typed
