"""What participants reported on a track, for its staff: questions and answers, comments and messages of reviews."""

from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.questions.reported import reported_posts
from learning_platform.reviews.threads.reports import reported_messages
from learning_platform.reviews.threads.rules import ReportState
from learning_platform.web.http.dependencies import Id, Now, Reader
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page
from learning_platform.web.pages.kit.track_header import list_page, track_header
from learning_platform.web.pages.kit.viewer import SignedIn
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.texts import MACHINE

router = page_router()
REPORTED_PER_PAGE = 30
After = Annotated[int, Query(ge=0, le=MAX_ID)]
Show = Annotated[str, Query(max_length=20, pattern=NO_NUL), MACHINE]


@router.get("/tracks/{track_id}/reported-posts")
async def show_reported_posts(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, show: Show = "", after: After = 0
) -> Response:
    """Show the questions and answers that were reported and wait for a decision, or have one."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    state = _state(show)
    found = await reported_posts(db, header.access, state=state, after=after, limit=REPORTED_PER_PAGE + 1)
    part = list_page(request, found, size=REPORTED_PER_PAGE, after=after)
    return page(request, "board_reported.html", header=header, part=part, kind="reported-posts", state=state)


@router.get("/tracks/{track_id}/reported-messages")
async def show_reported_messages(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, show: Show = "", after: After = 0
) -> Response:
    """Show the comments and messages of reviews that were reported and wait for a decision, or have one."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    state = _state(show)
    found = await reported_messages(db, header.access, state=state, after=after, limit=REPORTED_PER_PAGE + 1)
    part = list_page(request, found, size=REPORTED_PER_PAGE, after=after)
    return page(request, "board_reported.html", header=header, part=part, kind="reported-messages", state=state)


def _state(show: str) -> ReportState:
    return "settled" if show == "settled" else "open"
