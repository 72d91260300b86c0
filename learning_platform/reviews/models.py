"""A claim is a promise to review a submission; a review is the promise kept.

A claim that `counts` stands in its submission's `review_count`, so that no other reviewer is sent there. An open
claim whose lease ran out counts no more, but may still be kept; a returned one is over for its holder.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from learning_platform.core.tables import metadata, random_id_column, reference, timestamp, version

claims = Table(
    "claims",
    metadata,
    random_id_column(),
    reference("assignment_id", "assignments"),
    reference("submission_id", "submissions"),
    Column("reviewer_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("reason", Text, nullable=False),
    Column("counts", Boolean, nullable=False, server_default=text("true")),
    timestamp("claimed_at"),
    timestamp("claimed_until"),
    timestamp("ended_at", nullable=True),
    Column("return_reason", Text),
    Column("return_comment", Text),
    UniqueConstraint("submission_id", "reviewer_id"),
    CheckConstraint("state in ('open', 'assigned_by_staff', 'reviewed', 'returned', 'released')", name="state"),
    CheckConstraint("reason in ('planned', 'least_served', 'volunteer', 'author')", name="reason"),
    CheckConstraint("return_reason in ('broken', 'empty', 'know_author', 'other')", name="return_reason"),
    CheckConstraint("(state = 'returned') = (return_reason is not null)", name="returned"),
    CheckConstraint("state not in ('returned', 'released') or not counts", name="ended_counts_not"),
)
# One in hand for a person at an assignment, however often they ask.
Index(
    "uq_claims_open",
    claims.c.assignment_id,
    claims.c.reviewer_id,
    unique=True,
    postgresql_where=text("state = 'open'"),
)
Index("ix_claims_assignment_id", claims.c.assignment_id, claims.c.ended_at)
Index("ix_claims_reviewer_id", claims.c.reviewer_id, claims.c.assignment_id)
Index("ix_claims_returned", claims.c.assignment_id, claims.c.ended_at, postgresql_where=text("state = 'returned'"))
Index("ix_claims_of_staff", claims.c.assignment_id, claims.c.reviewer_id, postgresql_where=text("reason = 'author'"))
Index("ix_claims_claimed_until", claims.c.claimed_until, postgresql_where=text("state = 'open' and counts"))

reviews = Table(
    "reviews",
    metadata,
    random_id_column(),
    reference("assignment_id", "assignments"),
    reference("submission_id", "submissions"),
    Column("reviewer_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("comment", Text),
    timestamp("created_at"),
    timestamp("updated_at", nullable=True),
    # What the author of the submission says of the review.
    Column("helpful", Boolean),
    Column("answer", Text),
    timestamp("answered_at", nullable=True),
    Column("answer_version", Integer, nullable=False, server_default="0"),
    version(),
    UniqueConstraint("submission_id", "reviewer_id"),
)
Index("ix_reviews_assignment_id", reviews.c.assignment_id)
Index("ix_reviews_reviewer_id", reviews.c.reviewer_id, reviews.c.assignment_id)

scores = Table(
    "scores",
    metadata,
    reference("review_id", "reviews"),
    reference("criterion_id", "criteria"),
    Column("score", SmallInteger, nullable=False),
    Column("comment", Text),
    PrimaryKeyConstraint("review_id", "criterion_id"),
    CheckConstraint("score >= 0", name="score"),
)
Index("ix_scores_criterion_id", scores.c.criterion_id)

# An appeal is settled with a text and, perhaps, scores that count instead of the medians; the reviews stay as they are.
appeals = Table(
    "appeals",
    metadata,
    random_id_column(),
    reference("assignment_id", "assignments"),
    reference("submission_id", "submissions"),
    Column("text", Text, nullable=False),
    timestamp("created_at"),
    timestamp("settled_at", nullable=True),
    Column("settled_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    Column("settlement", Text),
    version(),
    UniqueConstraint("submission_id"),
    CheckConstraint("(settled_at is null) = (settlement is null)", name="settled"),
)
Index("ix_appeals_assignment_id", appeals.c.assignment_id)
Index("ix_appeals_settled_by", appeals.c.settled_by)

corrected_scores = Table(
    "corrected_scores",
    metadata,
    reference("appeal_id", "appeals"),
    reference("criterion_id", "criteria"),
    Column("score", SmallInteger, nullable=False),
    PrimaryKeyConstraint("appeal_id", "criterion_id"),
    CheckConstraint("score >= 0", name="score"),
)
Index("ix_corrected_scores_criterion_id", corrected_scores.c.criterion_id)

# The latest of these, or of the appeals that were settled with scores, counts; without scores, the medians count again.
corrections = Table(
    "corrections",
    metadata,
    random_id_column(),
    reference("submission_id", "submissions"),
    Column("reason", Text, nullable=False),
    timestamp("corrected_at"),
    Column("corrected_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
)
Index("ix_corrections_submission_id", corrections.c.submission_id, corrections.c.corrected_at)
Index("ix_corrections_corrected_by", corrections.c.corrected_by)

correction_scores = Table(
    "correction_scores",
    metadata,
    reference("correction_id", "corrections"),
    reference("criterion_id", "criteria"),
    Column("score", SmallInteger, nullable=False),
    PrimaryKeyConstraint("correction_id", "criterion_id"),
    CheckConstraint("score >= 0", name="score"),
)
Index("ix_correction_scores_criterion_id", correction_scores.c.criterion_id)
