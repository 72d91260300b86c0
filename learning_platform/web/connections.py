"""How uvicorn speaks HTTP and WebSocket here: a client that sends nothing, or reads nothing, is cut off."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_HEADER_BYTES = 64 * 1024


class HttpConnection(HttpToolsProtocol):
    """A connection whose client has to say within a time, and in so many bytes, what it wants.

    The server's own limit, `timeout_keep_alive`, ends with the first byte. The time for bodies is in web/incoming.py.
    """

    patience_seconds = 10.0
    _cut: asyncio.TimerHandle | None = None
    _is_in_request = False
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        """Give a client some time for its first request."""
        super().connection_made(transport)
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        """Read on; blank lines between requests are no request, and do not keep a connection open."""
        if not self._is_in_request:
            self._await_headers()
        super().data_received(data)
        if self._cut is not None:
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """Give the client some time for the header of a request."""
        super().on_message_begin()
        self._is_in_request = True
        self._await_headers()

    def on_headers_complete(self) -> None:
        """Stop the timer: the header is complete."""
        self._stop_cut()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note the end of a request, its body included."""
        self._is_in_request = False
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_cut()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        if self._cut is None:
            self._cut = self.loop.call_later(self.patience_seconds, self._give_up)

    def _give_up(self) -> None:
        self._cut = None
        if self.cycle is not None and not self.cycle.response_complete:
            # An earlier request of this connection is still being answered.
            self._await_headers()
        else:
            self.transport.abort()

    def _stop_cut(self) -> None:
        self._header_bytes = 0
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None


class LiveConnection(WebSocketsSansIOProtocol):
    """A WebSocket that is cut off when its client takes nothing for a time.

    Closing is not enough: a transport closes when everything written has been read, and that never happens.
    """

    patience_seconds = 20.0
    _cut: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Give a client with a full buffer some time to read."""
        super().pause_writing()
        self._cut = self.loop.call_later(self.patience_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with a client that reads."""
        self._stop_cut()
        super().resume_writing()

    def send_keepalive_ping(self) -> None:
        """Ask whether the client is there; a connection that is being closed gets some time for it."""
        if self._cut is None and (self.close_sent or self.transport.is_closing()):
            self._cut = self.loop.call_later(self.patience_seconds, self.transport.abort)
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Cut off a client that did not answer."""
        super().keepalive_timeout()
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_cut()
        super().connection_lost(exc)

    def _stop_cut(self) -> None:
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None
