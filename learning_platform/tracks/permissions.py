"""Roles of a track's staff, and what each may do. docs/rules.md has the same table for people; a test compares them.

Administrators may do everything on every track. Participants are no staff: what staff who take part in a track may see
of it is decided by tracks.access.
"""

from collections.abc import Sequence
from typing import Literal, get_args

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.tracks.queries import TrackHead, participation
from learning_platform.tracks.rules import NotTheAuthor, StaffRole, TrackNotFound, is_hidden_from_others

Permission = Literal[
    "see",
    "oversee",
    "settle",
    "moderate",
    "grant_extensions",
    "move_deadlines",
    "edit",
    "publish",
    "start",
    "invite",
    "remove_participants",
    "copy",
    "certify",
    "cancel",
    "delete",
    "manage_staff",
    "hand_over",
]
OF_MENTORS: frozenset[Permission] = frozenset({"see", "oversee", "settle", "moderate", "grant_extensions"})
ONLY_OF_AUTHORS: frozenset[Permission] = frozenset({"delete", "manage_staff", "hand_over"})
PERMISSIONS: dict[StaffRole, frozenset[Permission]] = {
    "author": frozenset(get_args(Permission)),
    "co_author": frozenset(get_args(Permission)) - ONLY_OF_AUTHORS,
    "mentor": OF_MENTORS,
}
STAFF_ROLE = "select role from track_staff where track_id = $1 and user_id = $2"
STAFF = """
select author_id as id from tracks where id = $1
union select user_id from track_staff where track_id = $1 and role = any($2::text[])
"""


def permits(role: StaffRole | None, permission: Permission) -> bool:
    """Say whether a role allows something; None is the role of users who are not staff."""
    return role is not None and permission in PERMISSIONS[role]


async def ensure_may(db: Connection, permission: Permission, *, track: TrackHead, actor: Actor) -> None:
    """Raise NotTheAuthor unless the user's role on a track allows this; TrackNotFound if they may not even see it."""
    if actor.is_admin:
        return
    role = await role_on(db, track=track, user_id=actor.user_id)
    if role is None and is_hidden_from_others(status=track.status, visibility=track.visibility):
        raise TrackNotFound
    if not permits(role, permission):
        raise NotTheAuthor


async def ensure_may_know_of(db: Connection, *, track: TrackHead, user_id: int) -> None:
    """Raise TrackNotFound if only staff and participants may know of the track, and the user is neither."""
    if not is_hidden_from_others(status=track.status, visibility=track.visibility):
        return
    is_known = await role_on(db, track=track, user_id=user_id) is not None
    if not is_known and await participation(db, track_id=track.id, user_id=user_id) == "none":
        raise TrackNotFound


async def role_on(db: Connection, *, track: TrackHead, user_id: int) -> StaffRole | None:
    """Return the role of a user among the staff of a track, or None."""
    if track.author_id == user_id:
        return "author"
    role: StaffRole | None = await db.fetchval(STAFF_ROLE, track.id, user_id)
    return role


async def staff_with(db: Connection, permission: Permission, *, track_id: int) -> Sequence[int]:
    """Return the ids of a track's staff whose roles allow something: the author is always one of them."""
    roles = [role for role, allowed in PERMISSIONS.items() if permission in allowed]
    return await fetch_ids(db, STAFF, track_id, roles)
