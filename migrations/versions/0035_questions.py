"""Let participants ask questions under an assignment, and answer them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def _reference(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f'{target}.id'], name=op.f(f'fk_{table}_{name}'), ondelete='CASCADE')


def upgrade() -> None:
    op.create_table(
        'questions',
        sa.Column('id', sa.BigInteger(), server_default=sa.text('random_id()'), autoincrement=False, nullable=False),
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('assignment_id', sa.BigInteger(), nullable=False),
        sa.Column('writer_id', sa.BigInteger(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('pinned_at', sa.DateTime(timezone=True), nullable=True),
        _reference('questions', 'track_id', 'tracks'),
        _reference('questions', 'assignment_id', 'assignments'),
        _reference('questions', 'writer_id', 'users'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_questions')),
    )
    op.create_index('ix_questions_track_id', 'questions', ['track_id', 'created_at'])
    op.create_index('ix_questions_assignment_id', 'questions', ['assignment_id', 'created_at'])
    op.create_index('ix_questions_writer_id', 'questions', ['writer_id'])
    op.create_table(
        'question_posts',
        sa.Column('id', sa.BigInteger(), server_default=sa.text('random_id()'), autoincrement=False, nullable=False),
        sa.Column('question_id', sa.BigInteger(), nullable=False),
        sa.Column('position', sa.SmallInteger(), nullable=False),
        sa.Column('writer_id', sa.BigInteger(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('title', sa.Text(), nullable=True),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('masked_title', sa.Text(), nullable=True),
        sa.Column('masked_text', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('hidden_by', sa.BigInteger(), nullable=True),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.Column(
            'search',
            TSVECTOR(),
            sa.Computed("search_document(coalesce(masked_title, '') || ' ' || masked_text)", persisted=True),
        ),
        sa.CheckConstraint('position between 1 and 200', name=op.f('ck_question_posts_position')),
        sa.CheckConstraint("role in ('participant', 'staff')", name=op.f('ck_question_posts_role')),
        sa.CheckConstraint(
            '(position = 1) = (title is not null) and (title is null) = (masked_title is null)',
            name=op.f('ck_question_posts_title'),
        ),
        sa.CheckConstraint('hidden_at is not null or hidden_by is null', name=op.f('ck_question_posts_hidden')),
        _reference('question_posts', 'question_id', 'questions'),
        _reference('question_posts', 'writer_id', 'users'),
        sa.ForeignKeyConstraint(
            ['hidden_by'], ['users.id'], name=op.f('fk_question_posts_hidden_by'), ondelete='SET NULL'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_question_posts')),
        sa.UniqueConstraint('question_id', 'position', name=op.f('uq_question_posts_question_id_position')),
    )
    op.create_index('ix_question_posts_writer_id', 'question_posts', ['writer_id'])
    op.create_index('ix_question_posts_hidden_by', 'question_posts', ['hidden_by'])
    op.create_index('ix_question_posts_search', 'question_posts', ['search'], postgresql_using='gin')
    op.create_table(
        'question_reports',
        sa.Column('post_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        _reference('question_reports', 'post_id', 'question_posts'),
        _reference('question_reports', 'user_id', 'users'),
        sa.PrimaryKeyConstraint('post_id', 'user_id', name=op.f('pk_question_reports')),
    )
    op.create_index('ix_question_reports_user_id', 'question_reports', ['user_id'])
    op.create_table(
        'question_readers',
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('read_up_to', sa.DateTime(timezone=True), nullable=True),
        sa.Column('is_muted', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        _reference('question_readers', 'track_id', 'tracks'),
        _reference('question_readers', 'user_id', 'users'),
        sa.PrimaryKeyConstraint('track_id', 'user_id', name=op.f('pk_question_readers')),
    )
    op.create_index('ix_question_readers_user_id', 'question_readers', ['user_id'])
    op.create_table(
        'question_mutes',
        sa.Column('question_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        _reference('question_mutes', 'question_id', 'questions'),
        _reference('question_mutes', 'user_id', 'users'),
        sa.PrimaryKeyConstraint('question_id', 'user_id', name=op.f('pk_question_mutes')),
    )
    op.create_index('ix_question_mutes_user_id', 'question_mutes', ['user_id'])


def downgrade() -> None:
    op.drop_table('question_mutes')
    op.drop_table('question_readers')
    op.drop_table('question_reports')
    op.drop_table('question_posts')
    op.drop_table('questions')
