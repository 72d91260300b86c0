"""The tracks of a user, with whether and until when the place on each can be declined."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from learning_platform.core.database import Connection
from learning_platform.enrollment.declining import declinable_places
from learning_platform.tracks.queries import Track, tracks_of


@dataclass(frozen=True, slots=True)
class OwnTrack(Track):
    """A track as one user sees it. `decline_until` is None before the start, when a place is declined at any time."""

    declinable: bool
    decline_until: datetime | None


async def own_tracks(
    db: Connection, *, user_id: int, after: int, limit: int, within: timedelta, now: datetime
) -> list[OwnTrack]:
    """Return the tracks on which the user takes part or is staff. `within`: how long a place can be declined."""
    tracks = await tracks_of(db, user_id=user_id, after=after, limit=limit, now=now)
    places = await declinable_places(db, user_id=user_id, within=within, now=now)
    until = {place.track_id: place.until for place in places}
    return [_own(track, declinable=track.id in until, until=until.get(track.id)) for track in tracks]


def _own(track: Track, *, declinable: bool, until: datetime | None) -> OwnTrack:
    values = {field.name: getattr(track, field.name) for field in fields(Track)}
    return OwnTrack(**values, declinable=declinable, decline_until=until)
