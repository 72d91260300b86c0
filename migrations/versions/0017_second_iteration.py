"""Give tracks a time for a second iteration after the reviews, none for those that exist."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

# tracks.rules.iteration_due_at: until when a second iteration may be handed in, or null.
ITERATION_DUE_AT = """
create function iteration_due_at(reviews_due_at timestamptz, hours double precision)
returns timestamptz language sql immutable parallel safe
return reviews_due_at + make_interval(secs => nullif(hours, 0) * 3600)
"""


def upgrade() -> None:
    op.add_column('tracks', sa.Column('iteration_hours', sa.Double(), server_default='0', nullable=False))
    op.create_check_constraint('iteration_hours', 'tracks', 'iteration_hours >= 0')
    op.add_column('submission_versions', sa.Column('iteration', sa.SmallInteger(), server_default='1', nullable=False))
    op.create_check_constraint('iteration', 'submission_versions', 'iteration in (1, 2)')
    op.execute(ITERATION_DUE_AT)


def downgrade() -> None:
    op.execute('drop function iteration_due_at(timestamptz, double precision)')
    op.drop_column('submission_versions', 'iteration')
    op.drop_column('tracks', 'iteration_hours')
