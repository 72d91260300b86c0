"""Spans, numbers and names as people write them, in their language; dates and times are in `core.time_formatting`."""

from datetime import timedelta
from functools import lru_cache
from math import floor
from typing import cast

from learning_platform.accounts.rules import is_former
from learning_platform.core.errors import Refusal, TryLater
from learning_platform.core.languages import N_, Language, Message, translate, translate_plural
from learning_platform.snapshots.failures import failure_message
from learning_platform.snapshots.rules import FailureCode

# Short for the page's script too, which counts down in the same words (templates/base.html).
UNITS: tuple[tuple[int, Message], ...] = (
    (86_400, N_("{count} d")),
    (3_600, N_("{count} h")),
    (60, N_("{count} min")),
    (1, N_("{count} s")),
)
SIZES: tuple[tuple[int, Message], ...] = (
    (1_000_000, N_("{number} MB")),
    (1_000, N_("{number} KB")),
    (1, N_("{number} B")),
)
MINUTE = 60
PERCENT = N_("{number}%")
FORMER = N_("deleted user")


def format_span(span: timedelta, language: Language) -> str:
    """Return the two largest units of a span: `2 h 14 min`; seconds only below a minute: `45 s`."""
    seconds = max(int(span.total_seconds()), 0)
    return _format_units(seconds - seconds % MINUTE if seconds >= MINUTE else seconds, language)


def _format_units(seconds: int, language: Language) -> str:
    parts: list[str] = []
    for size, unit in UNITS:
        count, rest = divmod(seconds, size)
        if count or (size == 1 and not parts):
            parts.append(translate(unit, language, count=count))
        if parts and (not rest or len(parts) == 2):
            break
        seconds = rest
    return " ".join(parts)


def format_refusal(refusal: Refusal, language: Language) -> str:
    """Return what a refusal says; one that passes with time says with `{wait}` how long that takes."""
    values = dict(refusal.values)
    if isinstance(refusal, TryLater):
        # Where seconds are not shown, the minutes are rounded up: after them it works.
        rounded = MINUTE if refusal.retry_after >= MINUTE else 1
        values["wait"] = format_span(timedelta(seconds=-(-refusal.retry_after // rounded) * rounded), language)
    return translate(refusal.message, language, **values)


def format_failure(error: str, language: Language) -> str:
    """Return what the stored error of a snapshot says."""
    return failure_message(cast("FailureCode", error), "", language)


WARNINGS: dict[str, Message] = {
    "starter_only": N_("This is only the starter code: nothing in it has been changed. Did you submit the right code?"),
    "empty": N_("There is no file with content in it. Did you submit the right code?"),
    "private_key": N_("{path} looks like a private key or a password. Remove it, replace the key, and submit again."),
}


def format_hand_in_warning(warning: str, language: Language) -> str:
    """Return what a warning says (snapshots/warnings.py)."""
    code, _, path = warning.partition(":")
    return translate(WARNINGS[code], language, path=path)


def format_size(size: int, language: Language) -> str:
    """Return a number of bytes in the largest unit: `34 KB`."""
    for factor, unit in SIZES:
        if size >= factor:
            return translate(unit, language, number=format_number(round(size / factor, 1), language))
    return translate(SIZES[-1][1], language, number=size)


def format_age(span: timedelta, language: Language) -> str:
    """Return roughly how long ago something was, in its largest unit: `2 h`, `34 d`."""
    seconds = max(span.total_seconds(), 0)
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    return translate(unit, language, count=round(seconds / size))


def format_units(language: Language) -> str:
    """Return the units for the page's script, largest first: `{count} d|{count} h|…`."""
    return "|".join(translate(unit, language, count="{count}") for _, unit in UNITS)


def format_hours(hours: float, language: Language) -> str:
    """Return a length in words that suit it: `3 days`, `36 hours`, `3 d 1 h`, `1 min 30 s`."""
    days = hours / 24
    if hours >= 48 and days == int(days):
        return translate_plural("{count} day", "{count} days", language, count=int(days))
    if 1 <= hours < 72 and hours == int(hours):
        return translate_plural("{count} hour", "{count} hours", language, count=int(hours))
    return _format_units(int(timedelta(hours=hours).total_seconds()), language)


def format_number(number: float, language: Language) -> str:
    """Return a number with at most two decimals, as the language writes it."""
    return _formatted(round(number, 2), language)


def format_percent(percentage: float, language: Language) -> str:
    """Return a percentage with at most one decimal: two would be a precision that three reviewers do not have."""
    # A half is rounded up, as everywhere results are rounded (reviews/results.py).
    return translate(PERCENT, language, number=_formatted(floor(percentage * 10 + 0.5) / 10, language))


@lru_cache(maxsize=4096)
def _formatted(number: float, language: Language) -> str:
    from babel.numbers import format_decimal

    return format_decimal(number, format="#,##0.##", locale=language)


def format_person(username: str, language: Language) -> str:
    """Return a name; a deleted account has none left."""
    return translate(FORMER, language) if is_former(username) else username
