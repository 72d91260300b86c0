"""Table: users whom staff removed from a track; they cannot enroll again until staff allow it."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text

from learning_platform.core.tables import metadata, reference, timestamp

removals = Table(
    "removals",
    metadata,
    reference("track_id", "tracks"),
    reference("user_id", "users"),
    reference("removed_by", "users"),
    Column("reason", Text, nullable=False),
    timestamp("removed_at"),
    PrimaryKeyConstraint("track_id", "user_id"),
)
Index("ix_removals_user_id", removals.c.user_id)
Index("ix_removals_removed_by", removals.c.removed_by)
