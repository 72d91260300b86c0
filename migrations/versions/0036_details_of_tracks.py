"""Give tracks a language, a level, tags and an effort, and find them by these.

`track_document` puts the words of a track and its details into the searched column. A detail is a lexeme that begins
with `=`, which no typed word does: `=language ru`. `track_query` makes of words and details what is looked for.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('level', sa.Text(), nullable=True),
    sa.Column('tags', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('effort', sa.SmallInteger(), nullable=True),
)
CHECKS = {
    'language': "language ~ '^[a-z]{2}$'",
    'level': "level in ('beginner', 'intermediate', 'advanced')",
    'tags': 'cardinality(tags) <= 8',
    'effort': 'effort between 1 and 60',
}
# `array_to_string` is not immutable for every kind of array, but it is for texts.
TRACK_DOCUMENT = """
create function track_document(
    title text, description text, tags text[], language text, level text, effort smallint
) returns tsvector language sql immutable parallel safe set search_path from current as $$
    select search_document(title || ' ' || description || ' ' || array_to_string(tags, ' ')) || array_to_tsvector(
        array(select '=tag ' || tag from unnest(tags) as t (tag)) || array_remove(
            array['=language ' || language, '=level ' || level, '=effort ' || effort::text], null))
$$
"""
# Without `typed`, details only. Tracks that state no effort have no more than any.
TRACK_QUERY = r"""
create function track_query(typed text, details text[], max_effort bigint) returns tsquery
language sql stable parallel safe set search_path from current as $$
    select case when typed is null then wanted when wanted is null then search_query(typed)
        else search_query(typed) && wanted end
    from (
        select string_agg(condition, ' & ')::tsquery as wanted from (
            select '''' || replace(replace('=' || detail, '\', '\\'), '''', '''''') || '''' as condition
            from unnest(details) as d (detail)
            union all
            select '(' || string_agg('''=effort ' || hours::text || '''', ' | ') || ')'
            from generate_series(1, max_effort) as e (hours)
        ) conditions
    ) all_conditions
$$
"""


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column('tracks', column)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f'ck_tracks_{name}'), 'tracks', condition)
    op.create_index(
        'ix_tracks_language', 'tracks', ['language'], postgresql_where=sa.text('is_listed and language is not null')
    )
    for function in (TRACK_DOCUMENT, TRACK_QUERY):
        op.execute(function)
    _search_in('track_document(title, description, tags, language, level, effort)')


def downgrade() -> None:
    _search_in("search_document(title || ' ' || description)")
    op.execute('drop function track_query(text, text[], bigint)')
    op.execute('drop function track_document(text, text, text[], text, text, smallint)')
    op.drop_index('ix_tracks_language', 'tracks')
    for name in CHECKS:
        op.drop_constraint(op.f(f'ck_tracks_{name}'), 'tracks')
    for column in reversed(COLUMNS):
        op.drop_column('tracks', column.name)


def _search_in(expression: str) -> None:
    """Create the searched column again, for all rows."""
    op.drop_column('tracks', 'search')
    op.add_column('tracks', sa.Column('search', postgresql.TSVECTOR(), sa.Computed(expression, persisted=True)))
    op.create_index('ix_tracks_search', 'tracks', ['search'], postgresql_using='gin')
