"""A snapshot is one hand-in (or a starter), a tree the files that were frozen for it, a blob the content of a file.

Trees and blobs are stored once for a track, by the hash of what they hold: most files of a group come from its starter.
"""

from sqlalchemy import (
    ARRAY,
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
from sqlalchemy.dialects.postgresql import JSONB

from learning_platform.core.tables import id_column, metadata, reference, timestamp

# `content` is compressed with zstd; `hash` is the SHA-256 of what was compressed.
blobs = Table(
    "blobs",
    metadata,
    reference("track_id", "tracks"),
    Column("hash", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("track_id", "hash"),
)

# `manifest` lists the files (snapshots/trees.py), compressed with zstd; `digest` is the SHA-256 of the list.
trees = Table(
    "trees",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    Column("digest", LargeBinary, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    timestamp("created_at"),
    UniqueConstraint("track_id", "digest"),
)

# `received_at` is our clock, and what counts; `committed_at` is what the author's git said. A waiting link is fetched
# at `try_at`; `error` then says why it was not frozen before. `mask_terms`: names that were found beside the files.
# A frozen link is compared with its repository at `check_at`; `changed_at`: when it was found to be another.
snapshots = Table(
    "snapshots",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    reference("assignment_id", "assignments"),
    reference("user_id", "users"),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("repo_url", Text),
    Column("commit", Text),
    timestamp("committed_at", nullable=True),
    Column("tree_id", BigInteger, ForeignKey("trees.id", ondelete="SET NULL")),
    Column("error", Text),
    Column("warnings", JSONB, nullable=False, server_default=text("'[]'")),
    Column("mask_terms", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    timestamp("received_at"),
    timestamp("frozen_at", nullable=True),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    timestamp("try_at", nullable=True),
    timestamp("fetch_started_at", nullable=True),
    timestamp("check_at", nullable=True),
    timestamp("changed_at", nullable=True),
    CheckConstraint("origin in ('push', 'link', 'archive')", name="origin"),
    CheckConstraint("state in ('waiting', 'frozen', 'failed')", name="state"),
    CheckConstraint("(state = 'waiting') = (try_at is not null)", name="waiting"),
    CheckConstraint("(state = 'frozen') = (frozen_at is not null)", name="frozen"),
    CheckConstraint("state <> 'failed' or error is not null", name="failed"),
    CheckConstraint("(origin = 'link') = (repo_url is not null)", name="link"),
    CheckConstraint("fetch_started_at is null or state = 'waiting'", name="fetching"),
)
Index("ix_snapshots_try_at", snapshots.c.try_at, postgresql_where=text("state = 'waiting'"))
Index(
    "ix_snapshots_fetching",
    snapshots.c.fetch_started_at,
    postgresql_where=text("fetch_started_at is not null"),
)
Index("ix_snapshots_check_at", snapshots.c.check_at, postgresql_where=text("check_at is not null"))
Index("ix_snapshots_track_id", snapshots.c.track_id)
Index("ix_snapshots_assignment_id", snapshots.c.assignment_id)
Index("ix_snapshots_user_id", snapshots.c.user_id)
Index("ix_snapshots_tree_id", snapshots.c.tree_id)

# The code that participants start from, given by the track's author.
starters = Table(
    "starters",
    metadata,
    reference("assignment_id", "assignments", primary_key=True),
    reference("snapshot_id", "snapshots"),
)
Index("ix_starters_snapshot_id", starters.c.snapshot_id)

# What participants want to be hidden in their files on a track, beside what is known of them.
hidden_terms = Table(
    "hidden_terms",
    metadata,
    reference("track_id", "tracks", primary_key=True),
    reference("user_id", "users", primary_key=True),
    Column("terms", ARRAY(Text), nullable=False),
    CheckConstraint("cardinality(terms) <= 50", name="number"),
)
Index("ix_hidden_terms_user_id", hidden_terms.c.user_id)
