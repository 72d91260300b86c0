"""Store what a submission's reviews add up to, so that a whole group can be sorted and exported by it."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

# `result`: of everything that happened so far. `window_result`: of what happened before the review deadline, which is
# what others are shown until the track is over (shown_before, 0009). That deadline moves only while it is ahead, so
# what was stored before stays true.
STORE_RESULTS = """
create function store_results(submission_ids bigint[]) returns void language sql begin atomic
    update submissions s set
        result = (select total from submission_total(s.id, a.track_id, 'infinity')),
        window_result = (select total from submission_total(s.id, a.track_id, a.reviews_due_at))
    from assignments a where a.id = s.assignment_id and s.id = any($1);
end
"""
# Triggers, because every statement that writes a score must be followed by this, whoever adds one.
AFTER_SCORES = """
create function after_scores() returns trigger language plpgsql as $$
begin
    perform store_results(array(
        select distinct r.submission_id from reviews r join written w on w.review_id = r.id));
    return null;
end
$$
"""
AFTER_CORRECTIONS = """
create function after_corrections() returns trigger language plpgsql as $$
begin
    perform store_results(array(
        select distinct p.submission_id from appeals p join written w on w.appeal_id = p.id));
    return null;
end
$$
"""
AFTER_SETTLEMENT = """
create function after_settlement() returns trigger language plpgsql as $$
begin
    perform store_results(array[new.submission_id]);
    return null;
end
$$
"""
TRIGGERS = (
    """create trigger scores_inserted after insert on scores referencing new table as written
        for each statement execute function after_scores()""",
    """create trigger scores_updated after update on scores referencing new table as written
        for each statement execute function after_scores()""",
    """create trigger corrections_inserted after insert on corrected_scores referencing new table as written
        for each statement execute function after_corrections()""",
    """create trigger corrections_updated after update on corrected_scores referencing new table as written
        for each statement execute function after_corrections()""",
    """create trigger appeal_settled after update of settled_at on appeals
        for each row execute function after_settlement()""",
)
STORE_ALL = """
update submissions s set
    result = (select total from submission_total(s.id, a.track_id, 'infinity')),
    window_result = (select total from submission_total(s.id, a.track_id, a.reviews_due_at))
from assignments a where a.id = s.assignment_id
"""


def upgrade() -> None:
    op.add_column('submissions', sa.Column('result', sa.Double(), nullable=True))
    op.add_column('submissions', sa.Column('window_result', sa.Double(), nullable=True))
    op.execute(STORE_ALL)
    op.create_index(
        'ix_submissions_results', 'submissions', ['assignment_id', 'user_id'],
        postgresql_include=['result', 'window_result'],
    )
    for statement in (STORE_RESULTS, AFTER_SCORES, AFTER_CORRECTIONS, AFTER_SETTLEMENT, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger appeal_settled on appeals")
    op.execute("drop trigger corrections_updated on corrected_scores")
    op.execute("drop trigger corrections_inserted on corrected_scores")
    op.execute("drop trigger scores_updated on scores")
    op.execute("drop trigger scores_inserted on scores")
    for name in ("after_settlement", "after_corrections", "after_scores", "store_results"):
        op.execute(f"drop function {name}")
    op.drop_index('ix_submissions_results', table_name='submissions')
    op.drop_column('submissions', 'window_result')
    op.drop_column('submissions', 'result')
