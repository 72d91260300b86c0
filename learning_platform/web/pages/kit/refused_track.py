"""The track whose page was refused: its name, and what the person may do next.

It is named only to users who may know of it. A track that they may not know of and one that does not exist have the
same page, which says how a private track is reached.
"""

from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from learning_platform.core.database import Connection, DatabaseUnavailable
from learning_platform.core.errors import Forbidden, NotFound
from learning_platform.tracks.queries import Track, track
from learning_platform.tracks.rules import AssignmentNotFound, TrackNotFound
from learning_platform.web.pages.kit.viewer import Viewer
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.services import Services

TRACK_OF_ASSIGNMENT = "select track_id from assignments where id = $1"
NextStep = Literal["ask_author", "participates", "enroll", "wait", "view"]


@dataclass(frozen=True, slots=True)
class RefusedTrack:
    """A track that the viewer may know of, but not see a page of."""

    track: Track

    @property
    def next_step(self) -> NextStep:
        """Return what the viewer may do."""
        if self.track.staff_role is not None:
            return "ask_author"
        if self.track.takes_part:
            return "participates"
        if self.track.status != "enrolling":
            return "view"
        return "enroll" if self.track.participants_count < self.track.required_participants else "wait"


def may_be_private(error: Exception) -> bool:
    """Say whether an address leads to a track that does not exist or that the viewer may not know of."""
    return isinstance(error, TrackNotFound | AssignmentNotFound)


async def refused_track(request: Request, viewer: Viewer, error: Exception) -> RefusedTrack | None:
    """Return the track whose page was refused; None if it was another page, or one of a track they may not know of."""
    if not isinstance(error, Forbidden | NotFound) or may_be_private(error):
        return None
    services: Services = request.app.state.services
    try:
        async with services.database.connection() as db:
            return await _refused_track(db, request, viewer)
    except (TrackNotFound, DatabaseUnavailable):
        return None


async def _refused_track(db: Connection, request: Request, viewer: Viewer) -> RefusedTrack | None:
    track_id = _id(request, "track_id")
    if track_id is None:
        assignment_id = _id(request, "assignment_id")
        track_id = None if assignment_id is None else await db.fetchval(TRACK_OF_ASSIGNMENT, assignment_id)
    if track_id is None:
        return None
    return RefusedTrack(await track(db, track_id=track_id, viewer=viewer.actor, now=viewer.now))


def _id(request: Request, name: str) -> int | None:
    """Return an id of the address; None if it has none, or something else in its place."""
    text = str(request.path_params.get(name, ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MAX_ID else None
