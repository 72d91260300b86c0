"""calendar changes, installation."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# What is known of tracks that began before: the last time their deadlines moved or they were cancelled.
CHANGED_AT = """
update tracks t set calendar_changed_at = greatest(t.started_at, (
    select max(n.created_at) from announcements n
    where n.track_id = t.id and n.type in ('deadline_moved', 'track_cancelled')))
where t.started_at is not null
"""


def upgrade() -> None:
    op.add_column("tracks", sa.Column("calendar_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(CHANGED_AT)
    op.create_table(
        "installation",
        sa.Column("is_only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("is_only", name=op.f("ck_installation_is_only")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("pk_installation")),
    )


def downgrade() -> None:
    op.drop_table("installation")
    op.drop_column("tracks", "calendar_changed_at")
