"""Find tracks by words that are spelled similarly: with a typo, or in the other alphabet.

`search_skeleton` writes a word in Latin letters as it sounds, so that «докер» and `docker` are the same. `near_forms`
gives a skeleton and what is left of it without one of its letters: two words with a form in common differ by one letter
that is missing, added, replaced or swapped with the next. `known_words` has the words of the listed tracks.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

SEARCH_SKELETON = r"""
create function search_skeleton(word text) returns text language sql immutable parallel safe as $$
    select regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        replace(replace(replace(replace(replace(replace(replace(
            translate(
                replace(replace(replace(replace(replace(replace(replace(
                    lower(word), 'дж', 'j'), 'щ', 'sh'), 'ш', 'sh'), 'ч', 'ch'), 'ж', 'zh'), 'ю', 'iu'), 'я', 'ia'),
                'абвгдеёзийклмнопрстуфхцыэъь', 'abvgdeeziiklmnoprstufhsie'),
            'dj', 'j'), 'ph', 'f'), 'th', 't'), 'x', 'ks'), 'w', 'v'), 'y', 'i'), 'kh', 'h'),
        'ch', 'h', 'g'), 'c(?=[ei])', 's', 'g'), '[cq]', 'k', 'g'), '(.)\1+', '\1', 'g'), '(.{4})e?s$', '\1')
$$
"""
NEAR_FORMS = """
create function near_forms(skeleton text) returns text[] language sql immutable parallel safe as $$
    select array(
        select distinct case when cut = 0 then skeleton else left(skeleton, cut - 1) || substr(skeleton, cut + 1) end
        from generate_series(0, case when length(skeleton) >= 4 then length(skeleton) else 0 end) as cuts (cut))
$$
"""
# The lexemes of a track that search finds it by; of a long description the beginning. A dump is restored with an empty
# search path: what calls another function here names the path it was made with.
WORDS_OF_TRACK = """
create function words_of_track(title text, description text) returns setof text language sql immutable parallel safe
set search_path from current as $$
    select lexeme from unnest(tsvector_to_array(search_document(title || ' ' || left(description, 2000)))) as w (lexeme)
    where length(lexeme) between 2 and 30 order by lexeme
$$
"""
# Each typed word, or one of the known words that sound the same, or if no listed track has it, that differ by a letter.
SIMILAR_QUERY = """
create function similar_query(typed text) returns tsquery language sql stable parallel safe
set search_path from current as $$
    with words as (
        select n, (tsvector_to_array(to_tsvector('russian', word)))[1] as lexeme,
            to_tsquery('russian', case when length(word) = 1 then word else word || ':*' end) as exact
        from unnest(string_to_array(search_words(typed), ' ')) with ordinality as w (word, n) where n <= 10
    ), asked as (
        select n, exact, search_skeleton(lexeme) as skeleton,
            exists (select from tracks t where t.is_listed and t.search @@ words.exact) as is_known
        from words where lexeme is not null
    )
    select string_agg('(' || concat_ws(' | ', exact::text, alike.words) || ')', ' & ')::tsquery
    from asked left join lateral (
        select string_agg(quote_literal(word), ' | ') as words from (
            select word, rank() over (order by k.skeleton <> asked.skeleton) as rank from known_words k
            where length(asked.skeleton) >= 2 and (not asked.is_known or k.skeleton = asked.skeleton)
                and k.near && (case when asked.is_known then array[asked.skeleton] else near_forms(asked.skeleton) end)
            order by rank, word limit 20) ranked
        where rank = 1
    ) alike on true
$$
"""
KNOW_WORDS = """
insert into known_words (word, skeleton, near)
select word, search_skeleton(word), near_forms(search_skeleton(word))
from (select distinct word from tracks t, words_of_track(t.title, t.description) as w (word) where t.is_listed) w
"""


def upgrade() -> None:
    op.create_table(
        'known_words',
        sa.Column('word', sa.Text(), nullable=False),
        sa.Column('skeleton', sa.Text(), nullable=False),
        sa.Column('near', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint('word', name=op.f('pk_known_words')),
    )
    op.create_index('ix_known_words_near', 'known_words', ['near'], postgresql_using='gin')
    for function in (SEARCH_SKELETON, NEAR_FORMS, WORDS_OF_TRACK, SIMILAR_QUERY):
        op.execute(function)
    op.execute(KNOW_WORDS)


def downgrade() -> None:
    for function in ('similar_query(text)', 'words_of_track(text, text)', 'near_forms(text)', 'search_skeleton(text)'):
        op.execute(f'drop function {function}')
    op.drop_table('known_words')
