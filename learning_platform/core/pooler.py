"""A check whether a connection pooler keeps one server connection for each client connection."""

from learning_platform.core.connecting import Connection, connect
from learning_platform.core.start import CannotStart

BACKEND = "select pg_backend_pid()"
# Two connections are queried twice in a row, in turn. A pooler that assigns server connections to single transactions
# then gives one of them a connection of the other, or a different one than before.
ROUNDS = 4


async def ensure_session_pooling(url: str) -> None:
    """Raise CannotStart if a pooler assigns server connections to single transactions or statements."""
    first = await connect(url)
    try:
        if await first.fetchval(BACKEND) == first.get_server_pid():
            return  # This is PostgreSQL itself, because a pooler invents the number that it gives on connecting.
        second = await connect(url)
        try:
            is_kept = await _has_one_each(first, second)
        finally:
            await second.close()
    finally:
        await first.close()
    if not is_kept:
        raise CannotStart(
            "DATABASE_URL is the address of a pooler that does not keep a connection for a session."
            " Set it to session pooling (PgBouncer: pool_mode = session), which notifications and locks require."
        )


async def _has_one_each(first: Connection, second: Connection) -> bool:
    seen: dict[Connection, set[int]] = {first: set(), second: set()}
    for _ in range(ROUNDS):
        for connection in (first, first, second, second):
            seen[connection].add(await connection.fetchval(BACKEND))
    return len(seen[first]) == len(seen[second]) == 1 and seen[first] != seen[second]
