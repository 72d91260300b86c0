"""Let tracks start on a date or when full, within hours of the day."""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column('start_rule', sa.Text(), server_default='when_full', nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('start_missed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('min_participants', sa.BigInteger(), server_default='2', nullable=False),
    sa.Column('time_zone', sa.Text(), server_default='UTC', nullable=False),
    sa.Column('start_from_hour', sa.SmallInteger(), nullable=True),
    sa.Column('start_until_hour', sa.SmallInteger(), nullable=True),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column('tracks', column)
    op.create_check_constraint(op.f('ck_tracks_start_rule'), 'tracks', "start_rule in ('when_full', 'on_date')")
    op.create_check_constraint(
        op.f('ck_tracks_min_participants'), 'tracks', "start_rule = 'when_full' or min_participants <= required_participants"
    )
    op.create_check_constraint(
        op.f('ck_tracks_start_hours'),
        'tracks',
        "(start_from_hour is null) = (start_until_hour is null) and start_from_hour >= 0"
        " and start_from_hour < start_until_hour and start_until_hour <= 24",
    )
    op.create_index(
        'ix_tracks_starts_at',
        'tracks',
        ['starts_at'],
        postgresql_where=sa.text("status = 'enrolling' and start_missed_at is null and starts_at is not null"),
    )


def downgrade() -> None:
    op.drop_index('ix_tracks_starts_at', 'tracks')
    for name in ('start_hours', 'min_participants', 'start_rule'):
        op.drop_constraint(op.f(f'ck_tracks_{name}'), 'tracks')
    for column in reversed(COLUMNS):
        op.drop_column('tracks', column.name)
