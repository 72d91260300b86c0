"""Export a track as one JSON file, and import a track from one."""

from fastapi import APIRouter, Response
from pydantic import JsonValue

from learning_platform.tracks import queries
from learning_platform.tracks.rules import NotTheAuthor, TrackCreationClosed, TrackNotFound, ensure_may_create
from learning_platform.tracks.transfer import export_track, import_track
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.tracks import UNFIT_START
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Running, Transaction
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.track_file import TrackFile, track_file, track_file_schema
from learning_platform.web.schemas.tracks import Track

router = APIRouter(route_class=ApiRoute, tags=["Tracks"])


@router.get(
    "/tracks/{track_id}/export",
    response_model=TrackFile,
    responses=refuses(*SIGNED_IN, NotTheAuthor, TrackNotFound),
)
async def export(track_id: Id, user: CurrentUser, db: Transaction, now: Now, response: Response) -> TrackFile:
    """Export a track without anything about people, and without dates and starter code."""
    response.headers["Content-Disposition"] = f'attachment; filename="track-{track_id}.json"'
    return track_file(await export_track(db, track_id=track_id, actor=user.actor, now=now))


@router.post(
    "/tracks/import",
    status_code=201,
    response_model=Track,
    responses=refuses(*SIGNED_IN, TrackCreationClosed, *UNFIT_START),
)
async def import_file(
    file: TrackFile, user: CurrentUser, services: Running, db: Transaction, now: Now
) -> queries.Track:
    """Create a draft from an exported track."""
    ensure_may_create(role=user.role, creation=services.settings.track_creation)
    track_id = await import_track(db, author_id=user.user_id, portable=file.as_portable(), now=now)
    return await queries.track(db, track_id=track_id, viewer=user.actor, now=now)


@router.get("/track-file.schema.json", response_model=dict[str, JsonValue])
async def schema() -> dict[str, JsonValue]:
    """Show the JSON Schema of the files."""
    return track_file_schema()
