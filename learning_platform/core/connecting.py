"""Open connections to PostgreSQL, with time limits, TCP keepalive, and settings that poolers accept."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import asyncpg
import orjson

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# The limit for connecting and authentication.
CONNECT_SECONDS = 5.0
# The limit of the server comes first, so that a statement releases its locks; the other is for a silent server.
STATEMENT_SECONDS = 15
COMMAND_SECONDS = 20.0
# This is more than there are statements in the code, so each is prepared once for a connection.
MAX_STATEMENTS = 1000
# It is set by a statement, because PgBouncer refuses unknown startup parameters.
SET_SESSION = "select set_config(name, value, false) from unnest($1::text[], $2::text[]) as settings (name, value)"
ANY_SESSION = {"application_name": "learning_platform", "timezone": "UTC"}
POOLED_SESSION = {
    **ANY_SESSION,
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}
# The kernel detects a peer that has vanished (a pulled cable): idle connections by probes, others by the time that sent
# data is not confirmed. Values are in seconds, the last in milliseconds.
TCP_OPTIONS = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 20_000}


class Json:
    """A value of type json, which is copied into JSON responses as it is, and parsed when it is read.

    (Values of type jsonb are Python values.)
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[Any]:
        """Yield the parsed elements."""
        return iter(orjson.loads(self.text))


class WatchedConnection(asyncpg.Connection):
    """A connection whose socket detects that its peer has vanished."""

    __slots__ = ()

    def __init__(self, protocol: Any, transport: Any, *others: Any, **named: Any) -> None:
        super().__init__(protocol, transport, *others, **named)
        _watch(transport.get_extra_info("socket"))


async def connect(url: str) -> Connection:
    """Open a single connection outside the pool, for LISTEN or for an advisory lock that outlives statements.

    Raises DRIVER_ERRORS.
    """
    return await _opened(url, ANY_SESSION)


async def connect_for_pool(url: str, **options: Any) -> Connection:
    """Open a connection for the pool, which passes options of its own. Raises DRIVER_ERRORS."""
    connection = await _opened(
        url,
        POOLED_SESSION,
        statement_cache_size=MAX_STATEMENTS,
        max_cached_statement_lifetime=0,
        **options,
    )
    try:
        await prepare_connection(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def prepare_connection(connection: Connection) -> None:
    """Teach a connection to read and write jsonb as Python values, and to leave json as it is."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_dump_json, decoder=orjson.loads, format="text"
    )
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=Json, format="text")


async def _opened(url: str, session: Mapping[str, str], **options: Any) -> Connection:
    options = {"connection_class": WatchedConnection, **options}
    connection: Connection = await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS, **options
    )
    try:
        await connection.execute(SET_SESSION, list(session), list(session.values()), timeout=CONNECT_SECONDS)
    except BaseException:
        # A regular close would wait for a silent server.
        connection.terminate()
        raise
    return connection


def _watch(connected: Any) -> None:
    if connected is None or connected.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in TCP_OPTIONS.items():
        # Some options do not exist on every system.
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()
