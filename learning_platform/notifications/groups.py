"""Types of notifications in groups, for filters and settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from learning_platform.core.languages import N_, Message
from learning_platform.notifications.messages import NotificationType


@dataclass(frozen=True, slots=True)
class Group:
    """Types that belong together, in the order in which they are listed."""

    label: Message
    types: tuple[NotificationType, ...]


GROUPS: Mapping[str, Group] = {
    "deadlines": Group(
        N_("Assignments and deadlines"),
        (
            "assignment_opened",
            "deadline_warning",
            "deadline_moved",
            "iteration_opened",
            "iteration_reminder",
            "staff_reminder",
        ),
    ),
    "code": Group(N_("Your code"), ("hand_in_failed", "repository_changed", "starter_failed", "submission_returned")),
    "reviews": Group(N_("Reviews to do"), ("review_started", "reviews_overdue")),
    "feedback": Group(
        N_("Feedback on your work"),
        (
            "review_received",
            "comment_received",
            "comment_answered",
            "iteration_shown",
            "appeal_settled",
            "scores_corrected",
        ),
    ),
    "questions": Group(N_("Questions"), ("question_asked", "question_answered", "question_mentioned")),
    "tracks": Group(
        N_("Tracks"),
        (
            "start_planned",
            "start_missed",
            "seat_received",
            "next_cohort",
            "assignments_changed",
            "track_started",
            "track_finished",
            "certificate_issued",
            "certificate_revoked",
            "track_cancelled",
            "removed_from_track",
        ),
    ),
    "staff": Group(
        N_("Your tracks as author or staff"),
        (
            "appeal_made",
            "post_reported",
            "message_reported",
            "review_returned",
            "participant_left",
            "staff_changed",
            "track_offered",
            "track_handed_over",
        ),
    ),
}
