"""Let authors and reviewers talk about a review as a whole, and appeals be changed."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('threads', sa.Column('is_about_review', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_check_constraint(
        'about_review', 'threads', 'not is_about_review or (review_id is not null and path is null)'
    )
    op.create_index(
        'uq_threads_about_review', 'threads', ['review_id'], unique=True, postgresql_where=sa.text('is_about_review')
    )
    op.add_column('appeals', sa.Column('version', sa.Integer(), server_default='1', nullable=False))


def downgrade() -> None:
    op.drop_column('appeals', 'version')
    op.execute('delete from threads where is_about_review')
    op.drop_index('uq_threads_about_review', table_name='threads')
    op.drop_column('threads', 'is_about_review')
