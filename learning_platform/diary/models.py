"""Diary entries."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from learning_platform.core.tables import metadata, random_id_column, reference, timestamp, version

diary_entries = Table(
    "diary_entries",
    metadata,
    random_id_column(),
    reference("assignment_id", "assignments"),
    reference("user_id", "users"),
    Column("text", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at", nullable=True),
    # Others are shown what was shared in time, as it stood then, until the track is over (core/anonymity.py): since
    # when the entry is shared, and its text as shown to them, where its writer has changed it since.
    timestamp("shared_at", nullable=True),
    Column("shown_text", Text),
    version(),
    CheckConstraint("visibility in ('private', 'track')", name="visibility"),
    CheckConstraint("(visibility = 'track') = (shared_at is not null)", name="shared"),
)
Index("ix_diary_entries_assignment_id", diary_entries.c.assignment_id, diary_entries.c.created_at)
Index(
    "ix_diary_entries_own",
    diary_entries.c.assignment_id,
    diary_entries.c.user_id,
    diary_entries.c.created_at,
)
Index("ix_diary_entries_user_id", diary_entries.c.user_id)
