"""Find the reviewers of a track, what they returned, and submissions with few reviews by indexes."""

import sqlalchemy as sa
from alembic import op

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_reviews_reviewer_id', table_name='reviews')
    op.create_index('ix_reviews_reviewer_id', 'reviews', ['reviewer_id', 'assignment_id'])
    op.create_index(
        'ix_claims_returned', 'claims', ['assignment_id', 'ended_at'], postgresql_where=sa.text("state = 'returned'")
    )
    op.create_index(
        'ix_claims_of_staff', 'claims', ['assignment_id', 'reviewer_id'], postgresql_where=sa.text("reason = 'author'")
    )
    op.create_index(
        'ix_submissions_few_reviews',
        'submissions',
        ['assignment_id'],
        postgresql_where=sa.text('review_count < 3 and not is_withdrawn'),
    )


def downgrade() -> None:
    op.drop_index('ix_submissions_few_reviews', table_name='submissions')
    op.drop_index('ix_claims_of_staff', table_name='claims')
    op.drop_index('ix_claims_returned', table_name='claims')
    op.drop_index('ix_reviews_reviewer_id', table_name='reviews')
    op.create_index('ix_reviews_reviewer_id', 'reviews', ['reviewer_id'])
