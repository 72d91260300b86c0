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


# By the name of the old table.
HOMES: Mapping[str, Home] = {
    # Messages about deleted tracks are marked since 0005.
    "announcements": Home("announcements", {"words": "parameters - 'deleted'"}),
    "letters": Home("emails"),
    "mail_marks": Home("email_cursors"),
    "claims": Home("claims", {"state": "case state when 'assigned_by_staff' then 'summoned' else state end"}),
}
# Columns that are kept no more, with the reason.
DROPPED: Mapping[tuple[str, str], str] = {
    ("tracks", "search"): "computed from the title and the description, by other rules since 0010",
}
