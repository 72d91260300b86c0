"""How long invitations are kept after their end; they may name people without an account."""

from datetime import timedelta

from learning_platform.core.retention import Retention

INVITATION_RETENTION = timedelta(days=30)
DELETE_INVITATIONS = """
delete from invitations where ctid = any(array(
    select ctid from invitations where expires_at <= $1 order by expires_at limit $2 for update skip locked))
returning 1
"""


def retentions() -> tuple[Retention, ...]:
    """Return how long each is kept."""
    return (Retention("invitations", INVITATION_RETENTION, DELETE_INVITATIONS),)
