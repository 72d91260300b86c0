"""The types of notifications; messages.py has their wordings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from learning_platform.core.languages import Message

NotificationType = Literal[
    "start_planned",
    "start_missed",
    "seat_received",
    "next_cohort",
    "assignments_changed",
    "track_started",
    "assignment_opened",
    "deadline_warning",
    "deadline_moved",
    "hand_in_failed",
    "repository_changed",
    "starter_failed",
    "review_started",
    "review_received",
    "comment_received",
    "comment_answered",
    "submission_returned",
    "reviews_overdue",
    "iteration_opened",
    "iteration_reminder",
    "iteration_shown",
    "staff_reminder",
    "appeal_settled",
    "scores_corrected",
    "question_asked",
    "question_answered",
    "question_mentioned",
    "track_finished",
    "certificate_issued",
    "certificate_revoked",
    "track_cancelled",
    "staff_changed",
    "track_offered",
    "track_handed_over",
    "removed_from_track",
    "participant_left",
    "appeal_made",
    "post_reported",
    "message_reported",
    "review_returned",
]
# What changes the words of a message; the first that applies and has a text is used. `late…` and `submitted` follow
# from the time and the reader, the others are flags in the announcement's words; the last are reasons of a failure.
Variant = Literal[
    "deleted",
    "nothing_owed",
    "late_submitted",
    "late",
    "not_frozen",
    "submitted",
    "for_staff",
    "full",
    "when_full",
    "date_not_set",
    "by_date",
    "by_staff",
    "has_started",
    "added",
    "removed",
    "own_deadline",
    "only_you",
    "answers_shown",
    "about_review",
    "private_or_missing",
    "host_refused",
    "host_unreachable",
    "too_large",
    "empty",
    "no_git",
    "co_author",
    "mentor",
    "role_ended",
]


@dataclass(frozen=True, slots=True)
class Wording:
    """The label of a type in a list of types, and the title and text of a message, with other ones for some variants.

    The variant `late` applies when the time that the message names has passed.
    """

    label: Message
    title: Message
    text: Message
    titles: Mapping[Variant, Message] = field(default_factory=dict)
    texts: Mapping[Variant, Message] = field(default_factory=dict)
