"""Invitations by email: which are sent, within limits, and what the mail worker finds of one when its turn comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.links import Links
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.rules import TooManyEmails, inbox_of
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.languages import Language
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.mail.invitation_texts import InvitedByEmail
from learning_platform.people.invitations import PREFIX, ensure_may_invite, found_invitation, hash_of
from learning_platform.people.rules import LINK_LIFETIME, InvitationNotFound, NotByEmail
from learning_platform.tracks.queries import lock_track
from learning_platform.tracks.rules import TrackNotFound

# In the language of the person where it is known, or that of the user who invites.
PENDING = """
select i.id, i.track_id, i.email, i.name, i.created_at, i.expires_at, t.title as track, u.username as inviter,
    coalesce(v.locale, u.locale) as locale
from invitations i join tracks t on t.id = i.track_id join users u on u.id = i.invited_by
    left join users v on lower(v.email) = lower(i.email) and v.email_confirmed_at is not null
where i.id = $1 and i.withdrawn_at is null and i.declined_at is null and i.uses = 0 and i.expires_at > $2
    and u.blocked_at is null and v.blocked_at is null and v.email_refused_at is null
    and t.status in ('draft', 'enrolling')
"""
# The hash is another one if the secret key of the site has changed, or from before invitations were sent by email.
KEEP_TOKEN = "update invitations set token_hash = $2 where id = $1 and token_hash <> $2"
EXTEND = """
update invitations set expires_at = $2
where id = $1 and email is not null and uses = 0 and withdrawn_at is null and declined_at is null returning email
"""


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """An invitation by email that can be accepted."""

    id: int
    track_id: int
    email: str
    name: str | None
    created_at: datetime
    expires_at: datetime
    track: str
    inviter: str
    locale: Language


def token_for(links: Links, *, track_id: int, email: str, created_at: datetime) -> str:
    """Return the secret token of an invitation by email; it is not stored, and can be sent again."""
    about = f"invitation {track_id} {email.lower()} {created_at.astimezone(UTC).isoformat()}"
    return PREFIX + links.secret_of(about)


async def queue_emails(
    db: Connection, invited: Mapping[int, str], *, limits: RateLimits, user_id: int, now: datetime
) -> set[int]:
    """Queue emails to new invitations (by id: the address); return to which. One inbox gets few of all tracks together.

    Raises TooManyEmails if the user has invited too many people.
    """
    by_inbox = {inbox_of(email): invitation_id for invitation_id, email in reversed(list(invited.items()))}
    free = await limits.use_each(db, "invitations_address", list(by_inbox), now=now)
    ids = {invitation_id for inbox, invitation_id in by_inbox.items() if inbox in free}
    if ids:
        whose = f"user {user_id}"
        await limits.use(db, "invitations", whose, times=len(ids), now=now, refusal=TooManyEmails)
        await mail.queue_invitations(db, invitation_ids=sorted(ids), now=now)
    return ids


async def resend(db: Connection, *, invitation_id: int, limits: RateLimits, actor: Actor, now: datetime) -> int:
    """Send an invitation by email again, valid for another month; return its track.

    Raises InvitationNotFound, TrackNotFound, NotTheAuthor, NotByEmail, TooManyEmails.
    """
    track_id = await _lock_invitation(db, invitation_id=invitation_id, actor=actor)
    email = await db.fetchval(EXTEND, invitation_id, now + LINK_LIFETIME)
    if email is None:
        # An old one may have been deleted meanwhile.
        await found_invitation(db, invitation_id=invitation_id)
        raise NotByEmail
    await limits.use(db, "invitations_address", inbox_of(email), now=now, refusal=TooManyEmails)
    await limits.use(db, "invitations", f"user {actor.user_id}", now=now, refusal=TooManyEmails)
    await mail.queue_invitations(db, invitation_ids=[invitation_id], now=now)
    return track_id


async def _lock_invitation(db: Connection, *, invitation_id: int, actor: Actor) -> int:
    """Lock the track of an invitation, as for every other invitation to it, so that two clicks send one email."""
    track_id, role = await found_invitation(db, invitation_id=invitation_id)
    try:
        track = await lock_track(db, track_id=track_id)
    except TrackNotFound as refusal:
        raise InvitationNotFound from refusal
    await ensure_may_invite(db, track=track, role=role, actor=actor)
    return track_id


async def find_invitation(db: Connection, invitation_id: int, links: Links, now: datetime) -> InvitedByEmail | None:
    """Return what an email says of an invitation, or None if it cannot be accepted any more."""
    found = await fetch_value(db, PendingInvitation, PENDING, invitation_id, now)
    if found is None:
        return None
    token = token_for(links, track_id=found.track_id, email=found.email, created_at=found.created_at)
    await db.execute(KEEP_TOKEN, found.id, hash_of(token))
    return InvitedByEmail(
        found.email, found.name, found.locale, found.track, found.inviter, token, expires_at=found.expires_at
    )
