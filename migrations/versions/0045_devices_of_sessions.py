"""Keep the names of the browser and the system of a session, so that its user recognises it."""

import sqlalchemy as sa
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('browser', 'system'):
        op.add_column('sessions', sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ('browser', 'system'):
        op.drop_column('sessions', name)
