"""Decide what earns a certificate; revoke one, and take that back."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from learning_platform.accounts.actor import Actor
from learning_platform.certificates.queries import Certificate, certificate, rule_of
from learning_platform.certificates.rules import AlreadyRevoked, CertificateRule
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import lock_track
from learning_platform.tracks.rules import NotTheAuthor, ensure_not_over

SET_RULE = """
update tracks set certificate_submissions = $2, certificate_reviews = $3,
    certificates_pending = $2::smallint is not null, version = version + 1
where id = $1
"""
REVOKE = """
update certificates set revoked_at = $2, revoked_by = $3, revoke_reason = $4
where id = $1 and revoked_at is null returning id
"""
RESTORE = "update certificates set revoked_at = null, revoked_by = null, revoke_reason = null where id = $1"


async def set_rule(
    db: Connection, *, track_id: int, actor: Actor, rule: CertificateRule | None, seen: Seen = None, now: datetime
) -> None:
    """Decide what earns a certificate on a track that is not over; None for no certificates.

    Raises TrackNotFound, NotTheAuthor, TrackOver, VersionConflict.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "certify", track=track, actor=actor)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    if is_other(track.version, seen=seen):
        saved = await rule_of(db, track_id=track_id)
        raise VersionConflict(version=track.version, current=asdict(saved) if saved else {"issues": False})
    await db.execute(SET_RULE, track_id, rule and rule.submissions, rule and rule.reviews)


async def revoke(db: Connection, *, code: UUID, actor: Actor, reason: str, now: datetime) -> None:
    """Revoke a certificate and notify its holder. Raises CertificateNotFound, NotTheAuthor, AlreadyRevoked."""
    found = await revocable(db, code=code, actor=actor)
    if await db.fetchval(REVOKE, found.id, now, actor.user_id, reason) is None:
        # Meanwhile its holder may have deleted the account, and the certificate with it.
        await certificate(db, code=code)
        raise AlreadyRevoked
    revoked = Announcement(
        event=f"certificate_revoked:{found.id}:{now.isoformat()}",
        type="certificate_revoked",
        track_id=found.track_id,
        parameters={"track": found.track_title},
    )
    await announce(db, revoked, to=[found.user_id], now=now)


async def restore(db: Connection, *, code: UUID, actor: Actor) -> None:
    """Make a revoked certificate valid again. Raises CertificateNotFound, NotTheAuthor."""
    await db.execute(RESTORE, (await revocable(db, code=code, actor=actor)).id)


async def revocable(db: Connection, *, code: UUID, actor: Actor) -> Certificate:
    """Return a certificate of a track that the user runs. Raises CertificateNotFound, NotTheAuthor."""
    found = await certificate(db, code=code)
    access = await access_to_track(db, track_id=found.track_id, actor=actor)
    if not access.may("certify"):
        raise NotTheAuthor
    return found
