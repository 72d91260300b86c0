"""Let staff invite people, remove participants, and hand a track over."""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id_of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}'), ondelete='CASCADE')


def upgrade() -> None:
    op.create_table(
        'invitations',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('invited_by', sa.BigInteger(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('email', sa.Text(), nullable=True),
        sa.Column('name', sa.Text(), nullable=True),
        sa.Column('max_uses', sa.Integer(), nullable=True),
        sa.Column('uses', sa.Integer(), server_default='0', nullable=False),
        _at('created_at'),
        _at('expires_at'),
        _at('withdrawn_at', nullable=True),
        _at('declined_at', nullable=True),
        sa.CheckConstraint("role in ('participant', 'co_author', 'mentor')", name=op.f('ck_invitations_role')),
        sa.CheckConstraint('uses between 0 and coalesce(max_uses, uses)', name=op.f('ck_invitations_uses')),
        sa.CheckConstraint('(email is null) or (max_uses = 1)', name=op.f('ck_invitations_email')),
        _id_of('invitations', 'track_id', 'tracks'),
        _id_of('invitations', 'invited_by', 'users'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_invitations_token_hash')),
    )
    op.create_index('ix_invitations_track_id', 'invitations', ['track_id', 'id'])
    op.create_index('ix_invitations_invited_by', 'invitations', ['invited_by'])
    op.create_index('ix_invitations_expires_at', 'invitations', ['expires_at'])
    op.create_index('uq_invitations_email', 'invitations', ['track_id', sa.text('lower(email)')], unique=True)
    op.create_index('ix_invitations_email', 'invitations', [sa.text('lower(email)')])
    op.create_table(
        'invitation_uses',
        sa.Column('invitation_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        _at('used_at'),
        _id_of('invitation_uses', 'invitation_id', 'invitations'),
        _id_of('invitation_uses', 'user_id', 'users'),
        sa.PrimaryKeyConstraint('invitation_id', 'user_id', name=op.f('pk_invitation_uses')),
    )
    op.create_index('ix_invitation_uses_user_id', 'invitation_uses', ['user_id'])
    op.create_table(
        'removals',
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('removed_by', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        _at('removed_at'),
        _id_of('removals', 'track_id', 'tracks'),
        _id_of('removals', 'user_id', 'users'),
        _id_of('removals', 'removed_by', 'users'),
        sa.PrimaryKeyConstraint('track_id', 'user_id', name=op.f('pk_removals')),
    )
    op.create_index('ix_removals_user_id', 'removals', ['user_id'])
    op.create_index('ix_removals_removed_by', 'removals', ['removed_by'])
    op.create_table(
        'hand_over_offers',
        sa.Column('track_id', sa.BigInteger(), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('offered_by', sa.BigInteger(), nullable=False),
        _at('offered_at'),
        _id_of('hand_over_offers', 'track_id', 'tracks'),
        _id_of('hand_over_offers', 'user_id', 'users'),
        _id_of('hand_over_offers', 'offered_by', 'users'),
        sa.PrimaryKeyConstraint('track_id', name=op.f('pk_hand_over_offers')),
    )
    op.create_index('ix_hand_over_offers_user_id', 'hand_over_offers', ['user_id'])
    op.create_index('ix_hand_over_offers_offered_by', 'hand_over_offers', ['offered_by'])


def downgrade() -> None:
    op.drop_table('hand_over_offers')
    op.drop_table('removals')
    op.drop_table('invitation_uses')
    op.drop_table('invitations')
