"""Number the cohorts of a course."""

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('tracks', sa.Column('series_id', sa.BigInteger(), nullable=True))
    op.add_column('tracks', sa.Column('cohort', sa.Integer(), nullable=True))
    op.add_column('tracks', sa.Column('head_start_until', sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f('fk_tracks_series_id'), 'tracks', 'tracks', ['series_id'], ['id'], ondelete='SET NULL'
    )
    op.create_unique_constraint(op.f('uq_tracks_series_id_cohort'), 'tracks', ['series_id', 'cohort'])
    op.create_check_constraint(op.f('ck_tracks_cohort'), 'tracks', 'cohort >= 1 and (series_id is null or cohort is not null)')


def downgrade() -> None:
    op.drop_constraint(op.f('ck_tracks_cohort'), 'tracks')
    op.drop_constraint(op.f('uq_tracks_series_id_cohort'), 'tracks')
    op.drop_constraint(op.f('fk_tracks_series_id'), 'tracks')
    for name in ('head_start_until', 'cohort', 'series_id'):
        op.drop_column('tracks', name)
