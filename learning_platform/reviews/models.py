"""A claim is a promise to review a submission; a review is the promise kept.

A claim that `counts` stands in its submission's `review_count`, so that nobody else is sent there for nothing. An open
claim whose lease ran out counts no more, but may still be kept; a returned one is over for its holder.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from learning_platform.core.tables import id_column, metadata, moment, reference

claims = Table(
    "claims",
    metadata,
    id_column(),
    reference("assignment_id", "assignments"),
    reference("submission_id", "submissions"),
    Column("reviewer_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("reason", Text, nullable=False),
    Column("counts", Boolean, nullable=False, server_default=text("true")),
    moment("claimed_at"),
    moment("claimed_until"),
    moment("ended_at", nullable=True),
    Column("return_reason", Text),
    Column("return_comment", Text),
    UniqueConstraint("submission_id", "reviewer_id"),
    CheckConstraint("state in ('open', 'reviewed', 'returned')", name="state"),
    CheckConstraint("reason in ('planned', 'least_served', 'volunteer')", name="reason"),
    CheckConstraint("return_reason in ('broken', 'empty', 'know_author', 'other')", name="return_reason"),
    CheckConstraint("(state = 'returned') = (return_reason is not null)", name="returned"),
    CheckConstraint("state <> 'returned' or not counts", name="returned_counts_not"),
)
# One in hand for a person at an assignment, however often they ask.
Index(
    "uq_claims_in_hand",
    claims.c.assignment_id,
    claims.c.reviewer_id,
    unique=True,
    postgresql_where=text("state = 'open'"),
)
Index("ix_claims_reviewer_id", claims.c.reviewer_id, claims.c.assignment_id)
Index("ix_claims_claimed_until", claims.c.claimed_until, postgresql_where=text("state = 'open' and counts"))

reviews = Table(
    "reviews",
    metadata,
    id_column(),
    reference("assignment_id", "assignments"),
    reference("submission_id", "submissions"),
    Column("reviewer_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("comment", Text),
    moment("created_at"),
    moment("updated_at", nullable=True),
    UniqueConstraint("submission_id", "reviewer_id"),
)
Index("ix_reviews_assignment_id", reviews.c.assignment_id)
Index("ix_reviews_reviewer_id", reviews.c.reviewer_id)

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
