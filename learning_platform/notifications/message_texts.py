"""The titles and texts of notifications, in the reader's language and time zone. Pure functions."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from learning_platform.core.languages import Language, Message, translate
from learning_platform.core.time_formatting import format_time
from learning_platform.notifications.messages import VARIANTS, WORDINGS, NotificationType, Variant


def title(
    type: NotificationType,
    language: Language,
    *,
    parameters: Mapping[str, str],
    due_at: datetime | None,
    submitted: bool | None,
    at: datetime,
) -> str:
    """Return the title as it is true at `at`; `words` are the names in it."""
    wording = WORDINGS[type]
    template = _chosen(
        wording.titles, _variants(parameters, due_at=due_at, submitted=submitted, at=at), otherwise=wording.title
    )
    return translate(template, language, track=parameters.get("track", ""), assignment=parameters.get("assignment", ""))


def text(
    type: NotificationType,
    language: Language,
    *,
    parameters: Mapping[str, str],
    due_at: datetime | None,
    submitted: bool | None,
    at: datetime,
    time_zone: str,
) -> str:
    """Return the text as it is true at `at`; `words` are the names in it."""
    wording = WORDINGS[type]
    template = _chosen(
        wording.texts, _variants(parameters, due_at=due_at, submitted=submitted, at=at), otherwise=wording.text
    )
    due = "" if due_at is None else format_time(due_at, language, ZoneInfo(time_zone), now=at)
    return translate(
        template, language, due=due, track=parameters.get("track", ""), assignment=parameters.get("assignment", "")
    )


def _variants(
    parameters: Mapping[str, str], *, due_at: datetime | None, submitted: bool | None, at: datetime
) -> set[Variant]:
    is_late = due_at is not None and due_at <= at
    applying: set[Variant] = {variant for variant in VARIANTS if variant in parameters}
    if is_late:
        applying.add("late")
    if submitted:
        applying.add("late_submitted" if is_late else "submitted")
    return applying


def _chosen(messages: Mapping[Variant, Message], applying: set[Variant], *, otherwise: Message) -> Message:
    return next((messages[variant] for variant in VARIANTS if variant in applying & messages.keys()), otherwise)
