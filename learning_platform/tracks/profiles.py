"""What users show of themselves: a name, a line about them, the tracks they created."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.profiles import ProfileVisibility
from learning_platform.accounts.rules import ProfileNotFound
from learning_platform.core.database import Connection, fetch_ids, fetch_value, fetch_values
from learning_platform.tracks.queries import TRACKS, Track

# A deleted account has a space in its username.
PROFILE = """
select id, username, display_name, about, profile_visibility as visibility, created_at from users
where lower(username) = lower($1) and blocked_at is null and username !~ ' '
"""
SHARES_A_TRACK = """
select exists (select from track_ids_of($1) as mine where mine in (select * from track_ids_of($2)))
"""
CREATED_IDS = "select id from tracks where author_id = $1 and is_listed order by id desc limit $2"
MAX_TRACKS = 20


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """A user as others see them."""

    id: int
    username: str
    display_name: str | None
    about: str
    visibility: ProfileVisibility
    created_at: datetime

    @property
    def name(self) -> str:
        """Return the name by which the user wants to be called."""
        return self.display_name or self.username


async def public_profile(db: Connection, *, username: str, viewer: Actor) -> PublicProfile:
    """Return the profile of a user. Raises ProfileNotFound, also if they do not show it to the viewer."""
    found = await fetch_value(db, PublicProfile, PROFILE, username)
    if found is None or not await _is_shown(db, found, viewer=viewer):
        raise ProfileNotFound
    return found


async def created_tracks(db: Connection, *, user_id: int, viewer: Actor, now: datetime) -> list[Track]:
    """Return the listed tracks a user created, the newest first."""
    ids = await fetch_ids(db, CREATED_IDS, user_id, MAX_TRACKS)
    found = await fetch_values(db, Track, TRACKS, viewer.user_id, ids, now)
    return sorted(found, key=lambda track: track.id, reverse=True)


async def _is_shown(db: Connection, profile: PublicProfile, *, viewer: Actor) -> bool:
    if profile.visibility == "everyone" or viewer.is_admin or viewer.user_id == profile.id:
        return True
    if profile.visibility == "private":
        return False
    return bool(await db.fetchval(SHARES_A_TRACK, viewer.user_id, profile.id))
