"""The page that each notification links to, for pages, the API and emails. Pure functions."""

from collections.abc import Mapping

from learning_platform.notifications.messages import NotificationType

PATHS: Mapping[NotificationType, str] = {
    "start_planned": "/tracks/{track_id}",
    "seat_received": "/tracks/{track_id}",
    "next_cohort": "/tracks/{track_id}",
    "start_missed": "/tracks/{track_id}",
    "assignments_changed": "/tracks/{track_id}",
    "track_started": "/tracks/{track_id}",
    "assignment_opened": "/assignments/{assignment_id}",
    "deadline_warning": "/assignments/{assignment_id}",
    "deadline_moved": "/assignments/{assignment_id}",
    "hand_in_failed": "/assignments/{assignment_id}",
    "repository_changed": "/assignments/{assignment_id}",
    "starter_failed": "/assignments/{assignment_id}/starter",
    "review_started": "/assignments/{assignment_id}/review",
    "review_received": "/assignments/{assignment_id}/reviews",
    "comment_received": "/assignments/{assignment_id}/reviews",
    "comment_answered": "/assignments/{assignment_id}/review",
    "submission_returned": "/assignments/{assignment_id}",
    "reviews_overdue": "/assignments/{assignment_id}/review",
    "iteration_opened": "/assignments/{assignment_id}",
    "iteration_reminder": "/assignments/{assignment_id}",
    "iteration_shown": "/submissions/{submission}/code",
    "staff_reminder": "/assignments/{assignment_id}",
    "appeal_settled": "/assignments/{assignment_id}/reviews",
    "scores_corrected": "/assignments/{assignment_id}/reviews",
    "question_asked": "/questions/{question}",
    "question_answered": "/questions/{question}",
    "question_mentioned": "/questions/{question}",
    "track_finished": "/tracks/{track_id}",
    "certificate_issued": "/progress#certificates",
    "certificate_revoked": "/progress#certificates",
    "track_cancelled": "/tracks/{track_id}",
    "staff_changed": "/tracks/{track_id}",
    "track_offered": "/tracks/{track_id}/hand-over",
    "track_handed_over": "/tracks/{track_id}",
    "removed_from_track": "/tracks/{track_id}/removal",
    "participant_left": "/tracks/{track_id}/people",
    "appeal_made": "/tracks/{track_id}/appeals",
    "post_reported": "/tracks/{track_id}/reported-posts",
    "message_reported": "/tracks/{track_id}/reported-messages",
    "review_returned": "/tracks/{track_id}/returns",
}
# A deleted track has no page, and a former member of the staff may not see it, so the link leads to the list of tracks.
PATH_WHEN_DELETED = "/tracks"


def path_of(
    type: NotificationType, *, track_id: int | None, assignment_id: int | None, parameters: Mapping[str, str]
) -> str:
    """Return the path of the page that a notification is about."""
    if "deleted" in parameters or "role_ended" in parameters:
        return PATH_WHEN_DELETED
    named = {name: parameters.get(name, "") for name in ("question", "submission")}
    return PATHS[type].format(track_id=track_id, assignment_id=assignment_id, **named)
