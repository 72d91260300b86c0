"""What users say of themselves, and to whom it is shown."""

from dataclasses import dataclass
from typing import Literal

from learning_platform.accounts.rules import BadToken
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict

ProfileVisibility = Literal["everyone", "participants", "private"]
MAX_DISPLAY_NAME, MAX_ABOUT = 60, 200
PROFILE = """
select username, display_name, about, profile_visibility as visibility, version from users where id = $1
"""
CHANGE = """
update users set display_name = $2, about = $3, profile_visibility = $4, version = version + 1
where id = $1 and ($5::int[] is null or version = any($5))
returning username, display_name, about, profile_visibility as visibility, version
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user shows of themselves: to all, to those on a track with them, or to no other user."""

    username: str
    display_name: str | None
    about: str
    visibility: ProfileVisibility
    version: int


async def profile_of(db: Connection, *, user_id: int) -> Profile:
    """Return a user's own profile. Raises BadToken if the account was deleted."""
    found = await fetch_value(db, Profile, PROFILE, user_id)
    if found is None:
        raise BadToken
    return found


async def change_profile(
    db: Connection,
    *,
    user_id: int,
    display_name: str | None,
    about: str,
    visibility: ProfileVisibility,
    seen: Seen = None,
) -> Profile:
    """Change what a user shows of themselves. Raises BadToken, VersionConflict."""
    changed = await fetch_value(db, Profile, CHANGE, user_id, display_name or None, about, visibility, seen)
    if changed is not None:
        return changed
    saved = await profile_of(db, user_id=user_id)
    current = {"display_name": saved.display_name, "about": saved.about, "visibility": saved.visibility}
    raise VersionConflict(version=saved.version, current=current)
