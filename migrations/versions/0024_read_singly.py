"""Mark notifications as read one by one."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notifications', sa.Column('is_read', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_index('ix_notifications_is_read', 'notifications', ['id'], postgresql_where=sa.text('is_read'))


def downgrade() -> None:
    op.drop_index('ix_notifications_is_read', 'notifications')
    op.drop_column('notifications', 'is_read')
