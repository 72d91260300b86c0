"""Let staff correct the scores of a submission without an appeal."""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

# reviews.queries.received: what replaces the medians of a submission, of what was decided before `shown`. The latest
# counts, as a whole: a correction, or an appeal that was settled with scores.
COUNTED_CORRECTIONS = """
create function counted_corrections(submission_id bigint, shown timestamptz)
returns table (criterion_id bigint, score smallint) language sql stable parallel safe begin atomic
    with latest as (
        select id, is_appeal from (
            select p.id, true as is_appeal, p.settled_at as decided_at from appeals p
            where p.submission_id = $1 and p.settled_at < $2
                and exists (select from corrected_scores k where k.appeal_id = p.id)
            union all
            select k.id, false, k.corrected_at from corrections k where k.submission_id = $1 and k.corrected_at < $2
        ) decided order by decided_at desc, is_appeal, id desc limit 1
    )
    select k.criterion_id, k.score from latest l join corrected_scores k on l.is_appeal and k.appeal_id = l.id
    union all
    select k.criterion_id, k.score from latest l join correction_scores k on not l.is_appeal and k.correction_id = l.id;
end
"""
SUBMISSION_TOTAL = """
create or replace function submission_total(submission_id bigint, track_id bigint, shown timestamptz)
returns table (total double precision) language sql stable parallel safe begin atomic
    select case when bool_and(coalesce(k.score, m.median) is not null)
        then round(100 * sum(coalesce(k.score, m.median)::numeric) / sum(c.max_score), 2)::double precision end
    from criteria c
        left join criterion_medians($1, $3, null) m on m.criterion_id = c.id
        left join counted_corrections($1, $3) k on k.criterion_id = c.id
    where c.track_id = $2;
end
"""
SUBMISSION_TOTAL_BEFORE = """
create or replace function submission_total(submission_id bigint, track_id bigint, shown timestamptz)
returns table (total double precision) language sql stable parallel safe begin atomic
    select case when bool_and(coalesce(k.score, m.median) is not null)
        then round(100 * sum(coalesce(k.score, m.median)::numeric) / sum(c.max_score), 2)::double precision end
    from criteria c
        left join criterion_medians($1, $3, null) m on m.criterion_id = c.id
        left join (appeals p join corrected_scores k on k.appeal_id = p.id)
            on p.submission_id = $1 and p.settled_at < $3 and k.criterion_id = c.id
    where c.track_id = $2;
end
"""
# For the same reason as the triggers of 0028. A correction without scores lets the medians count again.
AFTER_CORRECTION_SCORES = """
create function after_correction_scores() returns trigger language plpgsql as $$
begin
    perform store_results(array(
        select distinct k.submission_id from corrections k join written w on w.correction_id = k.id));
    return null;
end
$$
"""
TRIGGERS = (
    """create trigger correction_made after insert on corrections
        for each row execute function after_settlement()""",
    """create trigger correction_scores_inserted after insert on correction_scores referencing new table as written
        for each statement execute function after_correction_scores()""",
)


def upgrade() -> None:
    op.create_table(
        'corrections',
        sa.Column('id', sa.BigInteger(), server_default=sa.text('random_id()'), nullable=False),
        sa.Column('submission_id', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('corrected_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('corrected_by', sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ['submission_id'], ['submissions.id'], name=op.f('fk_corrections_submission_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['corrected_by'], ['users.id'], name=op.f('fk_corrections_corrected_by'), ondelete='SET NULL'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_corrections')),
    )
    op.create_index('ix_corrections_submission_id', 'corrections', ['submission_id', 'corrected_at'])
    op.create_index('ix_corrections_corrected_by', 'corrections', ['corrected_by'])
    op.create_table(
        'correction_scores',
        sa.Column('correction_id', sa.BigInteger(), nullable=False),
        sa.Column('criterion_id', sa.BigInteger(), nullable=False),
        sa.Column('score', sa.SmallInteger(), nullable=False),
        sa.CheckConstraint('score >= 0', name=op.f('ck_correction_scores_score')),
        sa.ForeignKeyConstraint(
            ['correction_id'], ['corrections.id'], name=op.f('fk_correction_scores_correction_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['criterion_id'], ['criteria.id'], name=op.f('fk_correction_scores_criterion_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('correction_id', 'criterion_id', name=op.f('pk_correction_scores')),
    )
    op.create_index('ix_correction_scores_criterion_id', 'correction_scores', ['criterion_id'])
    for statement in (COUNTED_CORRECTIONS, SUBMISSION_TOTAL, AFTER_CORRECTION_SCORES, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute(SUBMISSION_TOTAL_BEFORE)
    op.execute("drop function counted_corrections")
    op.drop_table('correction_scores')
    op.drop_table('corrections')
    op.execute("drop function after_correction_scores")
