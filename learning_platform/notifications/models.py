"""An announcement is one event; a notification is one person being told of it; an inbox knows how far they have read.

Texts are not stored: they are rendered when shown, in the language and time zone their reader has then.
`track_id` and `assignment_id` are no foreign keys because notifications know nothing of what they are about.
"""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from learning_platform.core.tables import id_column, metadata, moment, reference

announcements = Table(
    "announcements",
    metadata,
    id_column(),
    # What happened, in one word per event ("deadline_warning:17"): an event is announced once, by constraint.
    Column("event", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("track_id", BigInteger),
    Column("assignment_id", BigInteger),
    moment("due_at", nullable=True),
    Column("words", JSONB, nullable=False),
    moment("created_at"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    reference("user_id", "users"),
    reference("announcement_id", "announcements"),
    Column("submitted", Boolean),
    PrimaryKeyConstraint("user_id", "id"),
    UniqueConstraint("announcement_id", "user_id"),
)
Index("ix_announcements_track_id", announcements.c.track_id)

inboxes = Table(
    "inboxes",
    metadata,
    reference("user_id", "users", primary_key=True),
    Column("read_up_to", BigInteger, nullable=False),
)
