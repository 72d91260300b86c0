"""Serve WebSockets: everything unread, then each notification as it comes, until the time of each is up."""

import asyncio
from contextlib import suppress

import orjson
from fastapi import WebSocket, WebSocketDisconnect
from starlette.datastructures import QueryParams

from learning_platform.accounts.tokens import Identity
from learning_platform.core.database import DatabaseUnavailable
from learning_platform.notifications import actions
from learning_platform.web.http.dependencies import MAX_ID
from learning_platform.web.live.delivery import BAD_TOKEN, POLICY_VIOLATION, Socket
from learning_platform.web.services import Services

# What a client may send: an acknowledgement now and then. A flood is a defect or an attack.
MAX_MESSAGES, PER_SECONDS, MAX_MESSAGE_LENGTH = 120, 60.0, 4096


async def attend(websocket: WebSocket, services: Services, identity: Identity) -> None:
    """Serve an accepted socket; `?after=<id>` resumes."""
    after = _id_or_zero(QueryParams(websocket.scope["query_string"]).get("after", ""))
    socket = Socket(identity, after=after, send=websocket.send_text, close=websocket.close)
    services.sockets.add(socket)
    lifetime = identity.expires_at - services.clock().timestamp()
    expiry = asyncio.get_running_loop().call_later(lifetime, socket.close, BAD_TOKEN, "the token has expired")
    try:
        # The client is listened to from the start: one that leaves during a long replay is noticed.
        socket.begin(services.database)
        await _listen(websocket, services, socket)
    finally:
        expiry.cancel()
        services.sockets.remove(socket)
        await socket.end()


async def _listen(websocket: WebSocket, services: Services, socket: Socket) -> None:
    """Note acknowledgements until the client leaves."""
    loop = asyncio.get_running_loop()
    window_ends_at, count = loop.time() + PER_SECONDS, 0
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if loop.time() > window_ends_at:
                window_ends_at, count = loop.time() + PER_SECONDS, 0
            count += 1
            content = message.get("text") or message.get("bytes") or ""
            if count > MAX_MESSAGES or len(content) > MAX_MESSAGE_LENGTH:
                await websocket.close(POLICY_VIOLATION, "too many messages")
                return
            await _note_read(services, socket, content)


async def _note_read(services: Services, socket: Socket, content: str | bytes) -> None:
    try:
        message = orjson.loads(content)
    except orjson.JSONDecodeError:
        return
    if not isinstance(message, dict) or message.get("type") != "ack":
        return
    up_to = message.get("id")
    if isinstance(up_to, int) and 0 < up_to <= MAX_ID:
        # While the database is away nothing is noted: the next acknowledgement says this one, too.
        with suppress(DatabaseUnavailable):
            async with services.database.transaction() as db:
                await actions.mark_read(db, user_id=socket.identity.user_id, up_to=up_to)


def _id_or_zero(text: str) -> int:
    return min(int(text), MAX_ID) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
