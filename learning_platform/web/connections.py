"""How uvicorn speaks WebSocket here: a connection ends with its client, also with one that reads nothing."""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


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
