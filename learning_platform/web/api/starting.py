"""Start tracks."""

from fastapi import APIRouter

from learning_platform.enrollment import starting
from learning_platform.tracks import queries
from learning_platform.tracks.rules import NotTheAuthor, TrackIsDraft, TrackNotFound, TrackOver, TrackStarted
from learning_platform.tracks.start_rules import TooFewParticipants
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.tracks import Track

router = APIRouter(route_class=ApiRoute, tags=["Tracks"])


@router.post(
    "/tracks/{track_id}/start",
    response_model=Track,
    responses=refuses(
        *SIGNED_IN, NotTheAuthor, TrackNotFound, TrackIsDraft, TrackStarted, TrackOver, TooFewParticipants
    ),
)
async def start_track(track_id: Id, user: CurrentUser, db: Transaction, now: Now) -> queries.Track:
    """Start a track with those who have enrolled, at least two; whatever its rule and its starting hours."""
    await starting.start_now(db, track_id=track_id, actor=user.actor, now=now)
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)
