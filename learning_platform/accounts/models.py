"""Tables: users, their accounts elsewhere, sessions (one per sign-in), tokens, networks, counters of rate limits."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, func, text

from learning_platform.core.tables import id_column, metadata, reference, timestamp, version

users = Table(
    "users",
    metadata,
    id_column(),
    Column("email", Text, nullable=False),
    Column("username", Text, nullable=False),
    # Null for users who only sign in with an account elsewhere.
    Column("password_hash", Text),
    Column("role", Text, nullable=False, server_default="user"),
    Column("locale", Text, nullable=False),
    Column("time_zone", Text, nullable=False, server_default="UTC"),
    timestamp("created_at"),
    timestamp("blocked_at", nullable=True),
    # What the user shows of themselves, and to whom.
    Column("display_name", Text),
    Column("about", Text, nullable=False, server_default=""),
    Column("profile_visibility", Text, nullable=False, server_default="participants"),
    # Email is sent only to confirmed addresses.
    timestamp("email_confirmed_at", nullable=True),
    # A mail server has rejected the address for good; email goes there again after it is confirmed.
    timestamp("email_refused_at", nullable=True),
    # The secret key in the address of their calendar feeds; null until it is first used.
    Column("feed_key", Text, unique=True),
    version(),
    CheckConstraint("role in ('user', 'author', 'admin')", name="role"),
    CheckConstraint("profile_visibility in ('everyone', 'participants', 'private')", name="profile_visibility"),
    CheckConstraint("locale ~ '^[a-z]{2,3}$'", name="locale"),
)
Index("uq_users_email", func.lower(users.c.email), unique=True)
Index("uq_users_username", func.lower(users.c.username), unique=True)
# Few users are blocked at a time; every process reads them at start and keeps them in memory.
Index("ix_users_blocked_at", users.c.blocked_at, postgresql_where=text("blocked_at is not null"))

# Changes of the address of a user. It is confirmed by a link until `expires_at`; a link to the former address undoes it
# until `undo_until`, which is null if that was not confirmed. Former addresses are kept: they are masked in code.
email_changes = Table(
    "email_changes",
    metadata,
    id_column(),
    reference("user_id", "users"),
    Column("old_email", Text, nullable=False),
    Column("new_email", Text, nullable=False),
    timestamp("requested_at"),
    timestamp("expires_at"),
    timestamp("confirmed_at", nullable=True),
    timestamp("undo_until", nullable=True),
    timestamp("undone_at", nullable=True),
    timestamp("cancelled_at", nullable=True),
)
Index("ix_email_changes_user_id", email_changes.c.user_id)
Index(
    "uq_email_changes_pending",
    email_changes.c.user_id,
    unique=True,
    postgresql_where=text("confirmed_at is null and undone_at is null and cancelled_at is null"),
)
Index("ix_email_changes_old_email", func.lower(email_changes.c.old_email))
Index("ix_email_changes_expires_at", email_changes.c.expires_at, postgresql_where=text("confirmed_at is null"))

# Accounts elsewhere that users sign in with. `provider` is the address of the issuer, which gave the subject its name.
external_identities = Table(
    "external_identities",
    metadata,
    id_column(),
    reference("user_id", "users"),
    Column("provider", Text, nullable=False),
    Column("subject", Text, nullable=False),
    timestamp("created_at"),
    timestamp("last_used_at"),
    UniqueConstraint("provider", "subject"),
)
Index("ix_external_identities_user_id", external_identities.c.user_id)

sessions = Table(
    "sessions",
    metadata,
    id_column(),
    reference("user_id", "users"),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("revoked_at", nullable=True),
    # By the User-Agent of the sign-in; null if it does not say so.
    Column("browser", Text),
    Column("system", Text),
)
Index("ix_sessions_user_id", sessions.c.user_id)
Index("ix_sessions_expires_at", sessions.c.expires_at)
Index("ix_sessions_revoked_at", sessions.c.revoked_at, postgresql_where=text("revoked_at is not null"))

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    reference("session_id", "sessions"),
    timestamp("created_at"),
    timestamp("used_at", nullable=True),
)
Index("ix_refresh_tokens_session_id", refresh_tokens.c.session_id)

Index("ix_refresh_tokens_used_at", refresh_tokens.c.used_at, postgresql_where=text("used_at is not null"))

# The networks from which a user has signed in, as keyed hashes of addresses (of the /64 for IPv6): failed attempts from
# elsewhere do not lock the user out there.
known_networks = Table(
    "known_networks",
    metadata,
    reference("user_id", "users", primary_key=True),
    Column("network", LargeBinary, primary_key=True),
    timestamp("last_used_at"),
)
Index("ix_known_networks_last_used_at", known_networks.c.last_used_at)

# See accounts.rate_limits. The time has no index, so that updates stay on the same page (HOT updates).
rate_limits = Table(
    "rate_limits",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("uses", Integer, nullable=False),
    timestamp("free_at"),
    postgresql_with={"fillfactor": 50},
)
Index("ix_rate_limits_free_at", rate_limits.c.free_at)

# Secrets with which git may hand in for their owner, and nothing else. `token_hash` is the SHA-256 of the token.
hand_in_tokens = Table(
    "hand_in_tokens",
    metadata,
    id_column(),
    reference("user_id", "users"),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("last_used_at", nullable=True),
)
Index("ix_hand_in_tokens_user_id", hand_in_tokens.c.user_id)
