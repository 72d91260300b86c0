"""A real server in the loop of the test, and clients that listen to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from learning_platform.web.connections import MAX_UNREAD_SECONDS, HttpConnection, close_unread_connections
from tests.people import Json
from tests.waiting import PATIENCE_SECONDS, until


class Listener:
    """A client of the WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def receive(self) -> Json:
        """Return the next message."""
        return orjson.loads(await asyncio.wait_for(self.connection.recv(), PATIENCE_SECONDS))

    async def receive_types(self, number: int) -> list[str]:
        """Return the types of the next messages."""
        return [(await self.receive())["type"] for _ in range(number)]

    async def say(self, message: Json) -> None:
        """Send JSON."""
        await self.connection.send(orjson.dumps(message).decode())

    async def closed_with(self) -> int:
        """Return the code with which the server closes, whatever it says before."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    await self.connection.recv()
        assert self.connection.close_code is not None
        return self.connection.close_code


class Server:
    """Where an application is served."""

    def __init__(self, port: int) -> None:
        self.port = port

    @asynccontextmanager
    async def listening(self, token: str, *, after: int | None = None, unread: bool = False) -> AsyncIterator[Listener]:
        """Yield a client that is connected; with `unread` it asks how much is unread."""
        query = "" if after is None else f"?after={after}" + ("&unread=1" if unread else "")
        async with connect(f"ws://127.0.0.1:{self.port}/ws/{token}{query}", compression=None) as connection:
            yield Listener(connection)


@asynccontextmanager
async def serving(
    app: FastAPI, *, log_level: str = "warning", max_unread_seconds: float = MAX_UNREAD_SECONDS
) -> AsyncIterator[Server]:
    """Serve an application that is running already."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    close_unread_connections(listening, max_unread_seconds)
    config = uvicorn.Config(
        app,
        http=HttpConnection,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=log_level == "debug",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    try:
        yield Server(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await task
