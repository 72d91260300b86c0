"""Name tables, columns and states with the standard terms: emails, parameters, seats, staff claims."""

from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

TABLES = (('letters', 'emails'), ('mail_marks', 'email_cursors'))
CONSTRAINTS = (
    ('emails', 'pk_letters', 'pk_emails'),
    ('emails', 'uq_letters_user_id_notification_id', 'uq_emails_user_id_notification_id'),
    ('emails', 'fk_letters_user_id', 'fk_emails_user_id'),
    ('emails', 'ck_letters_notification', 'ck_emails_notification'),
    ('emails', 'ck_letters_kind', 'ck_emails_kind'),
    ('emails', 'ck_letters_state', 'ck_emails_state'),
    ('email_cursors', 'pk_mail_marks', 'pk_email_cursors'),
    ('email_cursors', 'ck_mail_marks_one', 'ck_email_cursors_one'),
    ('tracks', 'ck_tracks_places', 'ck_tracks_seats'),
)
INDEXES = (
    ('ix_letters_next_try_at', 'ix_emails_next_try_at'),
    ('ix_letters_created_at', 'ix_emails_created_at'),
    ('uq_claims_in_hand', 'uq_claims_open'),
)
LIMITS = (('letters', 'emails'), ('letters_address', 'emails_address'))
STATES = "state in ('open', 'assigned_by_staff', 'reviewed', 'returned', 'released')"
OLD_STATES = "state in ('open', 'summoned', 'reviewed', 'returned', 'released')"


def upgrade() -> None:
    for old, new in TABLES:
        op.rename_table(old, new)
    op.execute('alter sequence letters_id_seq rename to emails_id_seq')
    for table, old, new in CONSTRAINTS:
        op.execute(f'alter table {table} rename constraint {old} to {new}')
    for old, new in INDEXES:
        op.execute(f'alter index {old} rename to {new}')
    op.alter_column('announcements', 'words', new_column_name='parameters')
    _rename_state('summoned', 'assigned_by_staff', STATES)
    for old, new in LIMITS:
        op.execute(f"update rate_limits set rule = '{new}' where rule = '{old}'")


def downgrade() -> None:
    for old, new in LIMITS:
        op.execute(f"update rate_limits set rule = '{old}' where rule = '{new}'")
    _rename_state('assigned_by_staff', 'summoned', OLD_STATES)
    op.alter_column('announcements', 'parameters', new_column_name='words')
    for old, new in INDEXES:
        op.execute(f'alter index {new} rename to {old}')
    for table, old, new in CONSTRAINTS:
        op.execute(f'alter table {table} rename constraint {new} to {old}')
    op.execute('alter sequence emails_id_seq rename to letters_id_seq')
    for old, new in TABLES:
        op.rename_table(new, old)


def _rename_state(old: str, new: str, states: str) -> None:
    op.drop_constraint(op.f('ck_claims_state'), 'claims')
    op.execute(f"update claims set state = '{new}' where state = '{old}'")
    op.create_check_constraint(op.f('ck_claims_state'), 'claims', states)
