"""What time does to accounts: sessions that have expired are forgotten."""

from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.core.sweep import Sweep

SESSIONS_DUE = "select id, expires_at from sessions where expires_at <= $1 order by expires_at limit $2"
SESSIONS_UPCOMING = "select min(expires_at) from sessions where expires_at > $1"
FORGET_SESSION = """
delete from sessions where id in (
    select id from sessions where id = $1 and expires_at <= $2 for update skip locked
) returning id
"""


async def forget_session(db: Connection, session_id: int, now: datetime) -> bool:
    """Delete an expired session and its refresh tokens."""
    return await db.fetchval(FORGET_SESSION, session_id, now) is not None


SWEEPS = (Sweep("sessions", SESSIONS_DUE, SESSIONS_UPCOMING, forget_session),)
