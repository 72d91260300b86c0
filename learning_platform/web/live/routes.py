"""Accepted WebSockets: everything unread, then each notification as it comes, until the token expires."""

import asyncio
from contextlib import suppress
from functools import partial

import orjson
from fastapi import WebSocket
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from learning_platform.accounts.tokens import Identity
from learning_platform.core.database import DatabaseUnavailable
from learning_platform.notifications.reading import mark_read
from learning_platform.web.live.delivery import BAD_TOKEN, POLICY_VIOLATION, Socket
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.services import Services

HANDED_OVER = "learning_platform.live"
# What ASGI itself says of a socket is kept; what a route needed is not needed any more.
LEFT_BEHIND = frozenset({"endpoint", "path_params", "route", "router", "headers"})
# What a client may send: an acknowledgement now and then. A flood is a defect or an attack.
MAX_MESSAGES, PER_SECONDS, MAX_MESSAGE_LENGTH = 120, 60.0, 4096


def hand_over(websocket: WebSocket, identity: Identity) -> None:
    """Leave an accepted socket to `LiveSockets`, which serves it when the route has returned."""
    websocket.scope[HANDED_OVER] = identity


class LiveSockets:
    """Serves the sockets that a route has accepted and handed over.

    Whatever FastAPI puts around a route would otherwise stay in memory for as long as its socket is open: 12 KiB each.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        await self.app(scope, receive, send)
        if scope["type"] == "websocket" and (identity := scope.pop(HANDED_OVER, None)):
            for name in LEFT_BEHIND.intersection(scope):
                del scope[name]
            await _attend(scope, receive, send, identity)


async def _attend(scope: Scope, receive: Receive, send: Send, identity: Identity) -> None:
    """Serve an accepted socket; `?after=<id>` resumes, `?unread=1` asks for how much is unread."""
    services: Services = scope["app"].state.services
    asked = QueryParams(scope["query_string"])
    on_live = partial(services.unread_counts.ask, [identity.user_id]) if asked.get("unread") == "1" else None
    socket = Socket(identity, after=_id_or_zero(asked.get("after", "")), send=send, on_live=on_live)
    services.sockets.add(socket)
    lifetime = identity.expires_at - services.clock().timestamp()
    expiry = asyncio.get_running_loop().call_later(lifetime, socket.close, BAD_TOKEN, "the token has expired")
    try:
        # The client is listened to from the start: one that leaves during a long replay is noticed.
        socket.begin(services.database)
        await _listen(receive, services, socket)
    finally:
        expiry.cancel()
        services.sockets.remove(socket)
        await socket.end()


async def _listen(receive: Receive, services: Services, socket: Socket) -> None:
    """Note acknowledgements until the client leaves."""
    loop = asyncio.get_running_loop()
    window_ends_at, count = loop.time() + PER_SECONDS, 0
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if loop.time() > window_ends_at:
            window_ends_at, count = loop.time() + PER_SECONDS, 0
        count += 1
        content = message.get("text") or message.get("bytes") or ""
        if count > MAX_MESSAGES or len(content) > MAX_MESSAGE_LENGTH:
            await socket.close_now(POLICY_VIOLATION, "too many messages")
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
                await mark_read(db, user_id=socket.identity.user_id, up_to=up_to)
            services.unread_counts.note_change(socket.identity.user_id)


def _id_or_zero(text: str) -> int:
    return min(int(text), MAX_ID) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
