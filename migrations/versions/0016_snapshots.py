"""Store what was handed in: snapshots, trees and blobs; tokens with which git may hand in; starters.

What was handed in before has a link and no snapshot. A submission of code itself has no link.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

# Both are compressed already; PostgreSQL would try again.
STORE_AS_IT_IS = (
    "alter table blobs alter column content set storage external",
    "alter table trees alter column manifest set storage external",
)
WITHOUT_LINK = "https://removed.invalid/"


def upgrade() -> None:
    op.create_table('hand_in_tokens',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_hand_in_tokens_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_in_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_hand_in_tokens_token_hash'))
    )
    op.create_index('ix_hand_in_tokens_user_id', 'hand_in_tokens', ['user_id'], unique=False)
    op.create_table('blobs',
    sa.Column('track_id', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_blobs_track_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('track_id', 'hash', name=op.f('pk_blobs'))
    )
    op.create_table('trees',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('track_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('manifest', sa.LargeBinary(), nullable=False),
    sa.Column('files', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_trees_track_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trees')),
    sa.UniqueConstraint('track_id', 'digest', name=op.f('uq_trees_track_id_digest'))
    )
    for statement in STORE_AS_IT_IS:
        op.execute(statement)
    op.create_table('snapshots',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('track_id', sa.BigInteger(), nullable=False),
    sa.Column('assignment_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('repo_url', sa.Text(), nullable=True),
    sa.Column('commit', sa.Text(), nullable=True),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tree_id', sa.BigInteger(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('warnings', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('mask_terms', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('try_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(origin = 'link') = (repo_url is not null)", name=op.f('ck_snapshots_link')),
    sa.CheckConstraint("(state = 'frozen') = (frozen_at is not null)", name=op.f('ck_snapshots_frozen')),
    sa.CheckConstraint("(state = 'waiting') = (try_at is not null)", name=op.f('ck_snapshots_waiting')),
    sa.CheckConstraint("origin in ('push', 'link', 'archive')", name=op.f('ck_snapshots_origin')),
    sa.CheckConstraint("state <> 'failed' or error is not null", name=op.f('ck_snapshots_failed')),
    sa.CheckConstraint("state in ('waiting', 'frozen', 'failed')", name=op.f('ck_snapshots_state')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_snapshots_assignment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['track_id'], ['tracks.id'], name=op.f('fk_snapshots_track_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tree_id'], ['trees.id'], name=op.f('fk_snapshots_tree_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_snapshots_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshots'))
    )
    op.create_index('ix_snapshots_assignment_id', 'snapshots', ['assignment_id'], unique=False)
    op.create_index('ix_snapshots_track_id', 'snapshots', ['track_id'], unique=False)
    op.create_index('ix_snapshots_tree_id', 'snapshots', ['tree_id'], unique=False)
    op.create_index('ix_snapshots_try_at', 'snapshots', ['try_at'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index('ix_snapshots_user_id', 'snapshots', ['user_id'], unique=False)
    op.create_table('starters',
    sa.Column('assignment_id', sa.BigInteger(), nullable=False),
    sa.Column('snapshot_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_starters_assignment_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshots.id'], name=op.f('fk_starters_snapshot_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('assignment_id', name=op.f('pk_starters'))
    )
    op.create_index('ix_starters_snapshot_id', 'starters', ['snapshot_id'], unique=False)
    op.add_column('submission_versions', sa.Column('snapshot_id', sa.BigInteger(), nullable=True))
    op.alter_column('submission_versions', 'repo_url',
               existing_type=sa.TEXT(),
               nullable=True)
    op.create_index('ix_submission_versions_snapshot_id', 'submission_versions', ['snapshot_id'], unique=False)
    op.create_foreign_key(op.f('fk_submission_versions_snapshot_id'), 'submission_versions', 'snapshots', ['snapshot_id'], ['id'], ondelete='SET NULL')
    op.add_column('submissions', sa.Column('snapshot_id', sa.BigInteger(), nullable=True))
    op.alter_column('submissions', 'repo_url',
               existing_type=sa.TEXT(),
               nullable=True)
    op.create_index('ix_submissions_snapshot_id', 'submissions', ['snapshot_id'], unique=False)
    op.create_foreign_key(op.f('fk_submissions_snapshot_id'), 'submissions', 'snapshots', ['snapshot_id'], ['id'], ondelete='SET NULL')


def downgrade() -> None:
    for table in ('submissions', 'submission_versions'):
        op.execute(f"update {table} set repo_url = '{WITHOUT_LINK}' where repo_url is null")
    op.drop_constraint(op.f('fk_submissions_snapshot_id'), 'submissions', type_='foreignkey')
    op.drop_index('ix_submissions_snapshot_id', table_name='submissions')
    op.alter_column('submissions', 'repo_url',
               existing_type=sa.TEXT(),
               nullable=False)
    op.drop_column('submissions', 'snapshot_id')
    op.drop_constraint(op.f('fk_submission_versions_snapshot_id'), 'submission_versions', type_='foreignkey')
    op.drop_index('ix_submission_versions_snapshot_id', table_name='submission_versions')
    op.alter_column('submission_versions', 'repo_url',
               existing_type=sa.TEXT(),
               nullable=False)
    op.drop_column('submission_versions', 'snapshot_id')
    op.drop_index('ix_starters_snapshot_id', table_name='starters')
    op.drop_table('starters')
    op.drop_index('ix_snapshots_user_id', table_name='snapshots')
    op.drop_index('ix_snapshots_try_at', table_name='snapshots', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index('ix_snapshots_tree_id', table_name='snapshots')
    op.drop_index('ix_snapshots_track_id', table_name='snapshots')
    op.drop_index('ix_snapshots_assignment_id', table_name='snapshots')
    op.drop_table('snapshots')
    op.drop_table('trees')
    op.drop_table('blobs')
    op.drop_index('ix_hand_in_tokens_user_id', table_name='hand_in_tokens')
    op.drop_table('hand_in_tokens')
