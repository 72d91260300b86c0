"""What a user may see of a track: all of it, its results, or neither.

The track's author and administrators oversee it: they see its submissions before the deadline, who reviewed whom, and
everything as it happens, unless they take part in the track themselves. For participants there are no exceptions:
reviews would not be anonymous if an author saw the reviewers of their own submission, and links that are visible before
the deadline could be copied. If the author takes part, an administrator who does not take part acts in their place.

Every view and action of this kind checks access here. Editing and cancelling a track and moving a deadline concern all
participants alike and stay with the author: tracks.rules.ensure_author.
"""

from dataclasses import dataclass

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.core.errors import Forbidden
from learning_platform.core.languages import N_
from learning_platform.tracks.queries import Track
from learning_platform.tracks.rules import NotAParticipant, NotTheAuthor, TrackNotFound

# Users who have left count too, because they have reviewed and their submissions are reviewed.
TRACK_ACCESS = """
select t.author_id = $2 as is_author,
    exists (select from participants p where p.track_id = t.id and p.user_id = $2) as takes_part
from tracks t where t.id = $1
"""


class TakesPart(Forbidden):
    code = "takes_part"
    message = N_("You take part in this track, so you see only what participants see. Ask an administrator for help.")


@dataclass(frozen=True, slots=True)
class TrackAccess:
    """One user on one track."""

    track_id: int
    user_id: int
    is_author: bool
    is_admin: bool
    takes_part: bool

    @property
    def oversees(self) -> bool:
        """Say whether the user sees everything of the track."""
        return (self.is_author or self.is_admin) and not self.takes_part

    def ensure_oversees(self) -> None:
        """Raise NotTheAuthor or TakesPart unless the user sees everything of the track."""
        if not self.oversees:
            raise TakesPart if self.is_author or self.is_admin else NotTheAuthor

    def ensure_sees_results(self) -> None:
        """Raise NotAParticipant unless the user oversees the track or takes part in it."""
        if not (self.oversees or self.takes_part):
            raise NotAParticipant


async def access_to_track(db: Connection, *, track_id: int, actor: Actor) -> TrackAccess:
    """Return what a user may see of a track. Raises TrackNotFound."""
    row = await db.fetchrow(TRACK_ACCESS, track_id, actor.user_id)
    if row is None:
        raise TrackNotFound
    return TrackAccess(track_id, actor.user_id, row["is_author"], actor.is_admin, row["takes_part"])


def access_of_viewer(track: Track, *, actor: Actor) -> TrackAccess:
    """Return what the user for whom a track was read may see of it."""
    return TrackAccess(track.id, actor.user_id, track.is_author, actor.is_admin, track.takes_part)
