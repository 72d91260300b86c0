"""Notify the staff of a track that a participant has left it."""

from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import TrackHead
from learning_platform.tracks.staff_notices import staff_to_notify


async def notify_staff_of_leaver(db: Connection, track: TrackHead, *, user_id: int, now: datetime) -> None:
    """Notify the staff; those who take part learn of it as other participants do (tracks/access.py)."""
    left = Announcement(
        # A user who declines a place can get one again.
        event=f"participant_left:{track.id}:{user_id}:{now.isoformat()}",
        type="participant_left",
        track_id=track.id,
        parameters={"track": track.title},
    )
    await announce(db, left, to=await staff_to_notify(db, "oversee", track_id=track.id), now=now)
