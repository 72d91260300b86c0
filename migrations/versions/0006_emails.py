"""Emails that are left out; find what is old."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

STATES = "state in ('waiting', 'sending', 'sent', 'failed', 'skipped')"
OLD_STATES = "state in ('waiting', 'sending', 'sent', 'failed')"


def upgrade() -> None:
    op.drop_constraint(op.f('ck_letters_state'), 'letters')
    op.create_check_constraint(op.f('ck_letters_state'), 'letters', STATES)
    op.create_index('ix_letters_created_at', 'letters', ['created_at'], unique=False, postgresql_where=sa.text("state <> 'waiting'"))
    op.create_index('ix_announcements_created_at', 'announcements', ['created_at'], unique=False)


def downgrade() -> None:
    op.execute("update letters set state = 'failed' where state = 'skipped'")
    op.drop_index('ix_announcements_created_at', table_name='announcements')
    op.drop_index('ix_letters_created_at', table_name='letters', postgresql_where=sa.text("state <> 'waiting'"))
    op.drop_constraint(op.f('ck_letters_state'), 'letters')
    op.create_check_constraint(op.f('ck_letters_state'), 'letters', OLD_STATES)
