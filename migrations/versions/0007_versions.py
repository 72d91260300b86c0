"""Count the versions of everything that people edit.

Existing rows begin at version 1; the default is stored once and rewrites no table.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

TABLES = ('users', 'tracks', 'assignments', 'submissions', 'extensions', 'reviews', 'diary_entries')


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, 'version')
