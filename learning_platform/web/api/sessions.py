"""The sessions of a user: list them, end one or all others."""

from fastapi import APIRouter, Response

from learning_platform.accounts import queries, sessions
from learning_platform.accounts.rules import SessionNotFound
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Reader, Running, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.accounts import UserSession

router = APIRouter(route_class=ApiRoute, tags=["Accounts"])


@router.get("/me/sessions", response_model=list[UserSession], responses=refuses(*SIGNED_IN))
async def list_sessions(user: CurrentUser, services: Running, db: Reader, now: Now) -> list[UserSession]:
    """List your sessions, the most recently used first."""
    found = await queries.sessions_of(db, user_id=user.user_id, now=now)
    return [
        UserSession(
            id=each.id,
            browser=each.browser,
            system=each.system,
            created_at=each.created_at,
            days_unused=each.days_unused(lifetime=services.refresh_lifetime, now=now),
            is_current=each.id == user.session_id,
        )
        for each in found
    ]


@router.delete("/me/sessions/{session_id}", status_code=204, responses=refuses(*SIGNED_IN, SessionNotFound))
async def end_session(session_id: Id, user: CurrentUser, services: Running, db: Transaction, now: Now) -> Response:
    """End one of your sessions: its tokens stop working and its WebSockets close."""
    await sessions.end_session(db, user_id=user.user_id, session_id=session_id, now=now)
    services.revocations.note_session(session_id)
    return Response(status_code=204)


@router.delete("/me/sessions", status_code=204, responses=refuses(*SIGNED_IN))
async def end_other_sessions(user: CurrentUser, db: Transaction, now: Now) -> Response:
    """End all your sessions but this one."""
    await sessions.revoke_other_sessions(db, user_id=user.user_id, except_session_id=user.session_id, now=now)
    return Response(status_code=204)
