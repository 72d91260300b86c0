"""Read certificates: one by its code, those of a user, those of a track."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from learning_platform.certificates.rules import CertificateNotFound, CertificateRule
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.tracks.access import TrackAccess
from learning_platform.tracks.rules import NotTheAuthor

CERTIFICATE = """
select c.id, c.code, c.track_id, t.title as track_title, t.is_listed, t.started_at, t.finishes_at as finished_at,
    c.user_id, u.username, coalesce(u.display_name, u.username) as name, a.username as author_username,
    coalesce(a.display_name, a.username) as author_name, c.issued_at, c.assignments, c.submitted, c.reviewed,
    c.revoked_at, c.revoke_reason
from certificates c join tracks t on t.id = c.track_id join users u on u.id = c.user_id
    join users a on a.id = t.author_id
"""
BY_CODE = f"{CERTIFICATE} where c.code = $1"
OF_USER = f"{CERTIFICATE} where c.user_id = $1 order by c.issued_at desc, c.id limit $2"
OF_TRACK = f"""
{CERTIFICATE} where c.track_id = $1 and c.id > $2 order by c.id limit $3
"""
RULE = """
select certificate_submissions as submissions, certificate_reviews as reviews from tracks
where id = $1 and certificate_submissions is not null
"""
MAX_OF_USER = 200


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, with the names as they are now."""

    id: int
    code: UUID
    track_id: int
    track_title: str
    is_listed: bool
    started_at: datetime
    finished_at: datetime
    user_id: int
    username: str
    name: str
    author_username: str
    author_name: str
    issued_at: datetime
    assignments: int
    submitted: int
    reviewed: int
    revoked_at: datetime | None
    revoke_reason: str | None

    @property
    def path(self) -> str:
        """Return the path of the page on which the certificate can be verified."""
        return f"/certificates/{self.code}"


async def certificate(db: Connection, *, code: UUID) -> Certificate:
    """Return a certificate, revoked or not. Raises CertificateNotFound."""
    found = await fetch_value(db, Certificate, BY_CODE, code)
    if found is None:
        raise CertificateNotFound
    return found


async def certificates_of(db: Connection, *, user_id: int) -> list[Certificate]:
    """Return a user's certificates, the latest first."""
    return await fetch_values(db, Certificate, OF_USER, user_id, MAX_OF_USER)


async def valid_certificates_of(db: Connection, *, user_id: int) -> list[Certificate]:
    """Return a user's certificates that were not revoked, the latest first."""
    return [each for each in await certificates_of(db, user_id=user_id) if each.revoked_at is None]


async def certificates_on(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[Certificate]:
    """Return the certificates of a track with ids above `after`, by username. Raises NotTheAuthor."""
    if not access.is_staff:
        raise NotTheAuthor
    return await fetch_values(db, Certificate, OF_TRACK, access.track_id, after, limit)


async def rule_of(db: Connection, *, track_id: int) -> CertificateRule | None:
    """Return what earns a certificate on a track, or None where there are none."""
    return await fetch_value(db, CertificateRule, RULE, track_id)
