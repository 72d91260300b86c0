"""Open a connection to PostgreSQL: with time limits, a watched socket, and settings that a pooler lets through."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import asyncpg
import orjson

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Connecting and signing in.
CONNECT_SECONDS = 5.0
# The server gives up a statement first, so that it holds no locks; the client gives up a server that says nothing.
STATEMENT_SECONDS = 15
COMMAND_SECONDS = 20.0
# More than there are in the code: each is prepared once for a connection, and stays so.
MAX_STATEMENTS = 1000
# Set by a statement and not while connecting: PgBouncer refuses startup parameters that it does not know.
SET_SESSION = "select set_config(name, value, false) from unnest($1::text[], $2::text[]) as settings (name, value)"
ANY_SESSION = {"application_name": "learning_platform", "timezone": "UTC"}
POOLED_SESSION = {
    **ANY_SESSION,
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}
# A peer that vanished without a word (a pulled cable) is found out by the kernel: idle connections by probes, and
# those with something on the way by the time it has not been confirmed. In seconds, the last in milliseconds.
TCP_OPTIONS = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 20_000}


class Json:
    """A column of type json: passed on as it is where JSON is written, read where it is looked at.

    (What is jsonb comes as Python values.)
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[Any]:
        """Yield what it lists."""
        return iter(orjson.loads(self.text))


class WatchedConnection(asyncpg.Connection):
    """A connection whose socket notices that the other side has gone."""

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
        # Closing politely would wait for a server that says nothing.
        connection.terminate()
        raise
    return connection


def _watch(connected: Any) -> None:
    if connected is None or connected.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in TCP_OPTIONS.items():
        # Not every system knows every option.
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()
