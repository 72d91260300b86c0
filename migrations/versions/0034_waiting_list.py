"""Let users wait for a place on a full track."""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'waiting_list',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_waiting_list_track_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_waiting_list_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_list')),
        sa.UniqueConstraint('track_id', 'user_id', name=op.f('uq_waiting_list_track_id_user_id')),
    )
    op.create_index('ix_waiting_list_user_id', 'waiting_list', ['user_id'])


def downgrade() -> None:
    op.drop_table('waiting_list')
