"""Diary entries."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from learning_platform.core.tables import metadata, moment, random_id_column, reference, version

diary_entries = Table(
    "diary_entries",
    metadata,
    random_id_column(),
    reference("assignment_id", "assignments"),
    reference("user_id", "users"),
    Column("text", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    moment("created_at"),
    moment("updated_at", nullable=True),
    version(),
    CheckConstraint("visibility in ('private', 'track')", name="visibility"),
)
Index("ix_diary_entries_assignment_id", diary_entries.c.assignment_id, diary_entries.c.created_at)
Index(
    "ix_diary_entries_own",
    diary_entries.c.assignment_id,
    diary_entries.c.user_id,
    diary_entries.c.created_at,
)
Index("ix_diary_entries_user_id", diary_entries.c.user_id)
