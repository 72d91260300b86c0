"""Cohorts of a course: open the next one, list them, compare them."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from learning_platform.attempts.rules import TrackCancelled, TrackNotStarted
from learning_platform.enrollment.cohorts import open_next_cohort
from learning_platform.enrollment.rules import NextCohortOpen
from learning_platform.reviews.author import cohorts as figures
from learning_platform.tracks import cohorts, queries
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import NotTheAuthor, TrackNotFound
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, PageParams, Reader, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.cohorts import CohortFigures
from learning_platform.web.schemas.tracks import Track

router = APIRouter(route_class=ApiRoute, tags=["Tracks"])


@router.post(
    "/tracks/{track_id}/next-cohort",
    status_code=201,
    response_model=Track,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackNotStarted, TrackCancelled, NextCohortOpen),
)
async def create_next_cohort(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> queries.Track:
    """Open the next cohort of a track that has started. Users on the waiting list are notified and can enroll first."""
    opened = await open_next_cohort(db, track_id=track_id, actor=user.actor, now=now)
    return await queries.track(db, track_id=opened.track_id, viewer=user.actor, now=now)


@router.get(
    "/tracks/{track_id}/cohorts",
    response_model=list[Track],
    responses=refuses(*SIGNED_IN, TrackNotFound) | LINK_HEADER,
)
async def list_cohorts(
    track_id: Id, user: CurrentUser, db: Reader, now: Now, page: PageParams, request: Request, response: Response
) -> Sequence[queries.Track]:
    """List all cohorts of the course that you may see; none if there is only one."""
    await queries.track(db, track_id=track_id, viewer=user.actor, now=now)
    found = await cohorts.cohorts(db, track_id=track_id, viewer=user.actor, after=page.after, limit=page.limit, now=now)
    return paged(found, page, request, response)


@router.get(
    "/tracks/{track_id}/cohorts/results",
    response_model=list[CohortFigures],
    responses=refuses(*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound) | LINK_HEADER,
)
async def compare_cohorts(
    track_id: Id, user: CurrentUser, db: Reader, now: Now, page: PageParams, request: Request, response: Response
) -> Sequence[figures.CohortFigures]:
    """Compare the cohorts that have started and whose staff you are, unless you take part in them."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    found = await figures.compare_cohorts(db, access, after=page.after, limit=page.limit, now=now)
    return paged(found, page, request, response)
