"""Say in one place which status a track has at a time, whatever a sweep has noted.

`track_status` is the truth; `track_status_stored_as` narrows a search for it to what an index on the stored status finds.
"""

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

TRACK_STATUS = """
create function track_status(status text, finishes_at timestamptz, as_of timestamptz) returns text
language sql immutable parallel safe as $$
    select case when status = 'running' and finishes_at <= as_of then 'finished' else status end
$$
"""
STORED_AS = """
create function track_status_stored_as(status text) returns text[] language sql immutable parallel safe as $$
    select case when status = 'finished' then array['finished', 'running'] else array[status] end
$$
"""


def upgrade() -> None:
    op.execute(TRACK_STATUS)
    op.execute(STORED_AS)


def downgrade() -> None:
    op.execute("drop function track_status_stored_as(text)")
    op.execute("drop function track_status(text, timestamptz, timestamptz)")
