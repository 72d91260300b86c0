"""Let tracks have staff, begin as drafts, and be seen only by those with the link or by their participants."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


# The tracks on which a user takes part or is staff.
TRACK_IDS_OF = """
create function track_ids_of(a_user bigint) returns setof bigint language sql stable parallel safe as $$
    select track_id from participants where user_id = a_user
    union select track_id from track_staff where user_id = a_user
    union select id from tracks where author_id = a_user
$$
"""


def upgrade() -> None:
    op.drop_constraint(op.f('ck_tracks_status'), 'tracks')
    op.create_check_constraint(op.f('ck_tracks_status'), 'tracks', "status in ('draft', 'enrolling', 'running', 'finished', 'cancelled')")
    op.drop_constraint(op.f('ck_tracks_not_started'), 'tracks')
    op.create_check_constraint(op.f('ck_tracks_not_started'), 'tracks', "status not in ('draft', 'enrolling') or started_at is null")
    op.add_column('tracks', sa.Column('visibility', sa.Text(), server_default='public', nullable=False))
    op.add_column(
        'tracks',
        sa.Column('is_listed', sa.Boolean(), sa.Computed("status <> 'draft' and visibility = 'public'", persisted=True)),
    )
    op.create_check_constraint(op.f('ck_tracks_visibility'), 'tracks', "visibility in ('public', 'unlisted', 'private')")
    op.add_column('tracks', sa.Column('criteria_changeable', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_table(
        'track_staff',
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('co_author', 'mentor')", name=op.f('ck_track_staff_role')),
        sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_track_staff_track_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_track_staff_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('track_id', 'user_id', name=op.f('pk_track_staff')),
    )
    op.create_index('ix_track_staff_user_id', 'track_staff', ['user_id', 'track_id'])
    op.execute(TRACK_IDS_OF)


def downgrade() -> None:
    op.execute('drop function track_ids_of(bigint)')
    op.drop_table('track_staff')
    op.drop_column('tracks', 'criteria_changeable')
    op.drop_column('tracks', 'is_listed')
    op.drop_constraint(op.f('ck_tracks_visibility'), 'tracks')
    op.drop_column('tracks', 'visibility')
    op.execute("delete from tracks where status = 'draft'")
    op.drop_constraint(op.f('ck_tracks_not_started'), 'tracks')
    op.create_check_constraint(op.f('ck_tracks_not_started'), 'tracks', "status <> 'enrolling' or started_at is null")
    op.drop_constraint(op.f('ck_tracks_status'), 'tracks')
    op.create_check_constraint(op.f('ck_tracks_status'), 'tracks', "status in ('enrolling', 'running', 'finished', 'cancelled')")
