"""Register users, open, refresh and end sessions, change accounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import asyncpg

from learning_platform.accounts.queries import User, signed_in_user
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.rules import (
    FORMER_PARTICIPANT,
    BadRefreshToken,
    BadToken,
    EmailTaken,
    RefreshTokenReused,
    UsernameTaken,
    WrongCredentials,
    WrongPassword,
    ensure_time_zone,
)
from learning_platform.accounts.tokens import AccessTokens, Role, hash_of, new_refresh_token
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.languages import Language
from learning_platform.core.notifier import notify
from learning_platform.core.versions import Seen, VersionConflict

DEFAULT_MAX_SESSIONS = 50
INSERT_USER = """
insert into users (email, username, password_hash, locale, created_at) values ($1, $2, $3, $4, $5)
returning id, email, username, role, locale, time_zone, created_at, version
"""
UPDATE_PROFILE = """
update users set locale = coalesce($2, locale), time_zone = coalesce($3, time_zone), version = version + 1
where id = $1 and ($4::int[] is null or version = any($4))
returning id, email, username, role, locale, time_zone, created_at, version
"""
SET_ROLE = "update users set role = $2 where lower(username) = lower($1) returning id"
# This lock is compatible with itself and with foreign keys, but not with a change of the account: it waits until the
# account has been blocked, deleted or given another password, and then sees the result.
LOCK_ACCOUNT_SHARED = "select id from users where id = $1 and blocked_at is null for share"
LOCK_ACCOUNT = "select password_hash from users where id = $1 for no key update"
# Hashing takes time, so the password was checked a while ago, against $4. Sign-ins of one user queue here, so that each
# counts the sessions of those before it.
INSERT_SESSION = """
with holder as (
    select id, role from users where id = $1 and blocked_at is null and password_hash = coalesce($4, password_hash)
    for no key update
), session as (
    insert into sessions (user_id, created_at, expires_at) select id, $2, $3 from holder returning id
)
select session.id, holder.role from session, holder
"""
# The sessions beyond the maximum number end, those used longest ago first.
END_OLDEST_SESSIONS = """
update sessions set revoked_at = $2 where id in (
    select id from sessions where user_id = $1 and revoked_at is null and expires_at > $2
    order by expires_at desc, id desc offset $3)
returning id
"""
INSERT_REFRESH_TOKEN = "insert into refresh_tokens (token_hash, session_id, created_at) values ($1, $2, $3)"
# The token is locked together with its session, so that of two simultaneous uses one counts as a theft.
LOCK_REFRESH_TOKEN = """
select t.used_at, s.id as session_id, s.user_id, s.expires_at, s.revoked_at, u.role, u.blocked_at
from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
where t.token_hash = $1 for update of t, s
"""
MARK_USED = "update refresh_tokens set used_at = $2 where token_hash = $1"
EXTEND_SESSION = "update sessions set expires_at = $2 where id = $1"
REVOKE_SESSION = "update sessions set revoked_at = $2 where id = $1 and revoked_at is null"
REVOKE_OTHER_SESSIONS = """
update sessions set revoked_at = $3 where user_id = $1 and id <> $2 and revoked_at is null
"""
SET_PASSWORD = "update users set password_hash = $2 where id = $1 and password_hash = $3 returning id"
# Registered names have no spaces, so this name is unique.
ANONYMIZE_USER = """
update users set username = $2 || ' ' || id, email = $2 || ' ' || id, password_hash = $3, time_zone = 'UTC',
    blocked_at = $4, email_confirmed_at = null, feed_key = null
where id = $1
"""
# As LOCK_ACCOUNT_SHARED, so that nothing is stored for an account that was deleted in the meantime.
REMEMBER_NETWORK = """
with holder as (select id from users where id = $1 and blocked_at is null for share)
insert into known_networks (user_id, network, last_used_at) select id, $2, $3 from holder
on conflict (user_id, network) do update set last_used_at = excluded.last_used_at
"""
DELETE_KNOWN_NETWORKS = "delete from known_networks where user_id = $1"
REVOKE_SESSIONS_OF = "update sessions set revoked_at = $2 where user_id = $1 and revoked_at is null"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Tokens of a session; `expires_in` is the remaining lifetime of the access token in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: Literal["bearer"] = "bearer"


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A new session, and the role of its user."""

    id: int
    role: Role


