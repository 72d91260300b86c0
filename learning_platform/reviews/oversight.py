"""Who oversees a track: sees its submissions before the deadline, who reviewed whom, and everything as it happens.

The track's author and administrators do, unless they take part in the track themselves. For participants the veil
holds without exception: somebody who sees who reviewed them would not be reviewed blind, and somebody who sees others'
links before the deadline could copy. On such a track an administrator who does not take part acts in their place.

Every view and action of this kind asks here. What concerns everybody alike (editing and cancelling a track, moving a
deadline) stays with the author: tracks.rules.ensure_author.
"""

from dataclasses import dataclass

from learning_platform.core.database import Connection
from learning_platform.core.errors import Forbidden
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import NotTheAuthor, TrackNotFound

# Also people who have left: their work is reviewed, and they have reviewed.
STANDING = """
select t.author_id = $2 as is_author,
    exists (select from participants p where p.track_id = t.id and p.user_id = $2) as takes_part
from tracks t where t.id = $1
"""


class TakesPart(Forbidden):
    code = "takes_part"
    message = N_("You take part in this track, so you see of it what participants see. An administrator can help.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is on a track."""

    is_author: bool
    is_admin: bool
    takes_part: bool

    @property
    def oversees(self) -> bool:
        """Say whether they see everything of the track."""
        return (self.is_author or self.is_admin) and not self.takes_part


async def standing_on(db: Connection, *, track_id: int, user_id: int, is_admin: bool) -> Standing:
    """Return what a user is on a track. Raises TrackNotFound."""
    row = await db.fetchrow(STANDING, track_id, user_id)
    if row is None:
        raise TrackNotFound
    return Standing(row["is_author"], is_admin, row["takes_part"])


async def ensure_oversees(db: Connection, *, track_id: int, user_id: int, is_admin: bool) -> None:
    """Raise TrackNotFound, NotTheAuthor, or TakesPart unless the user oversees the track."""
    standing = await standing_on(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    if standing.oversees:
        return
    raise TakesPart if standing.is_author or standing.is_admin else NotTheAuthor
