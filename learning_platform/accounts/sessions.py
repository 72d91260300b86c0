"""Open, refresh, prolong and end sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from learning_platform.accounts.devices import UNKNOWN_DEVICE, Device
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.rules import (
    BadRefreshToken,
    RefreshTokenReused,
    SessionNotFound,
    WrongCredentials,
)
from learning_platform.accounts.tokens import AccessTokens, Role, hash_of, new_refresh_token
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.notifier import notify

DEFAULT_MAX_SESSIONS = 50
# Hashing takes time, so the password was checked a while ago, against $4. Sign-ins of one user queue here, so that each
# counts the sessions of those before it.
INSERT_SESSION = """
with holder as (
    select id, role from users where id = $1 and blocked_at is null and ($4::text is null or password_hash = $4)
    for no key update
), session as (
    insert into sessions (user_id, created_at, expires_at, browser, system)
    select id, $2, $3, $5, $6 from holder returning id
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
END_SESSION_OF = """
update sessions set revoked_at = coalesce(revoked_at, $3) where id = $1 and user_id = $2 returning id
"""
REVOKE_OTHER_SESSIONS = """
update sessions set revoked_at = $3 where user_id = $1 and id <> $2 and revoked_at is null
"""
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


async def open_session(
    db: Connection,
    *,
    user_id: int,
    checked_hash: str | None = None,
    tokens: AccessTokens,
    refresh_lifetime: timedelta,
    most_sessions: int = DEFAULT_MAX_SESSIONS,
    device: Device = UNKNOWN_DEVICE,
    now: datetime,
) -> TokenPair:
    """Start a session, as a sign-in does. Raises as start_session."""
    started = await start_session(
        db,
        user_id=user_id,
        checked_hash=checked_hash,
        lifetime=refresh_lifetime,
        most=most_sessions,
        device=device,
        now=now,
    )
    return await _issue_pair(db, session_id=started.id, user_id=user_id, role=started.role, tokens=tokens, now=now)


async def start_session(
    db: Connection,
    *,
    user_id: int,
    checked_hash: str | None = None,
    lifetime: timedelta,
    most: int = DEFAULT_MAX_SESSIONS,
    device: Device = UNKNOWN_DEVICE,
    now: datetime,
) -> StartedSession:
    """Start a session without tokens, for a browser; end the oldest beyond the maximum number.

    Raises WrongCredentials if the account has been blocked since, or has another password than the one whose hash is
    `checked_hash`.
    """
    row = (user_id, now, now + lifetime, checked_hash, device.browser, device.system)
    started = await fetch_value(db, StartedSession, INSERT_SESSION, *row)
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


async def revoke_session(db: Connection, *, session_id: int, now: datetime) -> None:
    """End a session; all processes are notified at commit."""
    await db.execute(REVOKE_SESSION, session_id, now)
    await notify(db, "revoked")


async def end_session(db: Connection, *, user_id: int, session_id: int, now: datetime) -> None:
    """End a session of a user; repeating it has no effect. Raises SessionNotFound, also for that of another user."""
    if await db.fetchval(END_SESSION_OF, session_id, user_id, now) is None:
        raise SessionNotFound
    await notify(db, "revoked")


async def revoke_all_sessions(db: Connection, *, user_id: int, now: datetime) -> None:
    """End every session of a user."""
    await db.execute(REVOKE_SESSIONS_OF, user_id, now)
    await notify(db, "revoked")


async def revoke_other_sessions(db: Connection, *, user_id: int, except_session_id: int, now: datetime) -> None:
    """End every session of a user but one."""
    await db.execute(REVOKE_OTHER_SESSIONS, user_id, except_session_id, now)
    await notify(db, "revoked")


async def _issue_pair(
    db: Connection, *, session_id: int, user_id: int, role: Role, tokens: AccessTokens, now: datetime
) -> TokenPair:
    refresh_token = new_refresh_token()
    await db.execute(INSERT_REFRESH_TOKEN, hash_of(refresh_token), session_id, now)
    access_token = tokens.issue(user_id=user_id, session_id=session_id, role=role, now=now)
    return TokenPair(access_token, refresh_token, int(tokens.lifetime.total_seconds()))
