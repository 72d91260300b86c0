"""Send invitations by email, and mark addresses that a mail server has rejected for good."""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

KINDS = "kind in ('notification', 'digest', 'confirmation', 'reset'{more})"


def upgrade() -> None:
    op.add_column('users', sa.Column('email_refused_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('invitations', sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('emails', sa.Column('invitation_id', sa.BigInteger(), nullable=True))
    op.alter_column('emails', 'user_id', existing_type=sa.BigInteger(), nullable=True)
    _allow(", 'invitation'")
    op.create_check_constraint(
        op.f('ck_emails_invitation'),
        'emails',
        "(kind = 'invitation') = (invitation_id is not null) and (kind = 'invitation') = (user_id is null)",
    )
    by_invitation = sa.text('invitation_id is not null')
    op.create_index('ix_emails_invitation_id', 'emails', ['invitation_id', 'id'], postgresql_where=by_invitation)


def downgrade() -> None:
    op.execute("delete from emails where kind = 'invitation'")
    op.drop_index('ix_emails_invitation_id', 'emails')
    op.drop_constraint(op.f('ck_emails_invitation'), 'emails')
    _allow('')
    op.alter_column('emails', 'user_id', existing_type=sa.BigInteger(), nullable=False)
    op.drop_column('emails', 'invitation_id')
    op.drop_column('invitations', 'opened_at')
    op.drop_column('users', 'email_refused_at')


def _allow(more: str) -> None:
    op.drop_constraint(op.f('ck_emails_kind'), 'emails')
    op.create_check_constraint(op.f('ck_emails_kind'), 'emails', KINDS.format(more=more))
