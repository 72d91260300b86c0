"""Invitations to a track: create links, list, withdraw, and what an invited person sees.

A token is shown once, when its link is created; only its hash is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.notifications.mail import queue as mail
from learning_platform.people.rules import (
    LINK_LIFETIME,
    MAX_OPEN_LINKS,
    InvitationNotFound,
    InvitedRole,
    TooManyInvitations,
    ensure_end,
)
from learning_platform.tracks.permissions import Permission, ensure_may
from learning_platform.tracks.queries import VISITOR, Track, TrackHead, lock_track, track_for_invited, track_head

# Of the last email with the invitation; `unknown`: the mail server has not answered whether it accepted it.
Delivery = Literal["waiting", "unknown", "sent", "failed", "not_sent"]
InvitationState = Literal["open", "used_up", "accepted", "declined", "withdrawn", "expired"]
# Files that contain a token are recognised by its beginning.
PREFIX = "lpi_"
INSERT_INVITATION = """
insert into invitations (track_id, invited_by, role, token_hash, max_uses, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7) returning id
"""
COUNT_OPEN_LINKS = """
select count(*) from invitations
where track_id = $1 and email is null and withdrawn_at is null and expires_at > $2
    and (max_uses is null or uses < max_uses)
"""
INVITATIONS = """
select i.id, i.track_id, i.role, i.email, i.name, i.max_uses, i.uses, i.created_at, i.expires_at,
    u.username as invited_by,
    case when i.withdrawn_at is not null then 'withdrawn' when i.declined_at is not null then 'declined'
        when i.uses >= i.max_uses then case when i.email is null then 'used_up' else 'accepted' end
        when i.expires_at <= $4 then 'expired' else 'open' end as state, i.opened_at,
    (select case e.state when 'sending' then 'unknown' when 'skipped' then 'not_sent' else e.state end
        from emails e where e.invitation_id = i.id order by e.id desc limit 1) as delivery,
    array(select v.username from invitation_uses s join users v on v.id = s.user_id
        where s.invitation_id = i.id order by s.used_at desc, v.id limit 5) as accepted_by
from invitations i join users u on u.id = i.invited_by
where i.track_id = $1 and i.id > $2 and ($5::bigint is null or i.id = $5)
order by i.id limit $3
"""
VALID = """
select id, track_id, role, email, expires_at, opened_at is not null as is_opened, invited_by from invitations
where token_hash = $1 and withdrawn_at is null and declined_at is null and expires_at > $2
    and (max_uses is null or uses < max_uses)
"""
# A person who accepted comes back to the track by the same link.
ACCEPTED = """
select i.id, i.track_id, i.role, i.email, i.expires_at, i.opened_at is not null as is_opened, i.invited_by
from invitations i join invitation_uses s on s.invitation_id = i.id
where i.token_hash = $1 and s.user_id = $2 and i.withdrawn_at is null and i.expires_at > $3
"""
TRACK_OF_INVITATION = "select track_id from invitations where id = $1"
ROLE_OF_INVITATION = "select role from invitations where id = $1"
NOTE_OPENED = "update invitations set opened_at = $2 where id = $1 and opened_at is null"
WITHDRAW = "update invitations set withdrawn_at = $2 where id = $1 and withdrawn_at is null"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as the staff sees it; `accepted_by` are the last five users."""

    id: int
    track_id: int
    role: InvitedRole
    email: str | None
    name: str | None
    max_uses: int | None
    uses: int
    created_at: datetime
    expires_at: datetime
    invited_by: str
    state: InvitationState
    opened_at: datetime | None
    delivery: Delivery | None
    accepted_by: list[str]


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation that was just created, with its token."""

    id: int
    role: InvitedRole
    max_uses: int | None
    uses: int
    created_at: datetime
    expires_at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class ValidInvitation:
    """An invitation that can be accepted."""

    id: int
    track_id: int
    role: InvitedRole
    email: str | None
    expires_at: datetime
    is_opened: bool
    invited_by: int


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invited person sees: the track, the role, and until when the invitation can be accepted.

    `is_personal`: it was sent to one person, who can decline it. `newly_opened_id`: its id, if it is to be noted that
    this person has opened it.
    """

    track: Track
    role: InvitedRole
    expires_at: datetime
    is_personal: bool
    newly_opened_id: int | None


