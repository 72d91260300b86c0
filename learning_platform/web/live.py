"""Serve one WebSocket: everything unread, then each notification as it comes, until its time is up."""

import asyncio
from contextlib import suppress

import orjson
from fastapi import WebSocket, WebSocketDisconnect

from learning_platform.accounts.tokens import Identity
from learning_platform.notifications import actions
from learning_platform.web.dependencies import LARGEST_ID
from learning_platform.web.services import Services
from learning_platform.web.sockets import BAD_TOKEN, POLICY_VIOLATION, Socket

# What a client may send: an acknowledgement now and then. A flood is a defect or an attack.
MOST_MESSAGES, PER_SECONDS, LONGEST_MESSAGE = 120, 60.0, 4096


async def attend(websocket: WebSocket, services: Services, identity: Identity) -> None:
    """Serve an accepted socket; `?after=<id>` resumes."""
    after = _id_or_zero(websocket.query_params.get("after", ""))
    socket = Socket(identity, after=after, send=websocket.send_text, close=websocket.close)
    services.sockets.add(socket)
    try:
        # The client is listened to from the start: one that leaves during a long replay is noticed.
        socket.begin(services.database)
        lifetime = identity.expires_at - services.clock().timestamp()
        async with asyncio.timeout(lifetime):
            await _listen(websocket, services, socket)
    except TimeoutError:
        await socket.close_now(BAD_TOKEN, "the token has expired")
    finally:
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
            if count > MOST_MESSAGES or len(content) > LONGEST_MESSAGE:
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
    if isinstance(up_to, int) and 0 < up_to <= LARGEST_ID:
        async with services.database.transaction() as db:
            await actions.mark_read(db, user_id=socket.identity.user_id, up_to=up_to)


def _id_or_zero(text: str) -> int:
    return min(int(text), LARGEST_ID) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
