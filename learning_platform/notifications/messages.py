"""The words of every notification, in the reader's language and time zone. Pure: values in, texts out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from learning_platform.core.languages import N_, Language, Message, translate

NotificationType = Literal[
    "track_started",
    "assignment_opened",
    "deadline_warning",
    "deadline_moved",
    "review_started",
    "review_received",
    "submission_returned",
    "reviews_overdue",
    "appeal_settled",
    "track_finished",
    "track_cancelled",
]


# What changes the words of a message; the first that applies and has a text is used. `deleted`, `own_deadline`,
# `only_you` and `nothing_owed` are flags in the announcement's words, the others follow from the time and the reader.
Variant = Literal["deleted", "nothing_owed", "late_submitted", "late", "submitted", "own_deadline", "only_you"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
# What brings these about is done by somebody whose name is not told: their time is given as a day (core/veil.py).
TOLD_BY_DAY: frozenset[NotificationType] = frozenset({"review_received", "submission_returned"})


@dataclass(frozen=True, slots=True)
class Wording:
    """A title and a text, with others for what is not the ordinary case.

    `late`: said when the time that the message names has passed already.
    """

    title: Message
    text: Message
    titles: Mapping[Variant, Message] = field(default_factory=dict)
    texts: Mapping[Variant, Message] = field(default_factory=dict)


WORDINGS: Mapping[NotificationType, Wording] = {
    "track_started": Wording(
        N_("The track has started"),
        N_("“{track}” has started: the group is complete."),
    ),
    "assignment_opened": Wording(
        N_("An assignment is open for you"),
        N_("“{assignment}” in “{track}” is open. Hand in by {due}."),
        texts={
            "late": N_("“{assignment}” in “{track}” is open. Its deadline was {due}: what is left are its reviews.")
        },
    ),
    "deadline_warning": Wording(
        N_("The deadline is near"),
        N_("“{assignment}” in “{track}”: hand in by {due}. Nothing has been handed in yet."),
        titles={
            "late": N_("The deadline has passed"),
            "late_submitted": N_("The deadline has passed"),
        },
        texts={
            "submitted": N_(
                "“{assignment}” in “{track}”: the deadline is {due}. "
                "You have handed in and may still replace your link."
            ),
            "late": N_("“{assignment}” in “{track}”: the deadline was {due}. Nothing was handed in."),
            "late_submitted": N_("“{assignment}” in “{track}”: the deadline was {due}. You have handed in."),
        },
    ),
    "deadline_moved": Wording(
        N_("A deadline has moved"),
        N_("“{assignment}” in “{track}” is now due {due}; everything after it moves by the same time."),
        texts={
            "only_you": N_("You have been given more time for “{assignment}” in “{track}”: until {due}."),
            "own_deadline": N_(
                "The deadline of “{assignment}” in “{track}” has moved, and so has everything after it. "
                "Your own deadline stays {due}."
            ),
        },
    ),
    "review_started": Wording(
        N_("The review stage has begun"),
        N_("“{assignment}” in “{track}”: hand-in is closed. Review others' work by {due}."),
        texts={
            "nothing_owed": N_("“{assignment}” in “{track}”: hand-in is closed. There is nothing for you to review."),
            "late": N_(
                "“{assignment}” in “{track}”: hand-in is closed, and the time for reviews ended {due}. "
                "Late reviews count until the track ends."
            ),
        },
    ),
    "review_received": Wording(
        N_("Your work was reviewed"),
        N_("Somebody has reviewed your “{assignment}” in “{track}”. You see it once your own reviews are done."),
    ),
    "submission_returned": Wording(
        N_("Your work could not be reviewed"),
        N_("Two people found the link of your “{assignment}” in “{track}” broken or empty. Mend it by {due}."),
        texts={
            "late": N_(
                "Two people found the link of your “{assignment}” in “{track}” broken or empty. "
                "It could be corrected until {due}."
            )
        },
    ),
    "reviews_overdue": Wording(
        N_("You still owe reviews"),
        N_("“{assignment}” in “{track}”: the time for reviews ends {due}, and some of yours are still to be done."),
        texts={
            "late": N_(
                "“{assignment}” in “{track}”: the time for reviews ended {due}. "
                "Late reviews count until the track ends."
            )
        },
    ),
    "appeal_settled": Wording(
        N_("Your appeal is settled"),
        N_("Your appeal about “{assignment}” in “{track}” has been answered."),
    ),
    "track_finished": Wording(
        N_("The track is finished"),
        N_("“{track}” is finished. The results are there."),
    ),
    "track_cancelled": Wording(
        N_("The track was cancelled"),
        N_("“{track}” was cancelled by its author."),
        titles={"deleted": N_("The track was deleted")},
        texts={"deleted": N_("“{track}” was deleted before it started. You can enroll on another track.")},
    ),
}


def title(
    type: NotificationType,
    language: Language,
    *,
    words: Mapping[str, str] | None = None,
    due_at: datetime | None = None,
    submitted: bool | None = None,
    at: datetime | None = None,
) -> str:
    """Return the title; without the circumstances that of the type."""
    wording = WORDINGS[type]
    applying = _variants(words or {}, due_at=due_at, submitted=submitted, at=at)
    return translate(_chosen(wording.titles, applying, otherwise=wording.title), language)


def text(
    type: NotificationType,
    language: Language,
    *,
    words: Mapping[str, str],
    due_at: datetime | None,
    submitted: bool | None,
    at: datetime,
    time_zone: str,
) -> str:
    """Return the text as it is true at `at`; `words` are the titles it names."""
    wording = WORDINGS[type]
    applying = _variants(words, due_at=due_at, submitted=submitted, at=at)
    template = _chosen(wording.texts, applying, otherwise=wording.text)
    due = "" if due_at is None else spoken_moment(due_at, language, time_zone)
    return translate(template, language, due=due, track=words.get("track", ""), assignment=words.get("assignment", ""))


def _variants(
    words: Mapping[str, str], *, due_at: datetime | None, submitted: bool | None, at: datetime | None
) -> set[Variant]:
    is_late = due_at is not None and at is not None and due_at <= at
    applying: set[Variant] = {variant for variant in VARIANTS if variant in words}
    if is_late:
        applying.add("late")
    if submitted:
        applying.add("late_submitted" if is_late else "submitted")
    return applying


def _chosen(messages: Mapping[Variant, Message], applying: set[Variant], *, otherwise: Message) -> Message:
    return next((messages[variant] for variant in VARIANTS if variant in applying & messages.keys()), otherwise)


def spoken_moment(moment: datetime, language: Language, time_zone: str) -> str:
    """Return a moment as people write it, with the name of the zone: `3 Jan 2030, 15:00 (Europe/Moscow)`."""
    from babel.dates import format_datetime

    pattern = "d MMM y, H:mm:ss" if moment.second else "d MMM y, H:mm"
    local = format_datetime(moment.astimezone(ZoneInfo(time_zone)), pattern, locale=language)
    return f"{local} ({time_zone})"
