"""Tables: announcements (one per event), notifications (one per recipient), inboxes (read up to which id), emails.

Texts are not stored. They are rendered when they are shown, in the language and time zone of the recipient.
`track_id`, `assignment_id` and `invitation_id` are not foreign keys, because this package does not depend on tracks.
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

from learning_platform.core.tables import id_column, metadata, reference, timestamp, version

announcements = Table(
    "announcements",
    metadata,
    id_column(),
    # A name for the event ("deadline_warning:17"); the constraint makes sure that it is announced once.
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
    # Read on its own; what is up to `read_up_to` of the inbox is read, too.
    Column("is_read", Boolean, nullable=False, server_default="false"),
    PrimaryKeyConstraint("user_id", "id"),
    UniqueConstraint("announcement_id", "user_id"),
)
Index("ix_notifications_is_read", notifications.c.id, postgresql_where=text("is_read"))
Index("ix_announcements_track_id", announcements.c.track_id)
Index("ix_announcements_created_at", announcements.c.created_at)

# What a user wants by mail; hours are those of the user's zone. Users without a row have never chosen.
mail_preferences = Table(
    "mail_preferences",
    metadata,
    reference("user_id", "users", primary_key=True),
    Column("types", ARRAY(Text), nullable=False),
    Column("delivery", Text, nullable=False, server_default="single"),
    Column("digest_hour", SmallInteger, nullable=False, server_default="9"),
    Column("quiet_from", SmallInteger),
    Column("quiet_until", SmallInteger),
    version(),
    CheckConstraint("delivery in ('single', 'daily', 'none')", name="delivery"),
    CheckConstraint("digest_hour between 0 and 23", name="digest_hour"),
    CheckConstraint(
        "(quiet_from is null) = (quiet_until is null) and quiet_from between 0 and 23"
        " and quiet_until between 0 and 23 and quiet_from <> quiet_until",
        name="quiet_hours",
    ),
)

# An email is marked `sending` before it is handed over, and is never sent again if there is no response.
# `skipped`: it was out of date or unwanted when its turn came. `bundled`: it goes out with the email `digest_id`, which
# is `gathering` until its hour. An invitation goes to a person who may have no account.
emails = Table(
    "emails",
    metadata,
    id_column(),
    reference("user_id", "users", nullable=True),
    Column("kind", Text, nullable=False),
    Column("notification_id", BigInteger),
    Column("digest_id", BigInteger),
    Column("invitation_id", BigInteger),
    Column("email_change_id", BigInteger),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    timestamp("created_at"),
    timestamp("next_try_at"),
    UniqueConstraint("user_id", "notification_id"),
    CheckConstraint(
        "kind in ('notification', 'digest', 'confirmation', 'reset', 'invitation', 'email_change',"
        " 'email_change_notice')",
        name="kind",
    ),
    CheckConstraint(
        "state in ('waiting', 'gathering', 'bundled', 'sending', 'sent', 'failed', 'skipped')", name="state"
    ),
    CheckConstraint("(state = 'bundled') <= (digest_id is not null)", name="digest"),
    CheckConstraint("(kind = 'notification') = (notification_id is not null)", name="notification"),
    CheckConstraint(
        "(kind = 'invitation') = (invitation_id is not null) and (kind = 'invitation') = (user_id is null)",
        name="invitation",
    ),
    CheckConstraint(
        "(kind in ('email_change', 'email_change_notice')) = (email_change_id is not null)", name="email_change"
    ),
)
Index("ix_emails_next_try_at", emails.c.next_try_at, postgresql_where=text("state = 'waiting'"))
Index("ix_emails_gathering", emails.c.user_id, unique=True, postgresql_where=text("state = 'gathering'"))
Index("ix_emails_gathering_until", emails.c.next_try_at, postgresql_where=text("state = 'gathering'"))
Index("ix_emails_digest_id", emails.c.digest_id, postgresql_where=text("digest_id is not null"))
Index(
    "ix_emails_invitation_id",
    emails.c.invitation_id,
    emails.c.id,
    postgresql_where=text("invitation_id is not null"),
)
Index("ix_emails_email_change_id", emails.c.email_change_id, postgresql_where=text("email_change_id is not null"))
Index("ix_emails_created_at", emails.c.created_at, postgresql_where=text("state <> 'waiting'"))

# The last announcement for which emails were queued. Ids increase in the order of commits, so one id is enough.
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
