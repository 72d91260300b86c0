"""The inbox, and the WebSocket that brings what comes into it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response, WebSocket, WebSocketDisconnect

from learning_platform.accounts.rules import BadToken
from learning_platform.notifications import actions, queries
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.dependencies import LARGEST_ID, AskedPage, CurrentUser, Reader, Transaction
from learning_platform.web.errors import refuses
from learning_platform.web.schemas.notifications import Notification, ReadMark
from learning_platform.web.services import Services
from learning_platform.web.sockets import BAD_TOKEN, POLICY_VIOLATION, Socket

router = APIRouter(tags=["Notifications"])
# What a client may send: an acknowledgement now and then. A flood is a defect or an attack.
MOST_MESSAGES, PER_SECONDS, LONGEST_MESSAGE = 120, 60.0, 4096
OnlyUnread = Annotated[bool, Query(description="Only what has not been read.")]


@router.get("/notifications", response_model=list[Notification], responses=refuses(*SIGNED_IN) | LINK_HEADER)
async def list_notifications(
    user: CurrentUser, db: Reader, page: AskedPage, request: Request, response: Response, unread: OnlyUnread = False
) -> Sequence[queries.Notification]:
    """List the inbox, oldest first, in the language of the profile."""
    read = queries.unread if unread else queries.inbox
    found = await read(db, user_id=user.user_id, after=page.after, limit=page.limit)
    return paged(found, page, request, response)


@router.post("/notifications/read", status_code=204, responses=refuses(*SIGNED_IN))
async def mark_read(mark: ReadMark, user: CurrentUser, db: Transaction) -> Response:
    """Mark everything up to an id as read."""
    await actions.mark_read(db, user_id=user.user_id, up_to=mark.up_to)
    return Response(status_code=204)


@router.websocket("/ws/{token}")
async def live(websocket: WebSocket, token: str) -> None:
    """Send every unread notification, oldest first, then each one as it comes. `?after=<id>` resumes."""
    services: Services = websocket.app.state.services
    await websocket.accept()
    try:
        identity = services.revocations.identify(token)
    except BadToken:
        await websocket.close(BAD_TOKEN, "bad token")
        return
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