async def create_link(
    db: Connection,
    *,
    track_id: int,
    role: InvitedRole,
    max_uses: int | None,
    expires_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> NewInvitation:
    """Create an invitation link, for a month unless its end is given.

    Raises TrackNotFound, NotTheAuthor, InvitationExpiry, TooManyInvitations.
    """
    ends_at = expires_at or now + LINK_LIFETIME
    ensure_end(ends_at, now=now)
    # Links of a track are created one after another, so that they can be counted.
    track = await lock_track(db, track_id=track_id)
    await ensure_may_invite(db, track=track, role=role, actor=actor)
    if await db.fetchval(COUNT_OPEN_LINKS, track_id, now) >= MAX_OPEN_LINKS:
        raise TooManyInvitations(limit=MAX_OPEN_LINKS)
    token = new_token()
    row = (track_id, actor.user_id, role, hash_of(token), max_uses, now, ends_at)
    return NewInvitation(await db.fetchval(INSERT_INVITATION, *row), role, max_uses, 0, now, ends_at, token)


async def ensure_may_invite(db: Connection, *, track: TrackHead, role: InvitedRole, actor: Actor) -> None:
    """Raise TrackNotFound or NotTheAuthor unless the user may invite others to this role."""
    permission: Permission = "invite" if role == "participant" else "manage_staff"
    await ensure_may(db, permission, track=track, actor=actor)


async def invitations(
    db: Connection, *, track_id: int, actor: Actor, after: int, limit: int, now: datetime
) -> list[Invitation]:
    """Return the invitations to a track, by id. Raises TrackNotFound, NotTheAuthor."""
    await ensure_may(db, "invite", track=await track_head(db, track_id=track_id, now=now), actor=actor)
    return await fetch_values(db, Invitation, INVITATIONS, track_id, after, limit, now, None)


async def withdraw(db: Connection, *, invitation_id: int, actor: Actor, now: datetime) -> int:
    """Withdraw an invitation; return its track. Raises InvitationNotFound, TrackNotFound, NotTheAuthor."""
    track_id, role = await found_invitation(db, invitation_id=invitation_id)
    await ensure_may_invite(db, track=await track_head(db, track_id=track_id, now=now), role=role, actor=actor)
    await db.execute(WITHDRAW, invitation_id, now)
    await mail.cancel_invitation(db, invitation_id=invitation_id)
    return track_id


async def found_invitation(db: Connection, *, invitation_id: int) -> tuple[int, InvitedRole]:
    """Return the track and the role of an invitation. Raises InvitationNotFound."""
    track_id = await db.fetchval(TRACK_OF_INVITATION, invitation_id)
    if track_id is None:
        raise InvitationNotFound
    return track_id, await db.fetchval(ROLE_OF_INVITATION, invitation_id)


async def invited(db: Connection, *, token: str, viewer: Actor, now: datetime) -> Invited:
    """Return what an invitation leads to; a user who accepted it sees it on. Raises InvitationNotFound."""
    found = await valid_invitation(db, token=token, now=now, user_id=viewer.user_id)
    track = await track_for_invited(db, track_id=found.track_id, viewer=viewer, now=now)
    is_personal = found.email is not None
    # Programs that look through mail open its links; they have no session here.
    is_by_invited = viewer.user_id not in {VISITOR.user_id, found.invited_by}
    is_first = is_personal and not found.is_opened and is_by_invited
    return Invited(track, found.role, found.expires_at, is_personal, found.id if is_first else None)


async def valid_invitation(db: Connection, *, token: str, user_id: int, now: datetime) -> ValidInvitation:
    """Return the invitation with this token, if it can be accepted or the user did. Raises InvitationNotFound."""
    token_hash = hash_of(token)
    found = await fetch_value(db, ValidInvitation, VALID, token_hash, now)
    found = found or await fetch_value(db, ValidInvitation, ACCEPTED, token_hash, user_id, now)
    if found is None:
        raise InvitationNotFound
    return found


async def note_opened(db: Connection, *, invitation_id: int, now: datetime) -> None:
    """Store that the page of an invitation by email was opened, the first time."""
    await db.execute(NOTE_OPENED, invitation_id, now)


def new_token() -> str:
    """Return a new secret token."""
    return PREFIX + secrets.token_urlsafe(24)


def hash_of(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
