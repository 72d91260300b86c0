"""Tokens with which git hands in and clones for a person, and does nothing else; only their hashes are stored.

A token is shown once, when it is created. It ends when its time is over, when its owner ends it, and when the password
of the account changes or the account is blocked or deleted.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.queries import live_session
from learning_platform.accounts.rules import (
    BadToken,
    HandInTokenExpiry,
    HandInTokenNotFound,
    TooManyHandInTokens,
)
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.core.languages import Language

# Programs that look for secrets in files recognise them by their beginning.
PREFIX = "lp_"
LIFETIME, MAX_LIFETIME = timedelta(days=365), timedelta(days=3660)
MAX_TOKENS = 20
# Tokens of one account are created one after another, so that they can be counted.
LOCK_OWNER = "select id from users where id = $1 for no key update"
DELETE_EXPIRED = "delete from hand_in_tokens where user_id = $1 and expires_at <= $2"
COUNT_TOKENS = "select count(*) from hand_in_tokens where user_id = $1"
INSERT_TOKEN = """
insert into hand_in_tokens (user_id, name, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)
returning id, name, created_at, expires_at, last_used_at
"""
TOKENS_OF = """
select id, name, created_at, expires_at, last_used_at from hand_in_tokens
where user_id = $1 and expires_at > $2 order by id desc
"""
DELETE_TOKEN = "delete from hand_in_tokens where id = $1 and user_id = $2 returning id"
DELETE_TOKENS = "delete from hand_in_tokens where user_id = $1"
# One push asks several times within a second; its use is stored once.
OWNER_OF_TOKEN = """
with found as (
    select k.id, k.last_used_at, u.id as user_id, u.username, u.role = 'admin' as is_admin, u.locale, u.time_zone
    from hand_in_tokens k join users u on u.id = k.user_id
    where k.token_hash = $1 and k.expires_at > $3 and u.blocked_at is null
        and lower($2) in (lower(u.username), lower(u.email))
), used as (
    update hand_in_tokens k set last_used_at = $3 from found
    where k.id = found.id and (found.last_used_at is null or found.last_used_at < $3 - interval '1 minute')
)
select user_id, username, is_admin, locale, time_zone from found
"""


@dataclass(frozen=True, slots=True)
class HandInToken:
    """A token of a person, without its secret."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewHandInToken:
    """A token that was just created, with its secret."""

    id: int
    name: str
    token: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenOwner:
    """The person for whom git hands in."""

    user_id: int
    username: str
    is_admin: bool
    locale: Language
    time_zone: str

    @property
    def actor(self) -> Actor:
        """Return the user as an actor."""
        return Actor(self.user_id, self.is_admin)


async def create_token(
    db: Connection, *, user_id: int, session_id: int, name: str, expires_at: datetime | None, now: datetime
) -> NewHandInToken:
    """Create a token, for a year unless its end is given.

    Raises BadToken if the session has ended meanwhile, as it does with a new password; TooManyHandInTokens,
    HandInTokenExpiry.
    """
    ends_at = expires_at or now + LIFETIME
    if not now < ends_at <= now + MAX_LIFETIME:
        raise HandInTokenExpiry(loc=("body", "expires_at"))
    await db.execute(LOCK_OWNER, user_id)
    if await live_session(db, session_id=session_id, now=now) is None:
        raise BadToken
    await db.execute(DELETE_EXPIRED, user_id, now)
    if await db.fetchval(COUNT_TOKENS, user_id) >= MAX_TOKENS:
        raise TooManyHandInTokens(limit=MAX_TOKENS)
    token = PREFIX + secrets.token_urlsafe(32)
    created = await fetch_value(db, HandInToken, INSERT_TOKEN, user_id, name, _hash_of(token), now, ends_at)
    assert created is not None
    return NewHandInToken(created.id, name, token, now, ends_at)


async def tokens_of(db: Connection, *, user_id: int, now: datetime) -> list[HandInToken]:
    """Return the valid tokens of a person, the latest first."""
    return await fetch_values(db, HandInToken, TOKENS_OF, user_id, now)


async def end_token(db: Connection, *, user_id: int, token_id: int) -> None:
    """End a token. Raises HandInTokenNotFound, also for that of another person."""
    if await db.fetchval(DELETE_TOKEN, token_id, user_id) is None:
        raise HandInTokenNotFound


async def end_all_tokens(db: Connection, *, user_id: int) -> None:
    """End every token of a person."""
    await db.execute(DELETE_TOKENS, user_id)


async def owner_of_token(db: Connection, *, login: str, token: str, now: datetime) -> TokenOwner | None:
    """Return the person whose valid token this is, if they have this username or email address; note its use."""
    if "\0" in login or not token.startswith(PREFIX):
        return None
    return await fetch_value(db, TokenOwner, OWNER_OF_TOKEN, _hash_of(token), login, now)


def _hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
