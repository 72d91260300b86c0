"""The demo school as commit a177c8e filled it, restored into a database of its own.

`demo_school_a177c8e.sql.gz` was made on 28 November 2026: a worktree of the commit ran `python -m learning_platform
demo --fast` on an empty database. Its own functions then added what the demo leaves empty: sessions and refresh tokens
(one of each used or revoked), a feed key, mail choices, emails in every state, a blocked user, a deleted track, a
participant who has left, a review by the track's author, and one claim in state `summoned`. The file is the output of
`pg_dump --no-owner --no-privileges --no-comments --rows-per-insert=1000` without the two lines that only psql
understands (`\\restrict`).
"""

import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

DUMP = Path(__file__).with_name("demo_school_a177c8e.sql.gz")
DUMPED_AT = datetime(2026, 11, 28, 11, 20, tzinfo=UTC)
PASSWORD = "learn-together"
COLUMNS = """
select relname::text, array_agg(attname::text order by attnum)
from pg_class join pg_attribute on attrelid = pg_class.oid
where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
    and attnum > 0 and not attisdropped
group by relname order by relname
"""

Rows = Counter[tuple[object, ...]]


async def restore(url: str) -> None:
    """Fill an empty database with the old tables and rows."""
    db = await asyncpg.connect(url)
    try:
        await db.execute(gzip.decompress(DUMP.read_bytes()).decode())
    finally:
        await db.close()


async def columns_of_tables(db: "asyncpg.Connection[asyncpg.Record]") -> Mapping[str, Sequence[str]]:
    """Return the columns of every table."""
    return {table: columns for table, columns in await db.fetch(COLUMNS)}


async def read_rows(db: "asyncpg.Connection[asyncpg.Record]", table: str, expressions: Sequence[str]) -> Rows:
    """Return the values of all rows, however often each occurs."""
    statement = f"select {', '.join(f'({each})::text' for each in expressions)} from {table}"
    return Counter(tuple(row) for row in await db.fetch(statement))
