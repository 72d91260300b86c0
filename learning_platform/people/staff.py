"""The staff of a track: who they are, add, change and remove a member, leave."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import lock_account_shared
from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.people.rules import AddedRole, NotOnTheStaff, ensure_not_the_author
from learning_platform.people.users import any_user_named, user_named
from learning_platform.tracks.permissions import ensure_may, ensure_may_know_of, role_on
from learning_platform.tracks.queries import TrackHead, lock_track
from learning_platform.tracks.rules import StaffRole

STAFF_OF = """
select u.id as user_id, u.username, s.role, s.added_at from (
    select author_id as user_id, 'author' as role, created_at as added_at from tracks where id = $1
    union all select user_id, role, added_at from track_staff where track_id = $1
) s join users u on u.id = s.user_id
order by array_position(array['author', 'co_author', 'mentor'], s.role), s.added_at, u.id
"""
STAFF_MEMBER = """
select u.id as user_id, u.username, s.role, s.added_at from (
    select author_id as user_id, 'author' as role, created_at as added_at from tracks where id = $1
    union all select user_id, role, added_at from track_staff where track_id = $1
) s join users u on u.id = s.user_id where lower(u.username) = lower($2)
"""
PUT_STAFF = """
insert into track_staff (track_id, user_id, role, added_at) values ($1, $2, $3, $4)
on conflict (track_id, user_id) do update set role = excluded.role
"""
DELETE_STAFF = "delete from track_staff where track_id = $1 and user_id = $2"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A user on the staff of a track."""

    user_id: int
    username: str
    role: StaffRole
    added_at: datetime


async def staff_of(db: Connection, *, track_id: int) -> list[StaffMember]:
    """Return the staff of a track, the author first."""
    return await fetch_values(db, StaffMember, STAFF_OF, track_id)


async def staff_member(db: Connection, *, track_id: int, username: str) -> StaffMember:
    """Return one member of the staff. Raises NotOnTheStaff."""
    found = await fetch_value(db, StaffMember, STAFF_MEMBER, track_id, username)
    if found is None:
        raise NotOnTheStaff
    return found


async def set_staff_role(
    db: Connection, *, track_id: int, username: str, role: AddedRole, actor: Actor, now: datetime
) -> StaffMember:
    """Give a user a role on the staff, or another one, and notify them.

    Raises TrackNotFound, NotTheAuthor, UserNotFound, AuthorOfTrack, and BadToken for an account that is being deleted.
    """
    user = await user_named(db, username=username)
    await lock_account_shared(db, user_id=user.id)
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "manage_staff", track=track, actor=actor)
    present = await role_on(db, track=track, user_id=user.id)
    ensure_not_the_author(present)
    await put_staff(db, track_id=track_id, user_id=user.id, role=role, now=now)
    if present != role and user.id != actor.user_id:
        await _notify(db, track, user_id=user.id, change=role, now=now)
    return await staff_member(db, track_id=track_id, username=user.username)


async def put_staff(db: Connection, *, track_id: int, user_id: int, role: AddedRole, now: datetime) -> None:
    """Store the role of a user on a track that is locked."""
    await db.execute(PUT_STAFF, track_id, user_id, role, now)


async def remove_staff(db: Connection, *, track_id: int, username: str, actor: Actor, now: datetime) -> None:
    """Remove a user from the staff and notify them; anyone may remove themselves.

    Raises TrackNotFound, NotTheAuthor, UserNotFound, NotOnTheStaff, AuthorOfTrack.
    """
    user = await any_user_named(db, username=username)
    track = await lock_track(db, track_id=track_id)
    if user.id == actor.user_id:
        await ensure_may_know_of(db, track=track, user_id=user.id)
    else:
        await ensure_may(db, "manage_staff", track=track, actor=actor)
    present = await role_on(db, track=track, user_id=user.id)
    if present is None:
        raise NotOnTheStaff
    ensure_not_the_author(present)
    await db.execute(DELETE_STAFF, track_id, user.id)
    if user.id != actor.user_id:
        await _notify(db, track, user_id=user.id, change="role_ended", now=now)


async def _notify(db: Connection, track: TrackHead, *, user_id: int, change: str, now: datetime) -> None:
    changed = Announcement(
        event=f"staff_changed:{track.id}:{user_id}:{change}:{now.timestamp()}",
        type="staff_changed",
        track_id=track.id,
        parameters={"track": track.title, change: "yes"},
    )
    await announce(db, changed, to=[user_id], now=now)
