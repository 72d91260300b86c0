"""Whether a pooler between us and PostgreSQL keeps a server connection for each client connection."""

from learning_platform.core.connecting import Connection, connect
from learning_platform.core.start import CannotStart

BACKEND = "select pg_backend_pid()"
# Each of two connections is asked twice in a row and in turn: a pooler that hands out server connections for single
# transactions gives one of them another's, or another than before, whatever its order.
ROUNDS = 4


async def ensure_session_pooling(url: str) -> None:
    """Raise CannotStart if a pooler hands out server connections for single transactions or statements."""
    first = await connect(url)
    try:
        if await first.fetchval(BACKEND) == first.get_server_pid():
            return  # PostgreSQL itself: a pooler makes up the number it gives when connecting.
        second = await connect(url)
        try:
            is_kept = await _has_one_each(first, second)
        finally:
            await second.close()
    finally:
        await first.close()
    if not is_kept:
        raise CannotStart(
            "DATABASE_URL leads through a pooler that does not keep a connection for a session: set its mode to session"
            " (PgBouncer: pool_mode = session), because notifications and locks belong to a session."
        )


async def _has_one_each(first: Connection, second: Connection) -> bool:
    seen: dict[Connection, set[int]] = {first: set(), second: set()}
    for _ in range(ROUNDS):
        for connection in (first, first, second, second):
            seen[connection].add(await connection.fetchval(BACKEND))
    return len(seen[first]) == len(seen[second]) == 1 and seen[first] != seen[second]
