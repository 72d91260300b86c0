"""What a user may see of a track: all of it, its results, or neither.

The track's staff and administrators oversee it: they see its submissions before the deadline, who reviewed whom, and
everything as it happens, unless they take part in the track themselves. For participants there are no exceptions:
reviews would not be anonymous if an author saw the reviewers of their own submission, and links that are visible before
the deadline could be copied. If all staff take part, an administrator who does not take part acts in their place.

Every view and action of this kind checks access here. What concerns all participants alike, such as editing a track or
moving a deadline, staff may do who take part: tracks.permissions.ensure_may.
"""

from dataclasses import dataclass

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.core.errors import Forbidden
from learning_platform.core.languages import N_
from learning_platform.tracks.permissions import Permission, permits
from learning_platform.tracks.queries import Track
from learning_platform.tracks.rules import (
    NotAParticipant,
    NotTheAuthor,
    StaffRole,
    TrackNotFound,
    is_hidden_from_others,
)

# Users who have left count too, because they have reviewed and their submissions are reviewed.
TRACK_ACCESS = """
select case when t.author_id = $2 then 'author'
        else (select f.role from track_staff f where f.track_id = t.id and f.user_id = $2) end as staff_role,
    t.status, t.visibility,
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
    staff_role: StaffRole | None
    is_admin: bool
    takes_part: bool

    @property
    def is_staff(self) -> bool:
        """Say whether the user is an administrator or on the staff of the track."""
        return self.staff_role is not None or self.is_admin

    def may(self, permission: Permission) -> bool:
        """Say whether the user's role allows something that does not depend on taking part."""
        return self.is_admin or permits(self.staff_role, permission)

    @property
    def oversees(self) -> bool:
        """Say whether the user sees everything of the track."""
        return self.is_staff and not self.takes_part

    def ensure_staff(self) -> None:
        """Raise NotTheAuthor unless the user is an administrator or on the staff of the track."""
        if not self.is_staff:
            raise NotTheAuthor

    def ensure_oversees(self) -> None:
        """Raise NotTheAuthor or TakesPart unless the user sees everything of the track."""
        if not self.oversees:
            raise TakesPart if self.is_staff else NotTheAuthor

    def ensure_sees_results(self) -> None:
        """Raise NotAParticipant unless the user oversees the track or takes part in it."""
        if not (self.oversees or self.takes_part):
            raise NotAParticipant


async def access_to_track(db: Connection, *, track_id: int, actor: Actor) -> TrackAccess:
    """Return what a user may see of a track. Raises TrackNotFound, also for a track that they may not know of."""
    row = await db.fetchrow(TRACK_ACCESS, track_id, actor.user_id)
    if row is None:
        raise TrackNotFound
    access = TrackAccess(track_id, actor.user_id, row["staff_role"], actor.is_admin, row["takes_part"])
    is_hidden = is_hidden_from_others(status=row["status"], visibility=row["visibility"])
    if is_hidden and not (access.is_staff or access.takes_part):
        raise TrackNotFound
    return access


def access_of_viewer(track: Track, *, actor: Actor) -> TrackAccess:
    """Return what the user for whom a track was read may see of it."""
    return TrackAccess(track.id, actor.user_id, track.staff_role, actor.is_admin, track.takes_part)
