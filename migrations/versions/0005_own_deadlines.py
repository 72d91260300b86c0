"""Warn and remind participants of deadlines of their own."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

# Extensions granted before: those whose warning or reminder is still to come get it.
SET_OWN_WARNINGS = """
update extensions e set
    warn_at = a.opens_at + 0.8 * (e.due_at - a.opens_at),
    warning_pending = e.due_at > a.due_at and a.opens_at + 0.8 * (e.due_at - a.opens_at) > now(),
    reviews_warn_at = e.due_at + 0.8 * (a.reviews_due_at - e.due_at),
    reminder_pending = e.due_at > a.reviews_warn_at
from assignments a where a.id = e.assignment_id and e.review_pending
"""
# Messages about deleted tracks say so, and lead to a page that exists.
MARK_DELETED = """
update announcements set words = words || '{"deleted": "yes"}'
where type = 'track_cancelled' and not exists (select from tracks where tracks.id = announcements.track_id)
"""


def upgrade() -> None:
    op.add_column('extensions', sa.Column('warn_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('extensions', sa.Column('warning_pending', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('extensions', sa.Column('reviews_warn_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('extensions', sa.Column('reminder_pending', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_index('ix_extensions_reviews_warn_at', 'extensions', ['reviews_warn_at'], unique=False, postgresql_where=sa.text('reminder_pending'))
    op.create_index('ix_extensions_warn_at', 'extensions', ['warn_at'], unique=False, postgresql_where=sa.text('warning_pending'))
    op.execute(SET_OWN_WARNINGS)
    op.execute(MARK_DELETED)


def downgrade() -> None:
    op.drop_index('ix_extensions_warn_at', table_name='extensions', postgresql_where=sa.text('warning_pending'))
    op.drop_index('ix_extensions_reviews_warn_at', table_name='extensions', postgresql_where=sa.text('reminder_pending'))
    op.drop_column('extensions', 'reminder_pending')
    op.drop_column('extensions', 'reviews_warn_at')
    op.drop_column('extensions', 'warning_pending')
    op.drop_column('extensions', 'warn_at')
