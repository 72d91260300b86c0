"""Keep comments on submitted code: threads, their messages, reports of messages; and which files were viewed."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('viewed_files',
    sa.Column('submission_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('blob', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_viewed_files_submission_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_viewed_files_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('submission_id', 'user_id', 'blob', name=op.f('pk_viewed_files'))
    )
    op.create_index('ix_viewed_files_user_id', 'viewed_files', ['user_id'], unique=False)
    op.create_table('threads',
    sa.Column('id', sa.BigInteger(), server_default=sa.text('random_id()'), autoincrement=False, nullable=False),
    sa.Column('submission_id', sa.BigInteger(), nullable=False),
    sa.Column('snapshot_id', sa.BigInteger(), nullable=True),
    sa.Column('writer_id', sa.BigInteger(), nullable=False),
    sa.Column('review_id', sa.BigInteger(), nullable=True),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('side', sa.Text(), nullable=True),
    sa.Column('blob', sa.LargeBinary(), nullable=True),
    sa.Column('first_line', sa.Integer(), nullable=True),
    sa.Column('last_line', sa.Integer(), nullable=True),
    sa.Column('excerpt', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('criterion_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('draft_key', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("kind in ('problem', 'question', 'praise', 'note')", name=op.f('ck_threads_kind')),
    sa.CheckConstraint("side in ('new', 'old')", name=op.f('ck_threads_side')),
    sa.CheckConstraint("state in ('open', 'fixed', 'declined', 'settled')", name=op.f('ck_threads_state')),
    sa.CheckConstraint('(first_line is null) = (last_line is null) and (first_line is null) = (excerpt is null) and (first_line is null or path is not null and blob is not null)', name=op.f('ck_threads_lines')),
    sa.CheckConstraint('(path is null) = (side is null)', name=op.f('ck_threads_path')),
    sa.CheckConstraint('first_line >= 1 and last_line >= first_line', name=op.f('ck_threads_range')),
    sa.CheckConstraint('review_id is null or sent_at is not null', name=op.f('ck_threads_draft')),
    sa.ForeignKeyConstraint(['criterion_id'], ['criteria.id'], name=op.f('fk_threads_criterion_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['review_id'], ['reviews.id'], name=op.f('fk_threads_review_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshots.id'], name=op.f('fk_threads_snapshot_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_threads_submission_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['writer_id'], ['users.id'], name=op.f('fk_threads_writer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_threads')),
    sa.UniqueConstraint('submission_id', 'writer_id', 'draft_key', name=op.f('uq_threads_submission_id_writer_id_draft_key'))
    )
    op.create_index('ix_threads_criterion_id', 'threads', ['criterion_id'], unique=False)
    op.create_index('ix_threads_review_id', 'threads', ['review_id'], unique=False)
    op.create_index('ix_threads_snapshot_id', 'threads', ['snapshot_id'], unique=False)
    op.create_index('ix_threads_writer_id', 'threads', ['writer_id'], unique=False)
    op.create_table('thread_messages',
    sa.Column('id', sa.BigInteger(), server_default=sa.text('random_id()'), autoincrement=False, nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('writer_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_by', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("role in ('author', 'reviewer', 'staff')", name=op.f('ck_thread_messages_role')),
    sa.CheckConstraint('hidden_at is not null or hidden_by is null', name=op.f('ck_thread_messages_hidden')),
    sa.CheckConstraint('position between 1 and 100', name=op.f('ck_thread_messages_position')),
    sa.ForeignKeyConstraint(['hidden_by'], ['users.id'], name=op.f('fk_thread_messages_hidden_by'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['thread_id'], ['threads.id'], name=op.f('fk_thread_messages_thread_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['writer_id'], ['users.id'], name=op.f('fk_thread_messages_writer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_messages')),
    sa.UniqueConstraint('thread_id', 'position', name=op.f('uq_thread_messages_thread_id_position'))
    )
    op.create_index('ix_thread_messages_hidden_by', 'thread_messages', ['hidden_by'], unique=False)
    op.create_index('ix_thread_messages_writer_id', 'thread_messages', ['writer_id'], unique=False)
    op.create_table('message_reports',
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['thread_messages.id'], name=op.f('fk_message_reports_message_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_message_reports_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id', 'user_id', name=op.f('pk_message_reports'))
    )
    op.create_index('ix_message_reports_user_id', 'message_reports', ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_message_reports_user_id', table_name='message_reports')
    op.drop_table('message_reports')
    op.drop_index('ix_thread_messages_writer_id', table_name='thread_messages')
    op.drop_index('ix_thread_messages_hidden_by', table_name='thread_messages')
    op.drop_table('thread_messages')
    op.drop_index('ix_threads_writer_id', table_name='threads')
    op.drop_index('ix_threads_snapshot_id', table_name='threads')
    op.drop_index('ix_threads_review_id', table_name='threads')
    op.drop_index('ix_threads_criterion_id', table_name='threads')
    op.drop_table('threads')
    op.drop_index('ix_viewed_files_user_id', table_name='viewed_files')
    op.drop_table('viewed_files')
