"""Cohorts of a course: open the next one, list them, compare them."""

from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.enrollment.cohorts import open_next_cohort
from learning_platform.reviews.author.cohorts import compare_cohorts
from learning_platform.tracks import queries
from learning_platform.tracks.access import access_of_viewer
from learning_platform.tracks.cohorts import cohorts
from learning_platform.web.http.dependencies import Id, Now, Reader, Transaction
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import list_page
from learning_platform.web.pages.kit.viewer import CatalogueViewer, SignedIn
from learning_platform.web.schemas.common import MAX_ID

router = page_router()
COHORTS_PER_PAGE = 12
After = Annotated[int, Query(ge=0, le=MAX_ID)]


@router.get("/tracks/{track_id}/cohorts")
async def show_cohorts(
    request: Request, track_id: Id, viewer: CatalogueViewer, db: Reader, after: After = 0
) -> Response:
    """Show the cohorts of a course, and their figures to staff."""
    actor, now, limit = viewer.actor, viewer.now, COHORTS_PER_PAGE + 1
    track = await queries.track(db, track_id=track_id, viewer=actor, now=now)
    found = await cohorts(db, track_id=track_id, viewer=actor, after=after, limit=limit, now=now)
    access = access_of_viewer(track, actor=actor)
    part = list_page(request, found, size=COHORTS_PER_PAGE, after=after)
    figures = []
    if access.oversees and part.shown:
        figures = await compare_cohorts(db, access, after=after, limit=len(part.shown), now=now)
        figures = [each for each in figures if each.id <= part.shown[-1].id]
    return page(request, "cohorts.html", track=track, part=part, figures=figures)


@router.post("/tracks/{track_id}/next-cohort")
async def create_next_cohort(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Open the next cohort."""
    opened = await open_next_cohort(db, track_id=track_id, actor=user.actor, now=now)
    notice = "next_cohort_asked" if opened.asked_count else "next_cohort"
    return redirect_to(f"/tracks/{opened.track_id}", notice=notice)
