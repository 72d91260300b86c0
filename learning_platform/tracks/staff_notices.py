"""Which staff of a track are notified when there is something for them to look at."""

from collections.abc import Sequence

from learning_platform.core.database import Connection, fetch_ids
from learning_platform.tracks.permissions import Permission, staff_with

TAKING_PART = "select user_id as id from participants where track_id = $1 and user_id = any($2::bigint[])"


async def staff_to_notify(db: Connection, permission: Permission, *, track_id: int) -> Sequence[int]:
    """Return the staff who may do something about it; those who take part see only what participants see."""
    staff = await staff_with(db, permission, track_id=track_id)
    taking_part = await fetch_ids(db, TAKING_PART, track_id, staff)
    return [user_id for user_id in staff if user_id not in taking_part]
