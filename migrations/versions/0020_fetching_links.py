"""Note of a link when its fetch began, and whether its repository has changed since it was handed in."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('snapshots', sa.Column('fetch_started_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('snapshots', sa.Column('check_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('snapshots', sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f('ck_snapshots_fetching'), 'snapshots', "fetch_started_at is null or state = 'waiting'")
    op.create_index('ix_snapshots_fetching', 'snapshots', ['fetch_started_at'], unique=False,
                    postgresql_where=sa.text('fetch_started_at is not null'))
    op.create_index('ix_snapshots_check_at', 'snapshots', ['check_at'], unique=False,
                    postgresql_where=sa.text('check_at is not null'))


def downgrade() -> None:
    op.drop_index('ix_snapshots_check_at', table_name='snapshots')
    op.drop_index('ix_snapshots_fetching', table_name='snapshots')
    op.drop_constraint(op.f('ck_snapshots_fetching'), 'snapshots', type_='check')
    op.drop_column('snapshots', 'changed_at')
    op.drop_column('snapshots', 'check_at')
    op.drop_column('snapshots', 'fetch_started_at')
