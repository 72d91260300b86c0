"""The words of every notification, in the reader's language and time zone. Pure: values in, texts out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
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


@dataclass(frozen=True, slots=True)
class Wording:
    """A title and a text; others replace the text for who has handed in, and for who comes after the deadline."""

    title: Message
    text: Message
    text_submitted: Message | None = None
    text_late: Message | None = None
    text_personal: Message | None = None


WORDINGS: Mapping[NotificationType, Wording] = {
    "track_started": Wording(
        N_("The track has started"),
        N_("“{track}” has started: the group is complete."),
    ),
    "assignment_opened": Wording(
        N_("An assignment is open for you"),
        N_("“{assignment}” in “{track}” is open. Hand in by {due}."),
        text_late=N_("“{assignment}” in “{track}” is open. Its deadline was {due}: what is left are its reviews."),
    ),
    "deadline_warning": Wording(
        N_("The deadline is near"),
        N_("“{assignment}” in “{track}”: hand in by {due}. Nothing has been handed in yet."),
        N_("“{assignment}” in “{track}”: the deadline is {due}. You have handed in and may still replace your link."),
    ),
    "deadline_moved": Wording(
        N_("A deadline has moved"),
        N_("“{assignment}” in “{track}” is now due {due}; everything after it moves by the same time."),
        text_personal=N_("You have been given more time for “{assignment}” in “{track}”: until {due}."),
    ),
    "review_started": Wording(
        N_("The review stage has begun"),
        N_("“{assignment}” in “{track}”: hand-in is closed. Review others' work by {due}."),
    ),
    "review_received": Wording(
        N_("Your work was reviewed"),
        N_("Somebody has reviewed your “{assignment}” in “{track}”. You see it once your own reviews are done."),
    ),
    "submission_returned": Wording(
        N_("Your work could not be reviewed"),
        N_("Two people found the link of your “{assignment}” in “{track}” broken or empty. Mend it by {due}."),
    ),
    "reviews_overdue": Wording(
        N_("You still owe reviews"),
        N_("“{assignment}” in “{track}”: the time for reviews ends {due}. Your next assignment opens after them."),
    ),
    "appeal_settled": Wording(
        N_("Your appeal is settled"),
        N_("The author of “{track}” has answered your appeal about “{assignment}”."),
    ),
    "track_finished": Wording(
        N_("The track is finished"),
        N_("“{track}” is finished. The results are there."),
    ),
    "track_cancelled": Wording(
        N_("The track was cancelled"),
        N_("“{track}” was cancelled by its author."),
    ),
}


def title(type: NotificationType, language: Language) -> str:
    """Return the title."""
    return translate(WORDINGS[type].title, language)


def text(
    type: NotificationType,
    language: Language,
    *,
    words: Mapping[str, str],
    due_at: datetime | None,
    submitted: bool | None,
    created_at: datetime,
    time_zone: str,
) -> str:
    """Return the text; `words` are the titles it names."""
    wording = WORDINGS[type]
    template = wording.text
    if submitted and wording.text_submitted:
        template = wording.text_submitted
    elif due_at is not None and due_at <= created_at and wording.text_late:
        template = wording.text_late
    elif "only_you" in words and wording.text_personal:
        template = wording.text_personal
    due = "" if due_at is None else spoken_moment(due_at, language, time_zone)
    return translate(template, language, due=due, track=words.get("track", ""), assignment=words.get("assignment", ""))


def spoken_moment(moment: datetime, language: Language, time_zone: str) -> str:
    """Return a moment as people write it, with the name of the zone: `3 Jan 2030, 15:00 (Europe/Moscow)`."""
    from babel.dates import format_datetime

    pattern = "d MMM y, H:mm:ss" if moment.second else "d MMM y, H:mm"
    local = format_datetime(moment.astimezone(ZoneInfo(time_zone)), pattern, locale=language)
    return f"{local} ({time_zone})"
