"""Databases that one test after another commits to: emptied in between, which costs a hundredth of a fresh clone."""

from collections.abc import Awaitable, Callable

import asyncpg

# A connection that is still open may hold locks.
CUT_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
# Foreign keys are not asked row by row: everything goes.
WITHOUT_TRIGGERS = "set session_replication_role = replica"
EMPTY_TABLES = """
do $$ declare name regclass; begin
    for name in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and relname <> 'alembic_version'
    loop execute format('delete from %s', name); end loop;
end $$
"""
RESTART_IDS = """
select setval(oid::regclass, 1, false) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S'
"""
WRITTEN_TABLES = """
select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    and relname <> 'alembic_version' and pg_relation_size(oid) > 0
"""
# What the migrations made, and nothing a test added, renamed or took away.
SHAPE = """
select array(select (attrelid::regclass, attname, atttypid, attnotnull)::text from pg_attribute a
        join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace order by attrelid, attnum)
    || array(select (tgrelid::regclass, tgname, tgenabled)::text from pg_trigger where not tgisinternal order by oid)
    || array(select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace order by oid)
"""


class Shelf:
    """Empty databases; one that cannot be emptied, or whose tables were changed, is not put back."""

    def __init__(self, new_database: Callable[[], Awaitable[str]]) -> None:
        self._new_database = new_database
        self._empty: list[str] = []
        self._shapes: dict[str, list[str]] = {}

    async def take(self) -> str:
        """Return the address of an empty database that is not in use."""
        if self._empty:
            return self._empty.pop()
        url = await self._new_database()
        db = await asyncpg.connect(url)
        self._shapes[url] = await db.fetchval(SHAPE)
        await db.close()
        return url

    async def put_back(self, url: str) -> None:
        """Empty a database for the next test."""
        db = await asyncpg.connect(url)
        try:
            for statement in (CUT_OTHERS, WITHOUT_TRIGGERS, EMPTY_TABLES, RESTART_IDS):
                await db.execute(statement)
            written = [row[0] for row in await db.fetch(WRITTEN_TABLES)]
            if written:
                # Files as short as those of fresh tables, so that plans are the same too.
                await db.execute(f"vacuum {', '.join(written)}")
            if await db.fetchval(SHAPE) == self._shapes[url]:
                self._empty.append(url)
        finally:
            await db.close()
