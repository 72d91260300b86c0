"""Accept or decline an invitation."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import lock_account_shared
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.people.invitations import ValidInvitation, valid_invitation
from learning_platform.people.rules import InvitationNotFound, InvitedRole, ensure_gains_by
from learning_platform.people.staff import put_staff
from learning_platform.tracks.permissions import role_on
from learning_platform.tracks.queries import TrackHead, lock_track

USE = """
update invitations set uses = uses + 1
where id = $1 and withdrawn_at is null and declined_at is null and expires_at > $2
    and (max_uses is null or uses < max_uses)
returning id
"""
INSERT_USE = """
insert into invitation_uses (invitation_id, user_id, used_at) values ($1, $2, $3)
on conflict (invitation_id, user_id) do nothing returning user_id
"""
DECLINE = "update invitations set declined_at = $2 where id = $1 and uses = 0 and email is not null"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A role on a track that was taken by an invitation, and whether that started the track."""

    track_id: int
    role: InvitedRole
    track_started: bool


async def accept(db: Connection, *, token: str, user_id: int, now: datetime) -> Accepted:
    """Enroll, or join the staff, by an invitation. Users queue at the track's row for the last use of a link.

    Holding the link is enough, because people sign up with other addresses than a list has.
    Raises InvitationNotFound, AlreadyStaff, and what enroll() raises.
    """
    found = await valid_invitation(db, token=token, user_id=user_id, now=now)
    await lock_account_shared(db, user_id=user_id)
    track = await lock_track(db, track_id=found.track_id)
    if found.role == "participant":
        return await _enroll(db, found, user_id=user_id, now=now)
    return await _join_staff(db, track, found, user_id=user_id, now=now)


async def decline(db: Connection, *, token: str, user_id: int, now: datetime) -> None:
    """Decline an invitation by email; that of a link for several people stays. Raises InvitationNotFound."""
    found = await valid_invitation(db, token=token, user_id=user_id, now=now)
    await db.execute(DECLINE, found.id, now)


async def _enroll(db: Connection, found: ValidInvitation, *, user_id: int, now: datetime) -> Accepted:
    # Enrolling refuses a second click as `already_enrolled`, whether or not the link has uses left.
    enrolled = await enroll(db, track_id=found.track_id, user_id=user_id, is_invited=True, now=now)
    await _use(db, found, user_id=user_id, now=now)
    return Accepted(found.track_id, found.role, enrolled.track_started)


async def _join_staff(
    db: Connection, track: TrackHead, found: ValidInvitation, *, user_id: int, now: datetime
) -> Accepted:
    assert found.role != "participant"
    ensure_gains_by(found.role, present=await role_on(db, track=track, user_id=user_id))
    # A member whom the author removed from the staff does not return by the same link.
    if not await _use(db, found, user_id=user_id, now=now):
        raise InvitationNotFound
    await put_staff(db, track_id=track.id, user_id=user_id, role=found.role, now=now)
    return Accepted(found.track_id, found.role, track_started=False)


async def _use(db: Connection, found: ValidInvitation, *, user_id: int, now: datetime) -> bool:
    """Count the first use by a user; return whether it was. Raises InvitationNotFound for a use too many."""
    is_first = await db.fetchval(INSERT_USE, found.id, user_id, now) is not None
    if is_first and await db.fetchval(USE, found.id, now) is None:
        raise InvitationNotFound
    return is_first
