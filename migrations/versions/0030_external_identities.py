"""Keep the accounts elsewhere that users sign in with; such users need no password."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('external_identities',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_external_identities_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_external_identities')),
    sa.UniqueConstraint('provider', 'subject', name=op.f('uq_external_identities_provider_subject'))
    )
    op.create_index('ix_external_identities_user_id', 'external_identities', ['user_id'], unique=False)
    op.alter_column('users', 'password_hash', existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    # A hash that no password has: such users choose a password by the link of an email.
    op.execute("update users set password_hash = '' where password_hash is null")
    op.alter_column('users', 'password_hash', existing_type=sa.Text(), nullable=False)
    op.drop_index('ix_external_identities_user_id', table_name='external_identities')
    op.drop_table('external_identities')
