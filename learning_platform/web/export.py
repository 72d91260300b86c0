"""Everything that is kept about one person, room by room."""

from datetime import datetime

from learning_platform.accounts.queries import signed_in_user
from learning_platform.attempts.personal import handed_in_by
from learning_platform.core.database import Connection
from learning_platform.diary.queries import written_by as diary_of
from learning_platform.notifications.queries import messages_to
from learning_platform.reviews.personal import written_by as reviews_by
from learning_platform.tracks.browsing import taking_part_in


async def everything_about(db: Connection, *, user_id: int, now: datetime) -> dict[str, object]:
    """Return one person's data. Raises BadToken if the account is gone."""
    return {
        "user": await signed_in_user(db, user_id=user_id),
        "tracks": await taking_part_in(db, user_id=user_id, now=now),
        "submissions": await handed_in_by(db, user_id=user_id),
        "reviews": await reviews_by(db, user_id=user_id),
        "diary": await diary_of(db, user_id=user_id),
        "notifications": await messages_to(db, user_id=user_id),
    }
