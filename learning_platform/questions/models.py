"""Questions, the posts in them, reports of posts, and what each user has read and muted."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from learning_platform.core.tables import flag, metadata, random_id_column, reference, timestamp, version

questions = Table(
    "questions",
    metadata,
    random_id_column(),
    reference("track_id", "tracks"),
    reference("assignment_id", "assignments"),
    reference("writer_id", "users"),
    timestamp("created_at"),
    timestamp("answered_at", nullable=True),
    timestamp("pinned_at", nullable=True),
)
Index("ix_questions_track_id", questions.c.track_id, questions.c.created_at)
Index("ix_questions_assignment_id", questions.c.assignment_id, questions.c.created_at)
Index("ix_questions_writer_id", questions.c.writer_id)

# The first post is the question itself and has its title; the others are answers. Other participants see the masked
# title and text until names are shown (questions.rules), and only these are searched.
question_posts = Table(
    "question_posts",
    metadata,
    random_id_column(),
    reference("question_id", "questions"),
    Column("position", SmallInteger, nullable=False),
    reference("writer_id", "users"),
    Column("role", Text, nullable=False),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("masked_title", Text),
    Column("masked_text", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at", nullable=True),
    timestamp("hidden_at", nullable=True),
    Column("hidden_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    # Since when a report waits for a decision of staff: to hide it, or to keep it.
    timestamp("reported_at", nullable=True),
    timestamp("kept_at", nullable=True),
    Column("kept_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    version(),
    Column(
        "search",
        TSVECTOR,
        Computed("search_document(coalesce(masked_title, '') || ' ' || masked_text)", persisted=True),
    ),
    UniqueConstraint("question_id", "position"),
    CheckConstraint("position between 1 and 200", name="position"),
    CheckConstraint("role in ('participant', 'staff')", name="role"),
    CheckConstraint("(position = 1) = (title is not null) and (title is null) = (masked_title is null)", name="title"),
    CheckConstraint("hidden_at is not null or hidden_by is null", name="hidden"),
    CheckConstraint("kept_at is not null or kept_by is null", name="kept"),
    CheckConstraint("hidden_at is null or (reported_at is null and kept_at is null)", name="decided"),
)
Index("ix_question_posts_writer_id", question_posts.c.writer_id)
Index("ix_question_posts_hidden_by", question_posts.c.hidden_by)
Index("ix_question_posts_kept_by", question_posts.c.kept_by)
Index(
    "ix_question_posts_reported_at",
    question_posts.c.reported_at,
    postgresql_where=text("reported_at is not null"),
)
Index("ix_question_posts_search", question_posts.c.search, postgresql_using="gin")

question_reports = Table(
    "question_reports",
    metadata,
    reference("post_id", "question_posts"),
    reference("user_id", "users"),
    Column("reason", Text),
    timestamp("created_at"),
    PrimaryKeyConstraint("post_id", "user_id"),
)
Index("ix_question_reports_user_id", question_reports.c.user_id)

# Of one user on one track: up to when questions were read, and whether notifications about all of them are off.
question_readers = Table(
    "question_readers",
    metadata,
    reference("track_id", "tracks"),
    reference("user_id", "users"),
    timestamp("read_up_to", nullable=True),
    flag("is_muted"),
    PrimaryKeyConstraint("track_id", "user_id"),
)
Index("ix_question_readers_user_id", question_readers.c.user_id)

question_mutes = Table(
    "question_mutes",
    metadata,
    reference("question_id", "questions"),
    reference("user_id", "users"),
    PrimaryKeyConstraint("question_id", "user_id"),
)
Index("ix_question_mutes_user_id", question_mutes.c.user_id)
