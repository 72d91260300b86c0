"""What participants reported on a track, for its staff: questions and answers, comments and messages of reviews."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.questions.reported import reported_posts
from learning_platform.reviews.threads.reports import reported_messages
from learning_platform.reviews.threads.rules import ReportState
from learning_platform.web.http.dependencies import Id, Now, Reader
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page
from learning_platform.web.pages.kit.track_header import ListItem, list_page, track_header
from learning_platform.web.pages.kit.viewer import SignedIn
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.texts import MACHINE

router = page_router()
REPORTED_PER_PAGE = 30
LISTS: dict[str, Callable[..., Awaitable[Sequence[ListItem]]]] = {
    "reported-posts": reported_posts,
    "reported-messages": reported_messages,
}
After = Annotated[int, Query(ge=0, le=MAX_ID)]
Show = Annotated[str, Query(max_length=20, pattern=NO_NUL), MACHINE]


@router.get("/tracks/{track_id}/reported-posts")
@router.get("/tracks/{track_id}/reported-messages")
async def show_reported(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, show: Show = "", after: After = 0
) -> Response:
    """Show what was reported: what waits for a decision, or has one."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    kind = request.url.path.rpartition("/")[2]
    state: ReportState = "settled" if show == "settled" else "open"
    found = await LISTS[kind](db, header.access, state=state, after=after, limit=REPORTED_PER_PAGE + 1)
    part = list_page(request, found, size=REPORTED_PER_PAGE, after=after)
    return page(request, "board_reported.html", header=header, part=part, kind=kind, state=state)
