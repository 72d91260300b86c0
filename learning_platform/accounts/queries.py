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
# Only here is case ignored: attempts with an unknown name are counted under the name as the database folds it, too.
CREDENTIALS = """
select lower($1) as login, u.id, u.password_hash, u.role, u.blocked_at is not null as is_blocked,
    k.last_used_at as network_used_at
from (select) asked
    left join users u on lower(u.username) = lower($1) or lower(u.email) = lower($1)
    left join known_networks k on k.user_id = u.id and k.network = $2
"""
USERNAME_TAKEN = "select exists (select from users where lower(username) = lower($1))"
# A former address is kept for its user until they can no longer undo the change.
HELD_BY_OTHER = """
select exists (select from users where lower(email) = lower($1) and id is distinct from $2)
    or exists (select from email_changes where lower(old_email) = lower($1) and confirmed_at is not null
        and undone_at is null and undo_until > $3 and user_id is distinct from $2)
"""
SESSION_ALIVE = """
select s.id as session_id, s.created_at, s.expires_at, u.id as user_id, u.username, u.role, u.locale, u.time_zone
from sessions s join users u on u.id = s.user_id
where s.id = $1 and s.revoked_at is null and s.expires_at > $2 and u.blocked_at is null
"""
SESSIONS_OF = """
select id, created_at, expires_at, browser, system from sessions
where user_id = $1 and revoked_at is null and expires_at > $2 order by expires_at desc, id desc limit 100
"""
FRESH_SIGN_IN = timedelta(minutes=15)
REVOKED_SESSIONS = "select id from sessions where revoked_at > $1"
BLOCKED_USERS = "select id from users where blocked_at > $1"


@dataclass(frozen=True, slots=True)
class User:
    """The signed-in user."""

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
    """What is needed to check a sign-in; `id` is None if no user has this name or address.

    `network_used_at`: when the user last signed in from the network of the client, if ever.
    """

    login: str
    id: int | None
    password_hash: str | None
    role: Role | None
    is_blocked: bool
    network_used_at: datetime | None

    @property
    def account(self) -> str:
        """Return the key under which attempts are counted: that of the user, or the unknown name."""
        return f"name {self.login}" if self.id is None else f"user {self.id}"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has neither expired nor ended, and its user."""

    session_id: int
    created_at: datetime
    expires_at: datetime
    user_id: int
    username: str
    role: Role
    locale: Language
    time_zone: str

    @property
    def is_admin(self) -> bool:
        """Say whether the user is an administrator."""
        return self.role == "admin"

    def is_fresh(self, *, now: datetime) -> bool:
        """Say whether the sign-in was so recent that it proves who is there, as a password would."""
        return now - self.created_at <= FRESH_SIGN_IN

    @property
    def actor(self) -> Actor:
        """Return the user as an actor."""
        return Actor(self.user_id, self.is_admin)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is still active."""

    id: int
    created_at: datetime
    expires_at: datetime
    browser: str | None
    system: str | None

    def days_unused(self, *, lifetime: timedelta, now: datetime) -> int:
        """Return the whole days since its last use, at least; its use is stored once a day."""
        return max((now - (self.expires_at - lifetime)).days - 1, 0)


async def signed_in_user(db: Connection, *, user_id: int) -> User:
    """Return the signed-in user. Raises BadToken if the account was deleted."""
    found = await fetch_value(db, User, USER, user_id)
    if found is None:
        raise BadToken
    return found


async def credentials(db: Connection, *, login: str, network: bytes = b"") -> Credentials:
    """Return the credentials of the user with this username or email address, ignoring case."""
    found = await fetch_value(db, Credentials, CREDENTIALS, login, network)
    assert found is not None
    return found


async def ensure_available(db: Connection, *, email: str, username: str, now: datetime) -> None:
    """Check before a password is hashed; what is written decides later. Raises EmailTaken, UsernameTaken."""
    if await is_held_by_other(db, email=email, user_id=None, now=now):
        raise EmailTaken
    if await db.fetchval(USERNAME_TAKEN, username):
        raise UsernameTaken


async def is_held_by_other(db: Connection, *, email: str, user_id: int | None, now: datetime) -> bool:
    """Say whether an address, ignoring case, belongs to another user or did until lately."""
    held: bool = await db.fetchval(HELD_BY_OTHER, email, user_id, now)
    return held


async def live_session(db: Connection, *, session_id: int, now: datetime) -> LiveSession | None:
    """Return the session with its user, or None if it has ended or the user is blocked."""
    return await fetch_value(db, LiveSession, SESSION_ALIVE, session_id, now)


async def sessions_of(db: Connection, *, user_id: int, now: datetime) -> list[Session]:
    """Return at most a hundred sessions of a user, the most recently used first."""
    return await fetch_values(db, Session, SESSIONS_OF, user_id, now)


async def revoked_sessions(db: Connection, *, lifetime: timedelta, now: datetime) -> set[int]:
    """Return the sessions revoked so recently that an access token of theirs may still be valid."""
    return set(await fetch_ids(db, REVOKED_SESSIONS, now - lifetime))


async def blocked_users(db: Connection, *, lifetime: timedelta, now: datetime) -> set[int]:
    """Return the users blocked so recently that an access token of theirs may still be valid; later none is issued."""
    return set(await fetch_ids(db, BLOCKED_USERS, now - lifetime))
