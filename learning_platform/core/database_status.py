"""The state of the database server, for operators."""

from dataclasses import dataclass

from learning_platform.core.database import Connection, fetch_value

DATABASE_STATUS = """
select current_setting('server_version') as version, pg_database_size(current_database()) as size_bytes,
    (select count(*) from pg_stat_activity where datname = current_database()) as connections,
    current_setting('max_connections')::int as most_connections,
    (select version_num from alembic_version) as migration
"""


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """PostgreSQL's version, the size of the database, its connections, and the newest migration applied."""

    version: str
    size_bytes: int
    connections: int
    most_connections: int
    migration: str


async def database_status(db: Connection) -> DatabaseStatus:
    """Return the state of the database server."""
    found = await fetch_value(db, DatabaseStatus, DATABASE_STATUS)
    assert found is not None
    return found
