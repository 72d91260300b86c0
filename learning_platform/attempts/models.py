"""An attempt is one participant at one assignment; a submission is what they handed in for it.

Submissions carry what the draw of reviews needs, so that choosing one is a walk of an index: how many reviews they have
or have been promised, whether their author still owes reviews or has left, and a random key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy import UniqueConstraint as Unique

from learning_platform.core.tables import flag, id_column, metadata, random_id_column, reference, timestamp, version

attempts = Table(
    "attempts",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    reference("assignment_id", "assignments"),
    reference("user_id", "users"),
    timestamp("opened_at"),
    timestamp("finished_at", nullable=True),
    # Fixed when the review stage begins; null before.
    Column("reviews_required", SmallInteger),
    Column("reviews_done", SmallInteger, nullable=False, server_default="0"),
    # How many they were let off (nothing was left to review, or they left), and when: others see it later.
    Column("excused_reviews", SmallInteger, nullable=False, server_default="0"),
    timestamp("excused_at", nullable=True),
    Unique("assignment_id", "user_id"),
    CheckConstraint("reviews_done >= 0 and reviews_required >= 0", name="reviews"),
)
# The one unfinished attempt is where a participant is.
Index(
    "uq_attempts_current",
    attempts.c.track_id,
    attempts.c.user_id,
    unique=True,
    postgresql_where=text("finished_at is null"),
)
Index("ix_attempts_unfinished", attempts.c.assignment_id, postgresql_where=text("finished_at is null"))
Index("ix_attempts_track_id", attempts.c.track_id)
Index("ix_attempts_user_id", attempts.c.user_id)

submissions = Table(
    "submissions",
    metadata,
    random_id_column(),
    reference("attempt_id", "attempts"),
    reference("assignment_id", "assignments"),
    reference("user_id", "users"),
    # Null where the code itself was handed in.
    Column("repo_url", Text),
    # What was frozen and counts; null for what was handed in before there were snapshots.
    Column("snapshot_id", BigInteger, ForeignKey("snapshots.id", ondelete="SET NULL")),
    Column("comment", Text),
    timestamp("submitted_at"),
    Column("review_count", BigInteger, nullable=False, server_default="0"),
    Column("author_owes", Boolean, nullable=False, server_default=text("true")),
    flag("author_left"),
    # The order of the draw, lowest first: 0, 4, 8, 12 … by the number of reviews. A submission of a participant who
    # left comes between 8 and 12 until it has three: others that lack a review come before it.
    Column(
        "draw_level",
        BigInteger,
        Computed(
            "case when author_left and review_count < 3 then 9 + review_count else 4 * review_count end", persisted=True
        ),
    ),
    Column("draw_key", Double, nullable=False, server_default=text("random()")),
    # Reviewers disagree strongly (reviews/results.py): volunteers and the track's author are shown it first.
    flag("is_disputed"),
    # What the reviews add up to, in percent: now; at the end of the track, and when the review deadline passed, which
    # is what others are shown until scores are corrected no more, and until the end. Triggers keep them (migrations
    # 0028, 0036).
    Column("result", Double),
    Column("end_result", Double),
    Column("window_result", Double),
    # The author's account and with it the link are gone: it is no longer assigned for review.
    flag("is_withdrawn"),
    version(),
    Unique("assignment_id", "user_id"),
    CheckConstraint("review_count >= 0", name="review_count"),
)
Index(
    "ix_submissions_draw",
    submissions.c.assignment_id,
    submissions.c.draw_level,
    submissions.c.author_owes,
    submissions.c.draw_key,
)
# A whole group is sorted by its results from the index alone.
Index(
    "ix_submissions_results",
    submissions.c.assignment_id,
    submissions.c.user_id,
    postgresql_include=["result", "end_result", "window_result"],
)
# Staff see which submissions have the same link (migration 0042).
Index("ix_submissions_link", submissions.c.assignment_id, func.link_key(submissions.c.repo_url))
Index("ix_submissions_attempt_id", submissions.c.attempt_id)
Index("ix_submissions_user_id", submissions.c.user_id)
Index("ix_submissions_snapshot_id", submissions.c.snapshot_id)

Index(
    "ix_submissions_disputed",
    submissions.c.assignment_id,
    submissions.c.review_count,
    postgresql_where=text("is_disputed"),
)
Index(
    "ix_submissions_few_reviews",
    submissions.c.assignment_id,
    postgresql_where=text("review_count < 3 and not is_withdrawn"),
)

# A later deadline for one participant. `review_started_at`: when their own review stage began; one that is no longer
# later than the common deadline begins with the common stage.
extensions = Table(
    "extensions",
    metadata,
    id_column(),
    reference("assignment_id", "assignments"),
    reference("user_id", "users"),
    timestamp("due_at"),
    Column("reason", Text, nullable=False),
    reference("granted_by", "users"),
    timestamp("granted_at"),
    timestamp("review_started_at", nullable=True),
    version(),
    Unique("assignment_id", "user_id"),
    CheckConstraint("review_started_at >= due_at", name="review_started"),
)
Index("ix_extensions_user_id", extensions.c.user_id)
Index("ix_extensions_granted_by", extensions.c.granted_by)

# Everything ever handed in; the latest of the first iteration is the one in `submissions`.
submission_versions = Table(
    "submission_versions",
    metadata,
    id_column(),
    reference("submission_id", "submissions"),
    # 1 until the deadline; 2 for what was handed in after the reviews (attempts/iterations.py).
    Column("iteration", SmallInteger, nullable=False, server_default="1"),
    Column("repo_url", Text),
    Column("snapshot_id", BigInteger, ForeignKey("snapshots.id", ondelete="SET NULL")),
    Column("comment", Text),
    timestamp("submitted_at"),
    CheckConstraint("iteration in (1, 2)", name="iteration"),
)
Index("ix_submission_versions_submission_id", submission_versions.c.submission_id)
Index("ix_submission_versions_snapshot_id", submission_versions.c.snapshot_id)
