"""Read users and sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.rules import BadToken, EmailTaken, UsernameTaken
from learning_platform.accounts.tokens import Role
from learning_platform.core.database import Connection, fetch_ids, fetch_value, fetch_values
from learning_platform.core.languages import Language

USER = """
select id, email, username, role, locale, time_zone, created_at, version from users where id = $1
"""
# The one place where case is set aside: a name that nobody has is counted as the database reads it, too.
CREDENTIALS = """
select lower($1) as login, u.id, u.password_hash, u.role, u.blocked_at is not null as is_blocked,
    k.last_used_at as network_used_at
from (select) asked
    left join users u on lower(u.username) = lower($1) or lower(u.email) = lower($1)
    left join known_networks k on k.user_id = u.id and k.network = $2
"""
TAKEN = """
select exists (select from users where lower(email) = lower($1)) as is_email_taken,
    exists (select from users where lower(username) = lower($2)) as is_username_taken
"""
SESSION_ALIVE = """
select s.id as session_id, s.expires_at, u.id as user_id, u.username, u.role, u.locale, u.time_zone
from sessions s join users u on u.id = s.user_id
where s.id = $1 and s.revoked_at is null and s.expires_at > $2 and u.blocked_at is null
"""
SESSIONS_OF = """
select id, created_at, expires_at from sessions
where user_id = $1 and revoked_at is null and expires_at > $2 order by expires_at desc, id desc limit 100
"""
REVOKED_SESSIONS = "select id from sessions where revoked_at > $1"
BLOCKED_USERS = "select id from users where blocked_at > $1"


@dataclass(frozen=True, slots=True)
class User:
    """A person, as they see themselves."""

    id: int
    email: str
    username: str
    role: Role
    locale: Language
    time_zone: str
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to check a sign-in; without an `id` nobody has this name or address.

    `network_used_at`: when they last signed in from the network that is asking, if ever.
    """

    login: str
    id: int | None
    password_hash: str | None
    role: Role | None
    is_blocked: bool
    network_used_at: datetime | None

    @property
    def account(self) -> str:
        """Return under what attempts are counted: the user, however they are called, or the unknown name."""
        return f"name {self.login}" if self.id is None else f"user {self.id}"


@dataclass(frozen=True, slots=True)
class _Taken:
    is_email_taken: bool
    is_username_taken: bool


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that is neither over nor ended, and whose it is."""

    session_id: int
    expires_at: datetime
    user_id: int
    username: str
    role: Role
    locale: Language
    time_zone: str

    @property
    def is_admin(self) -> bool:
        """Say whether they may do everything."""
        return self.role == "admin"

    @property
    def actor(self) -> Actor:
        """Return the user as the one who acts."""
        return Actor(self.user_id, self.is_admin)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in that still holds."""

    id: int
    created_at: datetime
    expires_at: datetime

    def days_unused(self, *, lifetime: timedelta, now: datetime) -> int:
        """Return for how many whole days it has not been used at the least: its use is noted once a day."""
        return max((now - (self.expires_at - lifetime)).days - 1, 0)


async def signed_in_user(db: Connection, *, user_id: int) -> User:
    """Return the user who is asking. Raises BadToken if the account is gone."""
    found = await fetch_value(db, User, USER, user_id)
    if found is None:
        raise BadToken
    return found


async def credentials(db: Connection, *, login: str, network: bytes = b"") -> Credentials:
    """Return the credentials of the user who has this username or e-mail address, in any case."""
    found = await fetch_value(db, Credentials, CREDENTIALS, login, network)
    assert found is not None
    return found


async def ensure_available(db: Connection, *, email: str, username: str) -> None:
    """Look before a password is hashed; the unique indexes decide. Raises EmailTaken, UsernameTaken."""
    taken = await fetch_value(db, _Taken, TAKEN, email, username)
    if taken is not None and taken.is_email_taken:
        raise EmailTaken
    if taken is not None and taken.is_username_taken:
        raise UsernameTaken


async def live_session(db: Connection, *, session_id: int, now: datetime) -> LiveSession | None:
    """Return the session with its user, or None if it has ended or the user is blocked."""
    return await fetch_value(db, LiveSession, SESSION_ALIVE, session_id, now)


async def sessions_of(db: Connection, *, user_id: int, now: datetime) -> list[Session]:
    """Return the sessions of a user, the one used last first; at most a hundred."""
    return await fetch_values(db, Session, SESSIONS_OF, user_id, now)


async def revoked_sessions(db: Connection, *, lifetime: timedelta, now: datetime) -> set[int]:
    """Return the sessions revoked so lately that an access token of theirs may still be alive."""
    return set(await fetch_ids(db, REVOKED_SESSIONS, now - lifetime))


async def blocked_users(db: Connection, *, lifetime: timedelta, now: datetime) -> set[int]:
    """Return the users blocked so lately that an access token of theirs may still be alive; none is issued later."""
    return set(await fetch_ids(db, BLOCKED_USERS, now - lifetime))
