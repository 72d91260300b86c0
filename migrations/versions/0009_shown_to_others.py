"""Say what others are shown, and keep what that needs."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

# Others are shown of an assignment what happened before the returned time, and nothing where it is null. It stands
# still from the end of the review window until the track is over. `sees_all`: the reader oversees the track, or it is
# their own. core/veil.py describes it; every query that shows others' doings asks here.
SHOWN_BEFORE = """
create function shown_before(
    sees_all boolean, reviews_due_at timestamptz, finishes_at timestamptz, status text, now timestamptz
) returns timestamptz language sql immutable parallel safe as $$
    select case
        when sees_all then 'infinity'::timestamptz
        when reviews_due_at <= now then
            case when track_status(status, finishes_at, now) in ('finished', 'cancelled') then 'infinity'::timestamptz
            else reviews_due_at end
    end
$$
"""
# Who has left is shown as of the last review window that ended, so that leaving tells nothing between two of them.
LEAVERS_SHOWN_BEFORE = """
create function leavers_shown_before(
    sees_all boolean, track_id bigint, finishes_at timestamptz, status text, now timestamptz
) returns timestamptz language sql stable parallel safe as $$
    select case
        when sees_all or track_status(status, finishes_at, now) <> 'running' then 'infinity'::timestamptz
        else coalesce(
            (select max(a.reviews_due_at) from assignments a where a.track_id = $2 and a.reviews_due_at <= $5),
            'infinity')
    end
$$
"""
SHOWN_DAY = """
create function shown_day(moment timestamptz) returns timestamptz language sql immutable parallel safe as $$
    select date_trunc('day', moment at time zone 'UTC') at time zone 'UTC'
$$
"""
SHARED_SO_FAR = "update diary_entries set shared_at = created_at where visibility = 'track'"


def upgrade() -> None:
    op.execute(SHOWN_BEFORE)
    op.execute(LEAVERS_SHOWN_BEFORE)
    op.execute(SHOWN_DAY)
    op.add_column('diary_entries', sa.Column('shared_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('diary_entries', sa.Column('shown_text', sa.Text(), nullable=True))
    op.execute(SHARED_SO_FAR)
    op.create_check_constraint(
        op.f('ck_diary_entries_shared'), 'diary_entries', "(visibility = 'track') = (shared_at is not null)"
    )
    op.add_column('attempts', sa.Column('excused_reviews', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('attempts', sa.Column('excused_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        'submissions', sa.Column('is_withdrawn', sa.Boolean(), server_default=sa.text('false'), nullable=False)
    )
    op.drop_index('ix_claims_assignment_id', table_name='claims')
    op.create_index('ix_claims_assignment_id', 'claims', ['assignment_id', 'ended_at'])
    op.create_index(
        'ix_participants_left_at', 'participants', ['track_id', 'left_at'], postgresql_where=sa.text('left_at is not null')
    )


def downgrade() -> None:
    op.drop_index('ix_participants_left_at', table_name='participants')
    op.drop_index('ix_claims_assignment_id', table_name='claims')
    op.create_index('ix_claims_assignment_id', 'claims', ['assignment_id'])
    op.drop_column('submissions', 'is_withdrawn')
    op.drop_column('attempts', 'excused_at')
    op.drop_column('attempts', 'excused_reviews')
    op.drop_constraint(op.f('ck_diary_entries_shared'), 'diary_entries')
    op.drop_column('diary_entries', 'shown_text')
    op.drop_column('diary_entries', 'shared_at')
    op.execute("drop function shown_day(timestamptz)")
    op.execute("drop function leavers_shown_before(boolean, bigint, timestamptz, text, timestamptz)")
    op.execute("drop function shown_before(boolean, timestamptz, timestamptz, text, timestamptz)")
