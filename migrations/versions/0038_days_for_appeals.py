"""Keep answers and appeals open for some days after the end of a track, while the results of others stand still."""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

# tracks.appeal_period.are_appeals_open, of a track that is finished: scores can still be corrected.
ARE_CORRECTIONS_OPEN = """
create function are_corrections_open(status text, finishes_at timestamptz, appeal_days double precision, now timestamptz)
returns boolean language sql immutable parallel safe
return track_status(status, finishes_at, now) = 'finished' and now < finishes_at + appeal_days * interval '1 day'
"""
# The result of a submission as its readers are shown it. `shown`: what shown_before (0009) says. Scores corrected after
# the end of the track are shown to others together, when no more can be corrected.
SHOWN_RESULT = """
create function shown_result(
    sees_all boolean, shown timestamptz, corrections_open boolean,
    result double precision, end_result double precision, window_result double precision
) returns double precision language sql immutable parallel safe
return case when sees_all then result
    when shown = 'infinity' then case when corrections_open then end_result else result end
    when shown is not null then window_result end
"""
# As in 0028, and `end_result`: of what happened before the end of the track, which moves only while it is ahead too.
STORE_RESULTS = """
create or replace function store_results(submission_ids bigint[]) returns void language sql begin atomic
    update submissions s set
        result = (select total from submission_total(s.id, a.track_id, 'infinity')),
        end_result = (select total from submission_total(s.id, a.track_id, coalesce(t.finishes_at, 'infinity'))),
        window_result = (select total from submission_total(s.id, a.track_id, a.reviews_due_at))
    from assignments a join tracks t on t.id = a.track_id where a.id = s.assignment_id and s.id = any($1);
end
"""
STORE_RESULTS_BEFORE = """
create or replace function store_results(submission_ids bigint[]) returns void language sql begin atomic
    update submissions s set
        result = (select total from submission_total(s.id, a.track_id, 'infinity')),
        window_result = (select total from submission_total(s.id, a.track_id, a.reviews_due_at))
    from assignments a where a.id = s.assignment_id and s.id = any($1);
end
"""


def upgrade() -> None:
    op.add_column('tracks', sa.Column('appeal_days', sa.Double(), server_default='3', nullable=False))
    op.create_check_constraint(op.f('ck_tracks_appeal_days'), 'tracks', 'appeal_days between 0 and 30')
    op.add_column('submissions', sa.Column('end_result', sa.Double(), nullable=True))
    op.execute(STORE_RESULTS)
    op.execute("select store_results(array(select id from submissions where result is not null))")
    op.execute(ARE_CORRECTIONS_OPEN)
    op.execute(SHOWN_RESULT)
    op.drop_index('ix_submissions_results', table_name='submissions')
    op.create_index(
        'ix_submissions_results', 'submissions', ['assignment_id', 'user_id'],
        postgresql_include=['result', 'end_result', 'window_result'],
    )


def downgrade() -> None:
    op.execute("drop function shown_result")
    op.execute("drop function are_corrections_open")
    op.execute(STORE_RESULTS_BEFORE)
    op.drop_index('ix_submissions_results', table_name='submissions')
    op.drop_column('submissions', 'end_result')
    op.create_index(
        'ix_submissions_results', 'submissions', ['assignment_id', 'user_id'],
        postgresql_include=['result', 'window_result'],
    )
    op.drop_column('tracks', 'appeal_days')
