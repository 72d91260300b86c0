"""Let people choose a daily digest and quiet hours for their mail."""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

KINDS = "kind in ('notification', {more}'confirmation', 'reset')"
STATES = "state in ('waiting', {more}'sending', 'sent', 'failed', 'skipped')"
QUIET = (
    "(quiet_from is null) = (quiet_until is null) and quiet_from between 0 and 23"
    " and quiet_until between 0 and 23 and quiet_from <> quiet_until"
)


def upgrade() -> None:
    op.add_column('mail_preferences', sa.Column('delivery', sa.Text(), server_default='single', nullable=False))
    op.add_column('mail_preferences', sa.Column('digest_hour', sa.SmallInteger(), server_default='9', nullable=False))
    op.add_column('mail_preferences', sa.Column('quiet_from', sa.SmallInteger(), nullable=True))
    op.add_column('mail_preferences', sa.Column('quiet_until', sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f('ck_mail_preferences_delivery'), 'mail_preferences', "delivery in ('single', 'daily', 'none')"
    )
    op.create_check_constraint(
        op.f('ck_mail_preferences_digest_hour'), 'mail_preferences', 'digest_hour between 0 and 23'
    )
    op.create_check_constraint(op.f('ck_mail_preferences_quiet_hours'), 'mail_preferences', QUIET)
    op.add_column('emails', sa.Column('digest_id', sa.BigInteger(), nullable=True))
    _allow("'digest', ", "'gathering', 'bundled', ")
    op.create_check_constraint(
        op.f('ck_emails_digest'), 'emails', "(state = 'bundled') <= (digest_id is not null)"
    )
    gathering = sa.text("state = 'gathering'")
    op.create_index('ix_emails_gathering', 'emails', ['user_id'], unique=True, postgresql_where=gathering)
    op.create_index('ix_emails_gathering_until', 'emails', ['next_try_at'], postgresql_where=gathering)
    op.create_index('ix_emails_digest_id', 'emails', ['digest_id'], postgresql_where=sa.text('digest_id is not null'))


def downgrade() -> None:
    op.execute("update emails set state = 'waiting' where state = 'bundled'")
    op.execute("delete from emails where kind = 'digest'")
    op.drop_constraint(op.f('ck_emails_digest'), 'emails')
    for name in ('digest_id', 'gathering_until', 'gathering'):
        op.drop_index(f'ix_emails_{name}', 'emails')
    _allow('', '')
    op.drop_column('emails', 'digest_id')
    for name in ('quiet_until', 'quiet_from', 'digest_hour', 'delivery'):
        op.drop_column('mail_preferences', name)


def _allow(kinds: str, states: str) -> None:
    op.drop_constraint(op.f('ck_emails_kind'), 'emails')
    op.create_check_constraint(op.f('ck_emails_kind'), 'emails', KINDS.format(more=kinds))
    op.drop_constraint(op.f('ck_emails_state'), 'emails')
    op.create_check_constraint(op.f('ck_emails_state'), 'emails', STATES.format(more=states))
