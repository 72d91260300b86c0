"""rate limits, known networks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rule", "key", name=op.f("pk_rate_limits")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "known_networks",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.LargeBinary(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_known_networks_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "network", name=op.f("pk_known_networks")),
    )
    op.create_index("ix_known_networks_last_used_at", "known_networks", ["last_used_at"])
    op.create_index(
        "ix_refresh_tokens_used_at", "refresh_tokens", ["used_at"], postgresql_where=sa.text("used_at is not null")
    )


def downgrade() -> None:
    op.drop_index("ix_refresh_tokens_used_at", table_name="refresh_tokens")
    op.drop_table("known_networks")
    op.drop_table("rate_limits")
