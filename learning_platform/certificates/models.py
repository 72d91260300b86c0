"""Table: certificates, one for each participant who finished a track by its rule.

The rule itself is stored on the track (`certificate_submissions`, `certificate_reviews`).
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from learning_platform.core.tables import id_column, metadata, reference, timestamp

certificates = Table(
    "certificates",
    metadata,
    id_column(),
    # The secret part of the address at which the certificate can be verified.
    Column("code", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    reference("track_id", "tracks"),
    reference("user_id", "users"),
    timestamp("issued_at"),
    # What was done, as it was counted at the end of the track.
    Column("assignments", SmallInteger, nullable=False),
    Column("submitted", SmallInteger, nullable=False),
    Column("reviewed", SmallInteger, nullable=False),
    timestamp("revoked_at", nullable=True),
    Column("revoked_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    Column("revoke_reason", Text),
    UniqueConstraint("track_id", "user_id"),
    CheckConstraint("submitted between 0 and assignments and reviewed between 0 and assignments", name="counts"),
    CheckConstraint("(revoked_at is null) = (revoke_reason is null)", name="revoked"),
)
Index("ix_certificates_user_id", certificates.c.user_id)
Index("ix_certificates_revoked_by", certificates.c.revoked_by)
