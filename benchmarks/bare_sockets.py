"""A bare WebSocket server: uvicorn's protocol as the product runs it, and nothing behind it.

It sends every client what is posted to it, one after the other.
"""

import sys
from typing import Any

import uvicorn


class Bare:
    """The ASGI application."""

    def __init__(self) -> None:
        self._sends: set[Any] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._attend(receive, send)
        elif scope["type"] == "http":
            await self._send_to_all((await receive())["body"].decode())
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def _attend(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self._sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self._sends.discard(send)

    async def _send_to_all(self, message: str) -> None:
        for send in list(self._sends):
            await send({"type": "websocket.send", "text": message})


def main() -> None:
    uvicorn.run(
        Bare(),
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=1,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
