"""The types of notifications; messages.py has their wordings."""

from typing import Literal

NotificationType = Literal[
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
    "staff_reminder",
    "appeal_settled",
    "track_finished",
    "certificate_issued",
    "certificate_revoked",
    "track_cancelled",
]
