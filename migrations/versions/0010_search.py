"""Cut what is searched for and what is searched in alike, so that names with signs in them are found.

PostgreSQL takes `Vue.js` for a host and `CI/CD` for a file, and drops the signs of C++ and C#. `search_words` puts words
in place of the signs that tell names from each other, and cuts at every other sign. `search_document` and `search_query`
make of them what is looked in and what is looked for.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# A Cyrillic С before signs or after a 1 looks like the Latin one, and is typed as often.
SEARCH_WORDS = r"""
create function search_words(typed text) returns text language sql immutable parallel safe as $$
    select btrim(regexp_replace(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            replace(lower(normalize(typed, NFC)), 'ё', 'е'),
            '(?<![[:alnum:]])с(?=[+#])', 'c', 'g'),
            '(?<![[:alnum:]])1с(?![[:alnum:]])', '1c', 'g'),
            '([[:alnum:]])\+\+', '\1plusplus ', 'g'),
            '([[:alnum:]])\+(?![[:alnum:]])', '\1plus ', 'g'),
            '([[:alnum:]])#(?![[:alpha:]])', '\1sharp ', 'g'),
            '\.net(?![[:alnum:]])', ' dotnet net ', 'g'),
        '[^[:alnum:]]+', ' ', 'g'))
$$
"""
# A dump is restored with an empty search path: what calls another function here names the path it was made with.
# `VueJS` is looked for as often as `Vue.js` and `Vue JS`.
SEARCH_DOCUMENT = r"""
create function search_document(written text) returns tsvector language sql immutable parallel safe
set search_path from current as $$
    select to_tsvector('russian', search_words(
        regexp_replace(written, '([[:alnum:]]+)\.js(?![[:alnum:]])', '\1 js \1js', 'gi')))
$$
"""
# The last word may be unfinished, except for one of a single letter. Without any word nothing is found.
SEARCH_QUERY = """
create function search_query(typed text) returns tsquery language sql immutable parallel safe
set search_path from current as $$
    select to_tsquery('russian', string_agg(case when length(word) = 1 then word else word || ':*' end, ' & '))
    from unnest(string_to_array(search_words(typed), ' ')) as words (word)
$$
"""


def upgrade() -> None:
    for function in (SEARCH_WORDS, SEARCH_DOCUMENT, SEARCH_QUERY):
        op.execute(function)
    _search_in("search_document(title || ' ' || description)")


def downgrade() -> None:
    _search_in("to_tsvector('russian', title || ' ' || description)")
    op.execute("drop function search_query(text)")
    op.execute("drop function search_document(text)")
    op.execute("drop function search_words(text)")


def _search_in(expression: str) -> None:
    """Create the searched column again, for all rows."""
    op.drop_column('tracks', 'search')
    op.add_column('tracks', sa.Column('search', postgresql.TSVECTOR(), sa.Computed(expression, persisted=True)))
    op.create_index('ix_tracks_search', 'tracks', ['search'], postgresql_using='gin')
