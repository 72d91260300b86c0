"""Register users, change and delete accounts."""

from datetime import datetime

import asyncpg

from learning_platform.accounts.hand_in_tokens import end_all_tokens
from learning_platform.accounts.queries import User, is_held_by_other, signed_in_user
from learning_platform.accounts.rules import (
    FORMER_PARTICIPANT,
    BadToken,
    EmailTaken,
    UsernameTaken,
    WrongPassword,
    ensure_time_zone,
)
from learning_platform.accounts.sessions import revoke_all_sessions, revoke_other_sessions
from learning_platform.accounts.tokens import Role
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.languages import Language
from learning_platform.core.versions import Seen, VersionConflict

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
SET_PASSWORD = (
    "update users set password_hash = $2 where id = $1 and password_hash is not distinct from $3 returning id"
)
# Registered names have no spaces, so this name is unique.
ANONYMIZE_USER = """
update users set username = $2 || ' ' || id, email = $2 || ' ' || id, password_hash = $3, time_zone = 'UTC',
    blocked_at = $4, email_confirmed_at = null, email_refused_at = null, feed_key = null,
    display_name = null, about = '', profile_visibility = 'private'
where id = $1
"""
# As LOCK_ACCOUNT_SHARED, so that nothing is stored for an account that was deleted in the meantime.
REMEMBER_NETWORK = """
with holder as (select id from users where id = $1 and blocked_at is null for share)
insert into known_networks (user_id, network, last_used_at) select id, $2, $3 from holder
on conflict (user_id, network) do update set last_used_at = excluded.last_used_at
"""
DELETE_IDENTITIES = "delete from external_identities where user_id = $1"
DELETE_KNOWN_NETWORKS = "delete from known_networks where user_id = $1"


async def register(
    db: Connection, *, email: str, username: str, password_hash: str | None, locale: Language, now: datetime
) -> User:
    """Create an account, without a password if there is an account elsewhere. Raises EmailTaken, UsernameTaken."""
    try:
        async with db.transaction():
            created = await fetch_value(db, User, INSERT_USER, email, username, password_hash, locale, now)
    except asyncpg.UniqueViolationError as error:
        raise (EmailTaken if error.constraint_name == "uq_users_email" else UsernameTaken) from error
    assert created is not None
    # A user who has just left this address is waited for by the insertion, so it is looked for afterwards.
    if await is_held_by_other(db, email=email, user_id=created.id, now=now):
        raise EmailTaken
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


async def remember_network(db: Connection, *, user_id: int, network: bytes, now: datetime) -> None:
    """Remember that a user signs in from a network, where failed attempts from elsewhere do not lock them out."""
    await db.execute(REMEMBER_NETWORK, user_id, network, now)


async def change_password(
    db: Connection, *, user_id: int, password_hash: str, checked_hash: str | None, except_session_id: int, now: datetime
) -> None:
    """Replace the password; end all hand-in tokens and all sessions but one: others may know the old password.

    Raises WrongPassword if it is no longer the one whose hash is `checked_hash`; None stands for no password.
    """
    if await db.fetchval(SET_PASSWORD, user_id, password_hash, checked_hash) is None:
        raise WrongPassword(loc=("body", "password"))
    await revoke_other_sessions(db, user_id=user_id, except_session_id=except_session_id, now=now)
    await end_all_tokens(db, user_id=user_id)


async def lock_account(db: Connection, *, user_id: int, checked_hash: str | None) -> None:
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
    await db.execute(DELETE_IDENTITIES, user_id)
    await db.execute(DELETE_KNOWN_NETWORKS, user_id)
    await revoke_all_sessions(db, user_id=user_id, now=now)
