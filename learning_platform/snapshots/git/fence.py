"""The fence around a fetch: a proxy on the loopback through which git reaches public hosts, and nothing else.

It resolves a name once, refuses it unless every answer is allowed, and connects to the address it has checked, so
that an answer that changes later (DNS rebinding) changes nothing. TLS stays between git and the host. A redirect is a
further CONNECT, and is checked like the first.
"""

import asyncio
import base64
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Self, TypeAlias

from learning_platform.snapshots.git.addresses import Address, AllowedHosts
from learning_platform.snapshots.rules import MAX_WIRE_BYTES, FailureCode

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[Address]]]
LOOPBACK: Final = "127.0.0.1"
MAX_HEAD_BYTES = 8 * 1024
CHUNK_BYTES = 64 * 1024
# Git follows up to 20 redirects; each may be a connection of its own.
MAX_CONNECTIONS = 24
ANSWERS = {
    200: b"HTTP/1.1 200 Connection established\r\n\r\n",
    403: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    407: b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    502: b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take: bytes in both directions, seconds in all, to connect, and without a byte of the host."""

    wire_bytes: int = MAX_WIRE_BYTES
    seconds: float = 60.0
    connect_seconds: float = 10.0
    silent_seconds: float = 20.0


LIMITS = Limits()


class _Refused(Exception):
    """A connection is not made, or ended. `code` is None for a client that is not our git."""

    def __init__(self, code: FailureCode | None, status: int = 403) -> None:
        super().__init__(code)
        self.code: FailureCode | None = code
        self.status = status


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host. Raises OSError if there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A link-local address has a scope after `%`.
    return [ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]


class Fence:
    """A proxy for one fetch, inside an `async with` block. `failure`: why it has refused or ended a connection."""

    def __init__(self, allowed: AllowedHosts, *, resolve: Resolve = resolve, limits: Limits = LIMITS) -> None:
        self.failure: FailureCode | None = None
        self.bytes = 0
        self._allowed = allowed
        self._resolve = resolve
        self._limits = limits
        self._password = secrets.token_urlsafe(24)
        self._connections: set[asyncio.Task[None]] = set()
        self._count = 0

    @property
    def url(self) -> str:
        """Return the address of the proxy, with its password."""
        host, port = self._server.sockets[0].getsockname()
        return f"http://fetch:{self._password}@{host}:{port}"

    async def __aenter__(self) -> Self:
        """Listen on the loopback; the time of the fetch begins."""
        self._ends_at = asyncio.get_running_loop().time() + self._limits.seconds
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=MAX_HEAD_BYTES)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the proxy and what goes through it."""
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout_at(self._ends_at):
                await self._answer(reader, writer)
        except TimeoutError:
            self._note("too_slow")
        except _Refused as refused:
            self._note(refused.code)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # One of the two sides has gone, which git reports.
        finally:
            # What is still to be sent is not waited for.
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        try:
            host, port = self._target(head)
            remote_reader, remote_writer = await self._connected(host, port)
        except _Refused as refused:
            # Before git has its answer: it may end, and be asked why it failed, before this goes on.
            self._note(refused.code)
            writer.write(ANSWERS[refused.status])
            with suppress(OSError):
                await writer.drain()
                writer.write_eof()
                # The answer reaches git before the connection is closed.
                await reader.read()
            raise
        try:
            writer.write(ANSWERS[200])
            await self._relay((reader, writer), (remote_reader, remote_writer))
        finally:
            remote_writer.transport.abort()

    def _target(self, head: bytes) -> tuple[str, int]:
        """Return the host and the port of a CONNECT with the password. Raises _Refused."""
        request, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        expected = base64.b64encode(f"fetch:{self._password}".encode()).decode()
        given = headers.get("proxy-authorization", "")
        if not secrets.compare_digest(given.encode(), f"Basic {expected}".encode()):
            raise _Refused(None, 407)
        self._count += 1
        words = request.split(" ")
        host, _, port = words[1].rpartition(":") if len(words) == 3 else ("", "", "")
        is_valid = words[0] == "CONNECT" and bool(host) and port.isascii() and port.isdecimal() and len(port) <= 5
        if not is_valid or self._count > MAX_CONNECTIONS or not self._allowed.permits(host, int(port)):
            raise _Refused("host_refused")
        return host, int(port)

    async def _connected(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Resolve once, check every answer, and connect to the first that answers. Raises _Refused."""
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                addresses = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise _Refused("host_unreachable", 502) from error
        if not all(self._allowed.permits_address(address, host=host, port=port) for address in addresses):
            raise _Refused("host_refused")
        for address in dict.fromkeys(addresses):
            with suppress(OSError):
                async with asyncio.timeout(self._limits.connect_seconds):
                    return await asyncio.open_connection(str(address), port)
        raise _Refused("host_unreachable", 502)

    async def _relay(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        remote: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        silent_seconds = self._limits.silent_seconds
        pipes = [
            asyncio.create_task(self._pipe(client[0], remote[1], seconds=None)),
            asyncio.create_task(self._pipe(remote[0], client[1], seconds=silent_seconds)),
        ]
        try:
            done, _ = await asyncio.wait(pipes, return_when=asyncio.FIRST_EXCEPTION)
            for pipe in done:
                pipe.result()
        finally:
            for pipe in pipes:
                pipe.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, seconds: float | None) -> None:
        """Copy until the end. Raises _Refused past the limit of bytes, TimeoutError after silence."""
        while True:
            async with asyncio.timeout(seconds):
                chunk = await reader.read(CHUNK_BYTES)
            if not chunk:
                writer.write_eof()
                return
            self.bytes += len(chunk)
            if self.bytes > self._limits.wire_bytes:
                raise _Refused("too_large")
            writer.write(chunk)
            await writer.drain()

    def _note(self, code: FailureCode | None) -> None:
        """Keep the first reason: what follows is its consequence."""
        self.failure = self.failure or code
