"""Give the submissions of participants who left to reviewers after those of the others, and find equal links."""

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

LEVEL = "case when author_left and review_count < 3 then 9 + review_count else 4 * review_count end"
NOTE_WHO_LEFT = """
update submissions s set author_left = true, author_owes = false
from assignments a join participants p on p.track_id = a.track_id
where a.id = s.assignment_id and p.user_id = s.user_id and p.left_at is not null
"""
# A link as it is compared: without its scheme, `www.`, `.git` and what comes after the path. As a digest, because an
# index does not hold long texts.
LINK_KEY = r"""
create function link_key(url text) returns text language sql immutable parallel safe
return md5(lower(regexp_replace(
    regexp_replace(url, '^[a-z]+://(www\.)?', '', 'i'), '/*(\.git)?/*([?#].*)?$', '', 'i')))
"""


def upgrade() -> None:
    op.add_column('submissions', sa.Column('author_left', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute(NOTE_WHO_LEFT)
    op.add_column(
        'submissions', sa.Column('draw_level', sa.BigInteger(), sa.Computed(LEVEL, persisted=True), nullable=True)
    )
    op.drop_index('ix_submissions_draw', table_name='submissions')
    op.create_index('ix_submissions_draw', 'submissions', ['assignment_id', 'draw_level', 'author_owes', 'draw_key'])
    op.execute(LINK_KEY)
    op.create_index('ix_submissions_link', 'submissions', ['assignment_id', sa.text('link_key(repo_url)')])


def downgrade() -> None:
    op.drop_index('ix_submissions_link', table_name='submissions')
    op.execute("drop function link_key")
    op.drop_index('ix_submissions_draw', table_name='submissions')
    op.drop_column('submissions', 'draw_level')
    op.drop_column('submissions', 'author_left')
    op.create_index('ix_submissions_draw', 'submissions', ['assignment_id', 'review_count', 'author_owes', 'draw_key'])
