"""What staff do about deadlines of single participants."""

from collections.abc import Sequence
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts import extensions
from learning_platform.attempts.extensions import Extension
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen
from learning_platform.tracks.access import TrackAccess, access_to_track
from learning_platform.tracks.queries import lock_track_of

# Names that begin with what was typed come first.
NAMES = """
select u.username from participants p join users u on u.id = p.user_id
where p.track_id = $1 and p.left_at is null and position(lower($2::text) in lower(u.username)) > 0
order by position(lower($2) in lower(u.username)) > 1, lower(u.username) limit $3
"""
HAS_CLAIMED = "select exists (select from claims where assignment_id = $1 and reviewer_id = $2)"


async def names_like(db: Connection, access: TrackAccess, *, part: str, limit: int) -> Sequence[str]:
    """Return the usernames of participants that contain `part`. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return [row[0] for row in await db.fetch(NAMES, access.track_id, part.strip(), limit)]


async def grant_extension(
    db: Connection,
    *,
    assignment_id: int,
    username: str,
    due_at: datetime,
    reason: str,
    actor: Actor,
    seen: Seen = None,
    now: datetime,
) -> Extension:
    """Give one participant until `due_at` if `granted_by` oversees the track; nothing they were given to review yet.

    Raises AssignmentNotFound, NotTheAuthor, TakesPart, TrackOver, CalendarOpen, ParticipantNotFound, TrackLeft,
    NotExtendable, ExtensionOutOfRange, VersionConflict.
    """
    track = await lock_track_of(db, assignment_id=assignment_id)
    access = await access_to_track(db, track_id=track.id, actor=actor)
    access.ensure_oversees()
    return await extensions.grant_extension(
        db,
        assignment_id=assignment_id,
        username=username,
        due_at=due_at,
        reason=reason,
        granted_by=actor.user_id,
        has_claimed=_has_claimed,
        seen=seen,
        now=now,
    )


async def _has_claimed(db: Connection, assignment_id: int, user_id: int) -> bool:
    found: bool = await db.fetchval(HAS_CLAIMED, assignment_id, user_id)
    return found
