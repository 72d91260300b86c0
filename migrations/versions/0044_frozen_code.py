"""Say in one place whether a snapshot is frozen: whether there is code to read."""

from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

IS_FROZEN = """
create function is_frozen(snapshot bigint) returns boolean language sql stable parallel safe as $$
    select exists (select from snapshots where id = snapshot and state = 'frozen')
$$
"""


def upgrade() -> None:
    op.execute(IS_FROZEN)


def downgrade() -> None:
    op.execute('drop function is_frozen(bigint)')
