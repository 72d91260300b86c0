"""Tables: invitations, which users accepted them, and offers to hand a track over."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
)

from learning_platform.core.tables import id_column, metadata, reference, timestamp

# A link, or the invitation of one person by email, which can be accepted once. Of the token only a hash is stored.
invitations = Table(
    "invitations",
    metadata,
    id_column(),
    reference("track_id", "tracks"),
    reference("invited_by", "users"),
    Column("role", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("email", Text),
    Column("name", Text),
    Column("max_uses", Integer),
    Column("uses", Integer, nullable=False, server_default="0"),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("withdrawn_at", nullable=True),
    timestamp("declined_at", nullable=True),
    # When its page was first opened, of invitations by email.
    timestamp("opened_at", nullable=True),
    CheckConstraint("role in ('participant', 'co_author', 'mentor')", name="role"),
    CheckConstraint("uses between 0 and coalesce(max_uses, uses)", name="uses"),
    CheckConstraint("(email is null) or (max_uses = 1)", name="email"),
)
Index("ix_invitations_track_id", invitations.c.track_id, invitations.c.id)
Index("ix_invitations_invited_by", invitations.c.invited_by)
Index("ix_invitations_expires_at", invitations.c.expires_at)
Index("uq_invitations_email", invitations.c.track_id, func.lower(invitations.c.email), unique=True)
Index("ix_invitations_email", func.lower(invitations.c.email))

invitation_uses = Table(
    "invitation_uses",
    metadata,
    reference("invitation_id", "invitations"),
    reference("user_id", "users"),
    timestamp("used_at"),
    PrimaryKeyConstraint("invitation_id", "user_id"),
)
Index("ix_invitation_uses_user_id", invitation_uses.c.user_id)

# The user who may become the author of a track by accepting; the author when it was offered.
hand_over_offers = Table(
    "hand_over_offers",
    metadata,
    reference("track_id", "tracks", primary_key=True),
    reference("user_id", "users"),
    reference("offered_by", "users"),
    timestamp("offered_at"),
)
Index("ix_hand_over_offers_user_id", hand_over_offers.c.user_id)
Index("ix_hand_over_offers_offered_by", hand_over_offers.c.offered_by)
