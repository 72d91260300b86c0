"""Clients that send nothing, or read nothing, are cut off: by means of asyncio and of the kernel, around uvicorn's own.

uvicorn's limit, `timeout_keep_alive`, ends with the first byte of a request. The time for bodies is in
web/http/request_body.py.
"""

import asyncio
import socket
from contextvars import ContextVar
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEADER_BYTES = 64 * 1024
# For a client that takes nothing of what was written, also after the connection was closed here.
MAX_UNREAD_SECONDS = 20.0


class HeaderLimit:
    """How long, and with how many bytes, a connection may be open without a request being served."""

    __slots__ = ("_bytes", "_cut", "_requests", "_seconds", "_transport")

    def __init__(self, transport: asyncio.Transport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._requests = 0
        self._bytes = 0
        self._cut: asyncio.TimerHandle | None = None
        self._wait()

    def received(self, number: int) -> None:
        """Note bytes; whether they belong to a header is clear when what they begin has started."""
        if self._requests == 0:
            self._bytes += number
            asyncio.get_running_loop().call_soon(self._check)

    def request_began(self) -> None:
        """Stop the time: a header is complete."""
        self._requests += 1
        self._bytes = 0
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None

    def request_ended(self) -> None:
        """Wait for the next request."""
        self._requests -= 1
        if self._requests == 0 and not self._transport.is_closing():
            self._wait()

    def end(self) -> None:
        """Forget the connection."""
        self.request_began()

    def _wait(self) -> None:
        self._cut = asyncio.get_running_loop().call_later(self._seconds, self._transport.abort)

    def _check(self) -> None:
        if self._bytes > MAX_HEADER_BYTES:
            self._transport.abort()


_limit: ContextVar[HeaderLimit | None] = ContextVar("header_limit", default=None)


class HttpConnection(asyncio.Protocol):
    """uvicorn's protocol, with a limit for the headers of requests."""

    header_timeout_seconds = 10.0

    def __init__(self, **options: Any) -> None:
        self._http = HttpToolsProtocol(**options)
        self._limit: HeaderLimit

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # Of a stream.
        """Give a client some time for its first request."""
        self._limit = HeaderLimit(transport, self.header_timeout_seconds)
        self._http.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass data on; a request that begins with it knows the limit of its connection."""
        before = _limit.set(self._limit)
        try:
            self._http.data_received(data)
        finally:
            _limit.reset(before)
        self._limit.received(len(data))

    def eof_received(self) -> None:
        """Pass on that the client sends nothing more."""
        self._http.eof_received()

    def pause_writing(self) -> None:
        """Pass on that the client does not read for now."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client reads again."""
        self._http.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._limit.end()
        self._http.connection_lost(exc)


class HeaderLimitMiddleware:
    """Stop the header time limit of a connection once its request, or its WebSocket, has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        limit = _limit.get()
        if limit is None or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        limit.request_began()
        try:
            await self.app(scope, receive, send)
        finally:
            # A WebSocket has the connection to itself, and goes on in web/live/.
            if scope["type"] == "http":
                limit.request_ended()


def close_unread_connections(listening: socket.socket, seconds: float = MAX_UNREAD_SECONDS) -> None:
    """Let the kernel end connections whose clients take nothing for a time; where it can (Linux)."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
