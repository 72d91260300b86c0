"""Notify the staff of a track that a participant has left it."""

from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.permissions import staff_with
from learning_platform.tracks.queries import TrackHead

TAKING_PART = "select user_id from participants where track_id = $1 and user_id = any($2::bigint[])"


async def notify_staff_of_leaver(db: Connection, track: TrackHead, *, user_id: int, now: datetime) -> None:
    """Notify the staff; those who take part learn of it as other participants do (tracks/access.py)."""
    staff = await staff_with(db, "oversee", track_id=track.id)
    taking_part = await fetch_ids(db, TAKING_PART, track.id, staff)
    left = Announcement(
        # A user who declines a place can get one again.
        event=f"participant_left:{track.id}:{user_id}:{now.isoformat()}",
        type="participant_left",
        track_id=track.id,
        parameters={"track": track.title},
    )
    await announce(db, left, to=[id for id in staff if id not in taking_part], now=now)
