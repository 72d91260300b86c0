"""Where the rows of commit a177c8e are now: every migration that moves, renames or drops something says so here.

A table or column without an entry is expected under its old name, with its old content. The expressions read the newest
tables and give back what the old column held, so that nothing is lost unnoticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Home:
    """Where the rows of an old table are: a table (or a join), and an expression for each column that has changed."""

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)


def _is_pending(kind: str, event_of: str) -> str:
    return f"exists (select from scheduled_events e where {event_of} and e.kind = '{kind}' and e.pending)"


OF_GROUP = "e.assignment_id = assignments.id and e.user_id is null"
OF_PARTICIPANT = "e.assignment_id = extensions.assignment_id and e.user_id = extensions.user_id"
# By the name of the old table.
HOMES: Mapping[str, Home] = {
    # Times that follow from others are computed since 0012, and what is still to be done is a row for each event.
    "assignments": Home(
        "assignments",
        {
            "warn_at": "opens_at + 0.8 * (due_at - opens_at)",
            "reviews_warn_at": "due_at + 0.8 * (reviews_due_at - due_at)",
            "warning_pending": _is_pending("deadline_warning", OF_GROUP),
            "review_pending": _is_pending("review_start", OF_GROUP),
            "reminder_pending": _is_pending("review_reminder", OF_GROUP),
        },
    ),
    "extensions": Home(
        "extensions",
        {
            "review_pending": _is_pending("review_start", OF_PARTICIPANT),
        },
    ),
    # Messages about deleted tracks are marked since 0005.
    "announcements": Home("announcements", {"words": "parameters - 'deleted'"}),
    # Those that were being sent, after one try, have failed since 0014.
    "letters": Home("emails", {"state": "case when state = 'failed' and tries = 1 then 'sending' else state end"}),
    "mail_marks": Home("email_cursors"),
    "claims": Home("claims", {"state": "case state when 'assigned_by_staff' then 'summoned' else state end"}),
}
# Columns that are kept no more, with the reason.
DROPPED: Mapping[tuple[str, str], str] = {
    ("tracks", "search"): "computed from the title and the description, by other rules since 0010",
}
