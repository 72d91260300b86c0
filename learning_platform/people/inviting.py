"""Invite the people of a roster: preview it, then create an invitation for each address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.links import Links
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.core.database import Connection
from learning_platform.people.invitation_mail import queue_emails, token_for
from learning_platform.people.invitations import hash_of
from learning_platform.people.roster import RosterError, read_roster
from learning_platform.people.rules import LINK_LIFETIME
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import lock_track

# Only by confirmed addresses: other addresses may not be theirs.
ENROLLED = """
select lower(u.email) from participants p join users u on u.id = p.user_id
where p.track_id = $1 and p.left_at is null and u.email_confirmed_at is not null and lower(u.email) = any($2::text[])
"""
INVITED = """
select lower(email) from invitations
where track_id = $1 and lower(email) = any($2::text[])
    and (uses > 0 or withdrawn_at is null and declined_at is null and expires_at > $3)
"""
# An invitation that was withdrawn, declined or has expired is renewed.
INVITE = """
insert into invitations (track_id, invited_by, role, token_hash, email, name, max_uses, created_at, expires_at)
select $1, $2, 'participant', r.token_hash, r.email, r.name, 1, $6, $7
from unnest($3::bytea[], $4::text[], $5::text[]) as r (token_hash, email, name)
on conflict (track_id, lower(email)) do update set invited_by = excluded.invited_by, token_hash = excluded.token_hash,
    name = excluded.name, created_at = excluded.created_at, expires_at = excluded.expires_at, withdrawn_at = null,
    declined_at = null, opened_at = null
returning id, email
"""


@dataclass(frozen=True, slots=True)
class Invitee:
    """A person of a roster who is, or is to be, invited; `token` only right after it.

    `emailed`: an email with the invitation is on its way.
    """

    email: str
    name: str | None
    token: str | None = None
    emailed: bool = False


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What becomes of a roster: new invitations, addresses that take part or are invited already, lines with errors."""

    invited: Sequence[Invitee]
    enrolled: Sequence[str]
    pending: Sequence[str]
    errors: Sequence[RosterError]
    duplicates: int


async def preview_roster(db: Connection, *, track_id: int, text: str, actor: Actor, now: datetime) -> RosterReport:
    """Return what inviting the people of a roster would do. Raises TrackNotFound, NotTheAuthor."""
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "invite", track=track, actor=actor)
    roster = read_roster(text)
    emails = [person.email.lower() for person in roster.people]
    enrolled = {row[0] for row in await db.fetch(ENROLLED, track_id, emails)}
    pending = {row[0] for row in await db.fetch(INVITED, track_id, emails, now)} - enrolled
    new = [person for person in roster.people if person.email.lower() not in enrolled | pending]
    invitees = [Invitee(person.email, person.name) for person in new]
    return RosterReport(invitees, sorted(enrolled), sorted(pending), roster.errors, roster.duplicates)


async def invite_roster(
    db: Connection,
    *,
    track_id: int,
    text: str,
    actor: Actor,
    links: Links,
    email_limits: RateLimits | None,
    now: datetime,
) -> RosterReport:
    """Invite the people of a roster, for a month; lines with errors are left out.

    Emails are sent if there are limits for them. Raises as preview_roster, and TooManyEmails.
    Invitations of a track are created one after another: the track is locked.
    """
    report = await preview_roster(db, track_id=track_id, text=text, actor=actor, now=now)
    tokens = [token_for(links, track_id=track_id, email=each.email, created_at=now) for each in report.invited]
    invited = [replace(each, token=token) for each, token in zip(report.invited, tokens, strict=True)]
    rows = await db.fetch(
        INVITE,
        track_id,
        actor.user_id,
        [hash_of(token) for token in tokens],
        [each.email for each in invited],
        [each.name for each in invited],
        now,
        now + LINK_LIFETIME,
    )
    if email_limits is not None:
        emails = {row["id"]: row["email"] for row in rows}
        queued = await queue_emails(db, emails, limits=email_limits, user_id=actor.user_id, now=now)
        emailed = {emails[id] for id in queued}
        invited = [replace(each, emailed=each.email in emailed) for each in invited]
    return replace(report, invited=invited)
