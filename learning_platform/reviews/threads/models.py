"""A thread is a comment on a submission with its answers; a report asks staff to look at a message.

A thread without `sent_at` is a draft, which only its writer sees. A thread of a review is sent with it; threads of
staff have no review.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from learning_platform.core.tables import flag, metadata, random_id_column, reference, timestamp, version

# A place is a file of a snapshot by its path and content, and lines of it; `side` 'old' is the starter. Without a path
# a thread is about the whole submission. `excerpt` has the first of the lines, as they were handed in. `draft_key` is
# chosen by the client, so that a repeated request makes no second draft.
threads = Table(
    "threads",
    metadata,
    random_id_column(),
    reference("submission_id", "submissions"),
    reference("snapshot_id", "snapshots", nullable=True),
    reference("writer_id", "users"),
    reference("review_id", "reviews", nullable=True),
    Column("path", Text),
    Column("side", Text),
    Column("blob", LargeBinary),
    Column("first_line", Integer),
    Column("last_line", Integer),
    Column("excerpt", Text),
    Column("kind", Text, nullable=False),
    Column("criterion_id", BigInteger, ForeignKey("criteria.id", ondelete="SET NULL")),
    Column("state", Text, nullable=False, server_default="open"),
    Column("draft_key", Text),
    # The conversation about a review as a whole, of which there is one; it belongs to the reviewer.
    flag("is_about_review"),
    timestamp("created_at"),
    timestamp("sent_at", nullable=True),
    version(),
    UniqueConstraint("submission_id", "writer_id", "draft_key"),
    CheckConstraint("side in ('new', 'old')", name="side"),
    CheckConstraint("kind in ('problem', 'question', 'praise', 'note')", name="kind"),
    CheckConstraint("state in ('open', 'fixed', 'declined', 'settled')", name="state"),
    CheckConstraint("(path is null) = (side is null)", name="path"),
    CheckConstraint(
        "(first_line is null) = (last_line is null) and (first_line is null) = (excerpt is null)"
        " and (first_line is null or path is not null and blob is not null)",
        name="lines",
    ),
    CheckConstraint("first_line >= 1 and last_line >= first_line", name="range"),
    CheckConstraint("review_id is null or sent_at is not null", name="draft"),
    CheckConstraint("not is_about_review or (review_id is not null and path is null)", name="about_review"),
)
Index("uq_threads_about_review", threads.c.review_id, unique=True, postgresql_where=text("is_about_review"))
Index("ix_threads_snapshot_id", threads.c.snapshot_id)
Index("ix_threads_writer_id", threads.c.writer_id)
Index("ix_threads_review_id", threads.c.review_id)
Index("ix_threads_criterion_id", threads.c.criterion_id)

# `position` counts the messages of a thread from 1; the first is the comment itself. `role` is that of the writer when
# they wrote it.
thread_messages = Table(
    "thread_messages",
    metadata,
    random_id_column(),
    reference("thread_id", "threads"),
    Column("position", SmallInteger, nullable=False),
    reference("writer_id", "users"),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    timestamp("created_at"),
    timestamp("hidden_at", nullable=True),
    Column("hidden_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    # Since when a report waits for a decision of staff: to hide it, or to keep it.
    timestamp("reported_at", nullable=True),
    timestamp("kept_at", nullable=True),
    Column("kept_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    UniqueConstraint("thread_id", "position"),
    CheckConstraint("role in ('author', 'reviewer', 'staff')", name="role"),
    CheckConstraint("position between 1 and 100", name="position"),
    CheckConstraint("hidden_at is not null or hidden_by is null", name="hidden"),
    CheckConstraint("kept_at is not null or kept_by is null", name="kept"),
    CheckConstraint("hidden_at is null or (reported_at is null and kept_at is null)", name="decided"),
)
Index("ix_thread_messages_writer_id", thread_messages.c.writer_id)
Index("ix_thread_messages_hidden_by", thread_messages.c.hidden_by)
Index("ix_thread_messages_kept_by", thread_messages.c.kept_by)
Index(
    "ix_thread_messages_reported_at",
    thread_messages.c.reported_at,
    postgresql_where=text("reported_at is not null"),
)

message_reports = Table(
    "message_reports",
    metadata,
    reference("message_id", "thread_messages"),
    reference("user_id", "users"),
    Column("reason", Text),
    timestamp("created_at"),
    PrimaryKeyConstraint("message_id", "user_id"),
)
Index("ix_message_reports_user_id", message_reports.c.user_id)

# A file counts as viewed as long as its content stays the same.
viewed_files = Table(
    "viewed_files",
    metadata,
    reference("submission_id", "submissions"),
    reference("user_id", "users"),
    Column("blob", LargeBinary, nullable=False),
    PrimaryKeyConstraint("submission_id", "user_id", "blob"),
)
Index("ix_viewed_files_user_id", viewed_files.c.user_id)
