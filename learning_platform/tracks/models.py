"""Tables: tracks, their criteria, assignments and participants.

The calendar is stored on the assignment, one row for the whole group. Its events (warnings, the beginning of the review
stage, reminders, the end of the track) are scheduled by rows of their own (docs/decisions/0005).
Participants belong here, as `participants_count` does, because every higher package needs them (docs/decisions/0002).
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
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from learning_platform.core.tables import flag, id_column, metadata, reference, timestamp, version

tracks = Table(
    "tracks",
    metadata,
    id_column(),
    reference("author_id", "users"),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="enrolling"),
    Column("required_participants", BigInteger, nullable=False),
    Column("participants_count", BigInteger, nullable=False, server_default="0"),
    Column("review_hours", Double, nullable=False),
    # How long after the reviews a second iteration may be handed in; 0 for none.
    Column("iteration_hours", Double, nullable=False, server_default="0"),
    # For how long after the end reviews can be answered, discussed and appealed.
    Column("appeal_days", Double, nullable=False, server_default="3"),
    # Whether reviewers get the link to a repository whose code is frozen here, too.
    flag("show_repository"),
    # Public tracks are listed; unlisted ones are found by their address, private ones only by invitation.
    Column("visibility", Text, nullable=False, server_default="public"),
    Column("is_listed", Boolean, Computed("status <> 'draft' and visibility = 'public'", persisted=True)),
    # Whether the criteria may change until the first user enrolls: on tracks that began as drafts.
    flag("criteria_changeable"),
    # What its author states about the track (tracks/details.py); the effort in hours a week.
    Column("language", Text),
    Column("level", Text),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    Column("effort", SmallInteger),
    # What a certificate is earned by, in percent of the assignments; null where there are none (certificates.rules).
    Column("certificate_submissions", SmallInteger),
    Column("certificate_reviews", SmallInteger),
    # Whether certificates are still to be issued, at the end of the track.
    flag("certificates_pending"),
    # When the track starts (tracks/start_rules.py): if `starts_at` is set, then; unless too few had enrolled by then.
    Column("start_rule", Text, nullable=False, server_default="when_full"),
    timestamp("starts_at", nullable=True),
    timestamp("start_missed_at", nullable=True),
    Column("min_participants", BigInteger, nullable=False, server_default="2"),
    Column("time_zone", Text, nullable=False, server_default="UTC"),
    Column("start_from_hour", SmallInteger),
    Column("start_until_hour", SmallInteger),
    # Cohorts of a course (tracks/cohorts.py): the first of them, and the number of this one. Until `head_start_until`
    # only users who waited for a place on an earlier cohort enroll.
    Column("series_id", BigInteger, ForeignKey("tracks.id", ondelete="SET NULL")),
    Column("cohort", Integer),
    timestamp("head_start_until", nullable=True),
    timestamp("created_at"),
    timestamp("started_at", nullable=True),
    timestamp("finishes_at", nullable=True),
    # When the track started, a deadline moved, or the track was cancelled; calendar programs use it to find changes.
    timestamp("calendar_changed_at", nullable=True),
    version(),
    # The Russian configuration also stems English words. Migrations create this function and those of the queries.
    Column(
        "search",
        TSVECTOR,
        Computed("track_document(title, description, tags, language, level, effort)", persisted=True),
    ),
    CheckConstraint("status in ('draft', 'enrolling', 'running', 'finished', 'cancelled')", name="status"),
    CheckConstraint(
        "(certificate_submissions is null) = (certificate_reviews is null) and "
        "certificate_submissions between 1 and 100 and certificate_reviews between 0 and 100",
        name="certificate",
    ),
    CheckConstraint("visibility in ('public', 'unlisted', 'private')", name="visibility"),
    CheckConstraint("language ~ '^[a-z]{2}$'", name="language"),
    CheckConstraint("level in ('beginner', 'intermediate', 'advanced')", name="level"),
    CheckConstraint("cardinality(tags) <= 8", name="tags"),
    CheckConstraint("effort between 1 and 60", name="effort"),
    CheckConstraint("iteration_hours >= 0", name="iteration_hours"),
    CheckConstraint("appeal_days between 0 and 30", name="appeal_days"),
    UniqueConstraint("series_id", "cohort"),
    CheckConstraint("cohort >= 1 and (series_id is null or cohort is not null)", name="cohort"),
    CheckConstraint("participants_count between 0 and required_participants", name="seats"),
    CheckConstraint("(status in ('running', 'finished')) <= (started_at is not null)", name="started"),
    CheckConstraint("status not in ('draft', 'enrolling') or started_at is null", name="not_started"),
    CheckConstraint("start_rule in ('when_full', 'on_date')", name="start_rule"),
    CheckConstraint("start_rule = 'when_full' or min_participants <= required_participants", name="min_participants"),
    CheckConstraint(
        "(start_from_hour is null) = (start_until_hour is null) and start_from_hour >= 0"
        " and start_from_hour < start_until_hour and start_until_hour <= 24",
        name="start_hours",
    ),
)
Index("ix_tracks_author_id", tracks.c.author_id)
Index("ix_tracks_status", tracks.c.status, tracks.c.id)
Index("ix_tracks_certificates", tracks.c.finishes_at, postgresql_where=text("certificates_pending"))
Index(
    "ix_tracks_starts_at",
    tracks.c.starts_at,
    postgresql_where=text("status = 'enrolling' and start_missed_at is null and starts_at is not null"),
)
Index("ix_tracks_language", tracks.c.language, postgresql_where=text("is_listed and language is not null"))
Index("ix_tracks_search", tracks.c.search, postgresql_using="gin")

# The words of listed tracks, as search cuts them: how each sounds in the Latin alphabet, and that less one character.
# A migration creates the functions. Words of tracks that are gone stay: they only widen what is looked for.
known_words = Table(
    "known_words",
    metadata,
    Column("word", Text, primary_key=True),
    Column("skeleton", Text, nullable=False),
    Column("near", ARRAY(Text), nullable=False),
)
Index("ix_known_words_near", known_words.c.near, postgresql_using="gin")

# The staff of a track besides its author. What each role may do: tracks/permissions.py.
track_staff = Table(
    "track_staff",
    metadata,
    reference("track_id", "tracks"),
    reference("user_id", "users"),
    Column("role", Text, nullable=False),
    timestamp("added_at"),
    PrimaryKeyConstraint("track_id", "user_id"),
    CheckConstraint("role in ('co_author', 'mentor')", name="role"),
)
Index("ix_track_staff_user_id", track_staff.c.user_id, track_staff.c.track_id)

# Users who wait for a place on a full track, in the order of ids.
waiting_list = Table(
    "waiting_list",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    reference("user_id", "users"),
    timestamp("joined_at"),
    UniqueConstraint("track_id", "user_id"),
)
Index("ix_waiting_list_user_id", waiting_list.c.user_id)

criteria = Table(
    "criteria",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    Column("position", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("max_score", SmallInteger, nullable=False),
    UniqueConstraint("track_id", "position"),
    CheckConstraint("max_score between 1 and 100", name="max_score"),
)

assignments = Table(
    "assignments",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    Column("position", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("duration_hours", Double, nullable=False),
    timestamp("opens_at", nullable=True),
    timestamp("due_at", nullable=True),
    timestamp("reviews_due_at", nullable=True),
    # When hand-in was closed and what each participant owes was fixed: at the deadline or, by the clock, after it.
    timestamp("review_started_at", nullable=True),
    version(),
    UniqueConstraint("track_id", "position"),
    CheckConstraint("duration_hours > 0", name="duration"),
    CheckConstraint("review_started_at >= due_at", name="review_started"),
)

# What is to be done at a time that follows from the calendar (attempts/scheduled_events.py has the kinds). `user_id`:
# the participant with a deadline of their own whom it concerns; null where it concerns the whole group. The end of a
# track belongs to its last assignment.
scheduled_events = Table(
    "scheduled_events",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    reference("assignment_id", "assignments"),
    reference("user_id", "users", nullable=True),
    Column("kind", Text, nullable=False),
    timestamp("due_at"),
    Column("pending", Boolean, nullable=False, server_default=text("true")),
)
# No two rows without a user either; PostgreSQL 14 has no `nulls not distinct`.
Index(
    "uq_scheduled_events",
    scheduled_events.c.assignment_id,
    scheduled_events.c.kind,
    text("coalesce(user_id, 0::bigint)"),
    unique=True,
)
Index(
    "ix_scheduled_events_pending",
    scheduled_events.c.kind,
    scheduled_events.c.due_at,
    postgresql_where=text("pending"),
)
Index("ix_scheduled_events_track_id", scheduled_events.c.track_id)
Index("ix_scheduled_events_user_id", scheduled_events.c.user_id)

participants = Table(
    "participants",
    metadata,
    reference("track_id", "tracks"),
    reference("user_id", "users"),
    timestamp("enrolled_at"),
    # A participant who has left a running track stays in its history.
    timestamp("left_at", nullable=True),
    # When they received the place from the waiting list; null for others.
    timestamp("moved_up_at", nullable=True),
    # When staff last reminded them: once a day at most (attempts/staff_reminders.py).
    timestamp("reminded_at", nullable=True),
    PrimaryKeyConstraint("track_id", "user_id"),
)
Index("ix_participants_user_id", participants.c.user_id, participants.c.track_id)
Index(
    "ix_participants_left_at",
    participants.c.track_id,
    participants.c.left_at,
    postgresql_where=text("left_at is not null"),
)
