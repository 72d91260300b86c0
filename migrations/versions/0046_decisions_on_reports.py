"""Note since when a report waits for a decision, and who decided to keep what was reported."""

import sqlalchemy as sa
from alembic import op

revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None

TABLES = ('thread_messages', 'question_posts')
# What is not hidden has not been decided on.
NOTE_MESSAGES = """
update thread_messages m set reported_at = (select min(created_at) from message_reports r where r.message_id = m.id)
where hidden_at is null and exists (select from message_reports r where r.message_id = m.id)
"""
NOTE_POSTS = """
update question_posts p set reported_at = (select min(created_at) from question_reports r where r.post_id = p.id)
where hidden_at is null and exists (select from question_reports r where r.post_id = p.id)
"""


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column('reported_at', sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column('kept_at', sa.DateTime(timezone=True), nullable=True))
        op.add_column(table, sa.Column('kept_by', sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f'fk_{table}_kept_by'), table, 'users', ['kept_by'], ['id'], ondelete='SET NULL')
        op.create_check_constraint(op.f(f'ck_{table}_kept'), table, 'kept_at is not null or kept_by is null')
        op.create_check_constraint(
            op.f(f'ck_{table}_decided'), table, 'hidden_at is null or (reported_at is null and kept_at is null)'
        )
        op.create_index(f'ix_{table}_kept_by', table, ['kept_by'])
    op.execute(NOTE_MESSAGES)
    op.execute(NOTE_POSTS)
    for table in TABLES:
        op.create_index(
            f'ix_{table}_reported_at', table, ['reported_at'], postgresql_where=sa.text('reported_at is not null')
        )


def downgrade() -> None:
    for table in TABLES:
        for name in ('reported_at', 'kept_at', 'kept_by'):
            op.drop_column(table, name)
