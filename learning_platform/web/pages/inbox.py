"""The inbox: the newest message first."""

from typing import Annotated

from fastapi import Form as FormField
from fastapi import Query, Request, Response

from learning_platform.notifications import actions, queries
from learning_platform.web.http.dependencies import Reader, Transaction
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import SignedIn
from learning_platform.web.schemas.common import MAX_ID

router = page_router()
MESSAGES_PER_PAGE = 30
Before = Annotated[int, Query(ge=1, le=MAX_ID)]


@router.get("/notifications")
async def show_inbox(request: Request, user: SignedIn, db: Reader, before: Before = MAX_ID) -> Response:
    """Show messages, read and unread."""
    found = await queries.latest(db, user_id=user.user_id, before=before, limit=MESSAGES_PER_PAGE + 1)
    shown = found[:MESSAGES_PER_PAGE]
    return page(
        request,
        "inbox.html",
        messages=shown,
        newest_id=shown[0].id if shown else 0,
        following=f"/notifications?before={shown[-1].id}" if len(found) > len(shown) else None,
        first="/notifications" if before < MAX_ID else None,
    )


@router.post("/notifications/read")
async def mark_read(user: SignedIn, db: Transaction, up_to: Annotated[int, FormField(ge=1, le=MAX_ID)]) -> Response:
    """Mark everything shown as read."""
    await actions.mark_read(db, user_id=user.user_id, up_to=up_to)
    return redirect_to("/notifications", notice="all_read")
