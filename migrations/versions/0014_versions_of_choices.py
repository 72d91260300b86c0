"""Count the versions of answers to reviews and of mail choices; find rate limits that are free again by an index.

Emails that a process took before 0006 and never sent are marked as failed: since then one that is being sent has a later
`next_try_at` than when it was written. They are not sent any more, because they are old and may have been accepted.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

ANSWERED_ONCE = "update reviews set answer_version = 1 where answered_at is not null"
LOST_BEFORE_0006 = "update emails set state = 'failed' where state = 'sending' and next_try_at = created_at"


def upgrade() -> None:
    op.add_column('reviews', sa.Column('answer_version', sa.Integer(), server_default='0', nullable=False))
    op.execute(ANSWERED_ONCE)
    op.execute(LOST_BEFORE_0006)
    op.add_column('mail_preferences', sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False))
    op.create_index('ix_rate_limits_free_at', 'rate_limits', ['free_at'])


def downgrade() -> None:
    op.drop_index('ix_rate_limits_free_at', table_name='rate_limits')
    op.drop_column('mail_preferences', 'version')
    op.drop_column('reviews', 'answer_version')