@dataclass(frozen=True, slots=True)
class _StoredToken:
    used_at: datetime | None
    session_id: int
    user_id: int
    expires_at: datetime
    revoked_at: datetime | None
    role: Role
    blocked_at: datetime | None


async def register(
    db: Connection, *, email: str, username: str, password_hash: str, locale: Language, now: datetime
) -> User:
    """Create an account. Raises EmailTaken, UsernameTaken."""
    try:
        async with db.transaction():
            created = await fetch_value(db, User, INSERT_USER, email, username, password_hash, locale, now)
    except asyncpg.UniqueViolationError as error:
        raise (EmailTaken if error.constraint_name == "uq_users_email" else UsernameTaken) from error
    assert created is not None
    return created


async def edit_profile(
    db: Connection, *, user_id: int, locale: Language | None, time_zone: str | None, seen: Seen = None
) -> User:
    """Change the language or the time zone; None keeps the value.

    Raises UnknownTimeZone, BadToken, VersionConflict.
    """
    if time_zone is not None:
        ensure_time_zone(time_zone)
    changed = await fetch_value(db, User, UPDATE_PROFILE, user_id, locale, time_zone, seen)
    if changed is not None:
        return changed
    found = await signed_in_user(db, user_id=user_id)
    raise VersionConflict(version=found.version, current={"locale": found.locale, "time_zone": found.time_zone})


async def set_role(db: Connection, *, username: str, role: Role, now: datetime) -> bool:
    """Set a role and end the sessions, because tokens contain the role. Return False if the user does not exist."""
    user_id = await db.fetchval(SET_ROLE, username, role)
    if user_id is None:
        return False
    await revoke_all_sessions(db, user_id=user_id, now=now)
    return True


async def lock_account_shared(db: Connection, *, user_id: int) -> None:
    """Lock an account so that it cannot be blocked or deleted meanwhile. Raises BadToken if it has been.

    This is the first lock in the order of locks.
    """
    if await db.fetchval(LOCK_ACCOUNT_SHARED, user_id) is None:
        raise BadToken


async def open_session(
    db: Connection,
    *,
    user_id: int,
    checked_hash: str | None = None,
    tokens: AccessTokens,
    refresh_lifetime: timedelta,
    most_sessions: int = DEFAULT_MAX_SESSIONS,
    now: datetime,
) -> TokenPair:
    """Start a session, as a sign-in does. Raises as start_session."""
    started = await start_session(
        db, user_id=user_id, checked_hash=checked_hash, lifetime=refresh_lifetime, most=most_sessions, now=now
    )
    return await _issue_pair(db, session_id=started.id, user_id=user_id, role=started.role, tokens=tokens, now=now)


async def start_session(
    db: Connection,
    *,
    user_id: int,
    checked_hash: str | None = None,
    lifetime: timedelta,
    most: int = DEFAULT_MAX_SESSIONS,
    now: datetime,
) -> StartedSession:
    """Start a session without tokens, for a browser; end the oldest beyond the maximum number.

    Raises WrongCredentials if the account has been blocked since, or has another password than the one whose hash is
    `checked_hash`.
    """
    started = await fetch_value(db, StartedSession, INSERT_SESSION, user_id, now, now + lifetime, checked_hash)
    if started is None:
        raise WrongCredentials
    if await db.fetch(END_OLDEST_SESSIONS, user_id, now, most):
        await notify(db, "revoked")
    return started


async def prolong_session(db: Connection, *, session_id: int, lifetime: timedelta, now: datetime) -> None:
    """Extend a session that is in use."""
    await db.execute(EXTEND_SESSION, session_id, now + lifetime)


