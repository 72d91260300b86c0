"""The WebSocket of pages: the session's cookie opens it, so no script ever holds a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketException

from learning_platform.accounts.queries import live_session
from learning_platform.accounts.tokens import Identity
from learning_platform.web.http.redirects import host_of
from learning_platform.web.live.routes import hand_over
from learning_platform.web.pages.kit.cookies import session_id_of
from learning_platform.web.services import Services

router = APIRouter()
NOT_SIGNED_IN = 4403


async def viewer_of(websocket: WebSocket) -> Identity:
    """Accept a socket and return who is signed in on the page that asks; pages of other sites are refused."""
    await websocket.accept()
    identity = await _identity(websocket, websocket.app.state.services)
    if identity is None:
        raise WebSocketException(NOT_SIGNED_IN, "not signed in")
    return identity


@router.websocket("/live")
async def live(websocket: WebSocket, identity: Annotated[Identity, Depends(viewer_of)]) -> None:
    """Send notifications to a page of this site for as long as an access token would live; the page then asks again."""
    hand_over(websocket, identity)


async def _identity(websocket: WebSocket, services: Services) -> Identity | None:
    """Return the user of the page that asks; pages of other sites have none."""
    if host_of(websocket.headers.get("origin", "")) != websocket.headers.get("host"):
        return None
    session_id = session_id_of(websocket.cookies, services)
    if session_id is None:
        return None
    now = services.clock()
    async with services.database.connection() as db:
        session = await live_session(db, session_id=session_id, now=now)
    if session is None:
        return None
    ends_at = min(session.expires_at, now + services.tokens.lifetime)
    return Identity(session.user_id, session.session_id, session.role, ends_at.timestamp())
