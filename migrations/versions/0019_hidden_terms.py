"""Store what participants want to be hidden from reviewers in their files."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hidden_terms',
    sa.Column('track_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('terms', sa.ARRAY(sa.Text()), nullable=False),
    sa.CheckConstraint('cardinality(terms) <= 50', name=op.f('ck_hidden_terms_number')),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_hidden_terms_track_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_hidden_terms_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('track_id', 'user_id', name=op.f('pk_hidden_terms'))
    )
    op.create_index('ix_hidden_terms_user_id', 'hidden_terms', ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_hidden_terms_user_id', table_name='hidden_terms')
    op.drop_table('hidden_terms')