async def refresh_session(
    db: Connection,
    *,
    refresh_token: str,
    tokens: AccessTokens,
    refresh_lifetime: timedelta,
    limits: RateLimits,
    now: datetime,
) -> TokenPair:
    """Exchange a refresh token for a pair; each works once (RFC 9700, section 4.14.2).

    Raises BadRefreshToken, TooManyActions; RefreshTokenReused at the second use, after revoking the session.
    """
    token_hash = hash_of(refresh_token)
    stored = await fetch_value(db, _StoredToken, LOCK_REFRESH_TOKEN, token_hash)
    if stored is None or stored.revoked_at is not None or stored.blocked_at is not None or stored.expires_at <= now:
        raise BadRefreshToken
    if stored.used_at is not None:
        await revoke_session(db, session_id=stored.session_id, now=now)
        raise RefreshTokenReused(session_id=stored.session_id)
    await limits.use(db, "refreshes", f"session {stored.session_id}", now=now)
    await db.execute(MARK_USED, token_hash, now)
    await db.execute(EXTEND_SESSION, stored.session_id, now + refresh_lifetime)
    return await _issue_pair(
        db, session_id=stored.session_id, user_id=stored.user_id, role=stored.role, tokens=tokens, now=now
    )


async def remember_network(db: Connection, *, user_id: int, network: bytes, now: datetime) -> None:
    """Remember that a user signs in from a network, where failed attempts from elsewhere do not lock them out."""
    await db.execute(REMEMBER_NETWORK, user_id, network, now)


async def revoke_session(db: Connection, *, session_id: int, now: datetime) -> None:
    """End a session; all processes are notified at commit."""
    await db.execute(REVOKE_SESSION, session_id, now)
    await notify(db, "revoked")


async def revoke_all_sessions(db: Connection, *, user_id: int, now: datetime) -> None:
    """End every session of a user."""
    await db.execute(REVOKE_SESSIONS_OF, user_id, now)
    await notify(db, "revoked")


async def change_password(
    db: Connection, *, user_id: int, password_hash: str, checked_hash: str, except_session_id: int, now: datetime
) -> None:
    """Replace the password and end all sessions but one, because the old password may be known to others.

    Raises WrongPassword if it is no longer the one whose hash is `checked_hash`.
    """
    if await db.fetchval(SET_PASSWORD, user_id, password_hash, checked_hash) is None:
        raise WrongPassword(loc=("body", "password"))
    await revoke_other_sessions(db, user_id=user_id, except_session_id=except_session_id, now=now)


async def revoke_other_sessions(db: Connection, *, user_id: int, except_session_id: int, now: datetime) -> None:
    """End every session of a user but one."""
    await db.execute(REVOKE_OTHER_SESSIONS, user_id, except_session_id, now)
    await notify(db, "revoked")


async def lock_account(db: Connection, *, user_id: int, checked_hash: str) -> None:
    """Lock an account before its deletion; this is the first lock in the order of locks.

    Raises WrongPassword if its password is no longer the one whose hash is `checked_hash`.
    """
    if await db.fetchval(LOCK_ACCOUNT, user_id) != checked_hash:
        raise WrongPassword(loc=("body", "password"))


async def delete_account(db: Connection, *, user_id: int, password_hash: str, now: datetime) -> None:
    """Anonymise a user: remove the name and the address and make sign-in impossible. Their work is kept.

    `password_hash` is the hash of an unknown random password.
    """
    await db.execute(ANONYMIZE_USER, user_id, FORMER_PARTICIPANT, password_hash, now)
    await db.execute(DELETE_KNOWN_NETWORKS, user_id)
    await revoke_all_sessions(db, user_id=user_id, now=now)


async def _issue_pair(
    db: Connection, *, session_id: int, user_id: int, role: Role, tokens: AccessTokens, now: datetime
) -> TokenPair:
    refresh_token = new_refresh_token()
    await db.execute(INSERT_REFRESH_TOKEN, hash_of(refresh_token), session_id, now)
    access_token = tokens.issue(user_id=user_id, session_id=session_id, role=role, now=now)
    return TokenPair(access_token, refresh_token, int(tokens.lifetime.total_seconds()))
