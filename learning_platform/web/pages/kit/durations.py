"""Lengths of time in forms: fields for days, hours and minutes, of which the schemas take one number."""

import re
from collections.abc import Mapping

from learning_platform.core.languages import N_, Language, Message, translate

MINUTES_OF: Mapping[str, int] = {"days": 24 * 60, "hours": 60, "minutes": 1}
# The lengths that forms ask for, with the minutes of the unit in which they are stored.
DURATIONS: Mapping[str, int] = {"review_hours": 60, "iteration_hours": 60, "duration_hours": 60, "appeal_days": 24 * 60}
NUMBER = re.compile(r"\d{1,9}([.,]\d{1,9})?", re.ASCII)
# A time of a few seconds that was set by a program is shown as a fraction of a minute and stays what it was.
DIGITS = 6

NOT_GIVEN = N_("This field is required.")
NO_NUMBERS = N_("Enter numbers, for example 2 days and 12 hours.")
OUT_OF_RANGE = N_("Enter a time of more than 0 minutes and at most 3650 days.")
TOO_LONG: Mapping[str, Message] = {
    "iteration_hours": N_("Enter at most 3650 days."),
    "appeal_days": N_("Enter at most 30 days."),
}


def duration_fields(name: str, stored: float) -> dict[str, str]:
    """Return a length as fields of a form, from the number that is stored; a part of 0 is left blank."""
    left = round(stored * _unit(name), DIGITS)
    fields = {}
    for part, minutes in MINUTES_OF.items():
        count = left // minutes if minutes > 1 else left
        left = round(left - count * minutes, DIGITS)
        fields[f"{name}-{part}"] = f"{count:.{DIGITS}f}".rstrip("0").rstrip(".") if count else ""
    return fields


def parts_of(name: str) -> list[str]:
    """Return the names of the fields of a length."""
    return [f"{name}-{part}" for part in MINUTES_OF]


def typed_duration(values: Mapping[str, str], name: str) -> float | None:
    """Return the number to store for the length that was typed, 0 if nothing was; None if it cannot be read."""
    total = 0.0
    for part, minutes in MINUTES_OF.items():
        text = values.get(f"{name}-{part}", "").strip()
        if text and not NUMBER.fullmatch(text):
            return None
        total += float(text.replace(",", ".") or 0) * minutes
    return round(total, DIGITS) / _unit(name)


def is_blank(values: Mapping[str, str], name: str) -> bool:
    """Say whether nothing was typed for a length."""
    return not any(values.get(field, "").strip() for field in parts_of(name))


def is_missing(values: Mapping[str, str], name: str) -> bool:
    """Say whether a form has no fields for a length."""
    return not any(field in values for field in parts_of(name))


def duration_input(values: Mapping[str, str], name: str) -> float | str:
    """Return what a schema is given for a length: text that is no number, where it cannot be read or is missing."""
    typed = typed_duration(values, name)
    if typed is None:
        return "?"
    return "" if is_blank(values, name) and _is_required(name) else typed


def put_errors_of_durations(errors: dict[str, str], values: Mapping[str, str], language: Language) -> None:
    """Say what is wrong with lengths of time in words about days and minutes."""
    errors |= {name: translate(_error(values, name), language) for name in errors if _kind(name) in DURATIONS}


def _error(values: Mapping[str, str], name: str) -> Message:
    if typed_duration(values, name) is None:
        return NO_NUMBERS
    if is_blank(values, name):
        return NOT_GIVEN
    return TOO_LONG.get(_kind(name), OUT_OF_RANGE)


def _is_required(name: str) -> bool:
    return _kind(name) not in TOO_LONG


def _unit(name: str) -> int:
    return DURATIONS[_kind(name)]


def _kind(name: str) -> str:
    """Return which length a field is about: `assignments-3-duration_hours` is a `duration_hours`."""
    return name.rpartition("-")[2]
