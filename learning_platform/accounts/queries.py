"""Read users and sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.accounts.rules import BadToken
from learning_platform.accounts.tokens import Role
from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.core.languages import Language

USER = """
select id, email, username, role, locale, time_zone, created_at from users where id = $1
"""
CREDENTIALS = """
select id, password_hash, role, blocked_at is not null as is_blocked
from users where lower(username) = lower($1) or lower(email) = lower($1)
"""
REVOKED_SESSIONS = "select id from sessions where revoked_at > $1"
BLOCKED_USERS = "select id from users where blocked_at is not null"


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


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to check a sign-in."""

    id: int
    password_hash: str
    role: Role
    is_blocked: bool


async def signed_in_user(db: Connection, *, user_id: int) -> User:
    """Return the user who is asking. Raises BadToken if the account is gone."""
    found = await fetch_value(db, User, USER, user_id)
    if found is None:
        raise BadToken
    return found


async def credentials(db: Connection, *, login: str) -> Credentials | None:
    """Return the credentials of whoever has this username or e-mail address, in any case."""
    return await fetch_value(db, Credentials, CREDENTIALS, login)


async def revoked_sessions(db: Connection, *, lifetime: timedelta, now: datetime) -> set[int]:
    """Return the sessions revoked so lately that an access token of theirs may still be alive."""
    return set(await fetch_ids(db, REVOKED_SESSIONS, now - lifetime))


async def blocked_users(db: Connection) -> set[int]:
    """Return the users who are blocked now."""
    return set(await fetch_ids(db, BLOCKED_USERS))
