"""An announcement is one event; a notification is one person being told of it; an inbox knows how far they have read.

Texts are not stored: they are rendered when shown, in the language and time zone their reader has then.
`track_id` and `assignment_id` are no foreign keys because notifications know nothing of what they are about.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from learning_platform.core.tables import id_column, metadata, reference, timestamp

announcements = Table(
    "announcements",
    metadata,
    id_column(),
    # What happened, in one word per event ("deadline_warning:17"): an event is announced once, by constraint.
    Column("event", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("track_id", BigInteger),
    Column("assignment_id", BigInteger),
    timestamp("due_at", nullable=True),
    Column("parameters", JSONB, nullable=False),
    timestamp("created_at"),
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
Index("ix_announcements_created_at", announcements.c.created_at)

# Which types somebody wants by mail; who has no row has never chosen.
mail_preferences = Table(
    "mail_preferences",
    metadata,
    reference("user_id", "users", primary_key=True),
    Column("types", ARRAY(Text), nullable=False),
)

# What is to go out by mail. An email is marked `sending` before it is handed over: one whose fate is not known is never
# sent again. `skipped`: there was no point in it any more when its turn came.
emails = Table(
    "emails",
    metadata,
    id_column(),
    reference("user_id", "users"),
    Column("kind", Text, nullable=False),
    Column("notification_id", BigInteger),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    timestamp("created_at"),
    timestamp("next_try_at"),
    UniqueConstraint("user_id", "notification_id"),
    CheckConstraint("kind in ('notification', 'confirmation', 'reset')", name="kind"),
    CheckConstraint("state in ('waiting', 'sending', 'sent', 'failed', 'skipped')", name="state"),
    CheckConstraint("(kind = 'notification') = (notification_id is not null)", name="notification"),
)
Index("ix_emails_next_try_at", emails.c.next_try_at, postgresql_where=text("state = 'waiting'"))
Index("ix_emails_created_at", emails.c.created_at, postgresql_where=text("state <> 'waiting'"))

# Up to which announcement letters have been written. Ids grow in the order of commits, so one mark is enough.
email_cursors = Table(
    "email_cursors",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("announcement_id", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one"),
)

inboxes = Table(
    "inboxes",
    metadata,
    reference("user_id", "users", primary_key=True),
    Column("read_up_to", BigInteger, nullable=False),
)
