"""The WebSocket of pages: the session's cookie opens it, so no script ever holds a token."""

from fastapi import APIRouter, WebSocket

from learning_platform.accounts.queries import live_session
from learning_platform.accounts.tokens import Identity
from learning_platform.web.live.routes import attend
from learning_platform.web.pages.kit.cookies import session_id_of
from learning_platform.web.pages.kit.redirects import host_of
from learning_platform.web.services import Services

router = APIRouter()
NOT_SIGNED_IN = 4403


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Send notifications to a page of ours, for as long as an access token would live; the page then asks again."""
    services: Services = websocket.app.state.services
    await websocket.accept()
    identity = await _identity(websocket, services)
    if identity is None:
        await websocket.close(NOT_SIGNED_IN, "not signed in")
        return
    await attend(websocket, services, identity)


async def _identity(websocket: WebSocket, services: Services) -> Identity | None:
    """Return who is signed in on the page that asks; pages of other sites are nobody's."""
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
