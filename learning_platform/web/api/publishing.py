"""Publish a draft, or make a track a draft again."""

from fastapi import APIRouter

from learning_platform.tracks import publishing, queries
from learning_platform.tracks.publishing import HasParticipants, TrackPublished
from learning_platform.tracks.rules import NotTheAuthor, TrackIsDraft, TrackNotFound, TrackOver, TrackStarted
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.tracks import Track

router = APIRouter(route_class=ApiRoute, tags=["Tracks"])


@router.post(
    "/tracks/{track_id}/publish",
    response_model=Track,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, TrackPublished),
)
async def publish_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> queries.Track:
    """Open a draft for enrolment."""
    await publishing.publish(db, track_id=track_id, actor=user.actor)
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.post(
    "/tracks/{track_id}/unpublish",
    response_model=Track,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound, HasParticipants, TrackIsDraft, TrackStarted, TrackOver),
)
async def unpublish_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> queries.Track:
    """Make a track a draft again, while no user is enrolled."""
    await publishing.unpublish(db, track_id=track_id, actor=user.actor)
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)
