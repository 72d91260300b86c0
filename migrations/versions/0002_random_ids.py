"""Draw the ids that cross the veil at random.

Rows that exist keep their ids: links to them stay valid.
"""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

TABLES = ('submissions', 'claims', 'reviews', 'appeals', 'diary_entries')

# 52 bits of a version 4 UUID, which PostgreSQL draws from the operating system: the numbers are below 2^53, so that
# JavaScript keeps them, and numbers seen before say nothing of those to come, as those of random() would.
RANDOM_ID = """
create function random_id() returns bigint language sql volatile parallel safe as $$
    select ('x' || left(uuid, 1) || right(uuid, 12))::bit(52)::bigint + 1
    from (select gen_random_uuid()::text) drawn (uuid)
$$
"""
NO_IDENTITY = "alter table {table} alter column id drop identity, alter column id set default random_id()"
IDENTITY = "alter table {table} alter column id drop default, alter column id add generated always as identity"
GO_ON = "select setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) from {table}"


def upgrade() -> None:
    op.execute(RANDOM_ID)
    for table in TABLES:
        op.execute(NO_IDENTITY.format(table=table))
    _index_diary_by('created_at')


def downgrade() -> None:
    _index_diary_by('id')
    for table in TABLES:
        op.execute(IDENTITY.format(table=table))
        op.execute(GO_ON.format(table=table))
    op.execute("drop function random_id()")


def _index_diary_by(column: str) -> None:
    for index, columns in (('ix_diary_entries_assignment_id', ['assignment_id']), ('ix_diary_entries_own', ['assignment_id', 'user_id'])):
        op.drop_index(index, table_name='diary_entries')
        op.create_index(index, 'diary_entries', [*columns, column])
