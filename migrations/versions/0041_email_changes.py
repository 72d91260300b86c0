"""Let users change their email address: what waits for a confirmation, and former addresses."""

import sqlalchemy as sa
from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

KINDS = "kind in ('notification', 'digest', 'confirmation', 'reset', 'invitation'{more})"
PENDING = 'confirmed_at is null and undone_at is null and cancelled_at is null'
TIMES = {'requested_at': False, 'expires_at': False, 'confirmed_at': True, 'undo_until': True, 'undone_at': True, 'cancelled_at': True}


def upgrade() -> None:
    op.create_table(
        'email_changes',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('user_id', sa.BigInteger(), nullable=False),
        sa.Column('old_email', sa.Text(), nullable=False),
        sa.Column('new_email', sa.Text(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name, nullable in TIMES.items()),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_email_changes_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_email_changes')),
    )
    op.create_index('ix_email_changes_user_id', 'email_changes', ['user_id'])
    op.create_index('uq_email_changes_pending', 'email_changes', ['user_id'], unique=True, postgresql_where=sa.text(PENDING))
    op.create_index('ix_email_changes_old_email', 'email_changes', [sa.literal_column('lower(old_email)')])
    op.create_index('ix_email_changes_expires_at', 'email_changes', ['expires_at'], postgresql_where=sa.text('confirmed_at is null'))
    op.add_column('emails', sa.Column('email_change_id', sa.BigInteger(), nullable=True))
    _allow(", 'email_change', 'email_change_notice'")
    op.create_check_constraint(
        op.f('ck_emails_email_change'),
        'emails',
        "(kind in ('email_change', 'email_change_notice')) = (email_change_id is not null)",
    )
    op.create_index('ix_emails_email_change_id', 'emails', ['email_change_id'], postgresql_where=sa.text('email_change_id is not null'))


def downgrade() -> None:
    op.execute("delete from emails where email_change_id is not null")
    op.drop_index('ix_emails_email_change_id', 'emails')
    op.drop_constraint(op.f('ck_emails_email_change'), 'emails')
    _allow('')
    op.drop_column('emails', 'email_change_id')
    op.drop_table('email_changes')


def _allow(more: str) -> None:
    op.drop_constraint(op.f('ck_emails_kind'), 'emails')
    op.create_check_constraint(op.f('ck_emails_kind'), 'emails', KINDS.format(more=more))
