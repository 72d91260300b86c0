"""The accounts elsewhere that users sign in with."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import register
from learning_platform.accounts.external.providers import MAX_NAME_LENGTH, ExternalUser, valid_username
from learning_platform.accounts.queries import User
from learning_platform.accounts.rules import BadToken, IdentityNotFound, IdentityTaken, LastWayIn, UserBlocked
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.languages import Language

HOLDER = """
select u.id, u.blocked_at is not null as is_blocked
from external_identities x join users u on u.id = x.user_id where x.provider = $1 and x.subject = $2
"""
HOLDER_OF_EMAIL = """
select id, blocked_at is not null as is_blocked, password_hash is not null as has_password
from users where lower(email) = lower($1)
"""
NOTE_USE = "update external_identities set last_used_at = $3 where provider = $1 and subject = $2"
INSERT_IDENTITY = """
insert into external_identities (user_id, provider, subject, created_at, last_used_at) values ($1, $2, $3, $4, $4)
on conflict do nothing returning id
"""
# One row at least, whose identity is empty if there is none.
WAYS_IN = """
select u.password_hash is not null as has_password, x.id, x.provider, x.created_at, x.last_used_at
from users u left join external_identities x on x.user_id = u.id where u.id = $1 order by x.created_at, x.id
"""
# Identities of one account are removed one after another, so that one remains.
LOCK_HOLDER = "select password_hash is not null from users where id = $1 and blocked_at is null for no key update"
DELETE_IDENTITY = "delete from external_identities where id = $1 and user_id = $2 returning id"
COUNT_IDENTITIES = "select count(*) from external_identities where user_id = $1"
CONFIRM_EMAIL = "update users set email_confirmed_at = $2 where id = $1"
TAKEN_NAMES = "select lower(username) as name from users where lower(username) = any($1::text[])"
MAX_PROPOSALS = 20


@dataclass(frozen=True, slots=True)
class Holder:
    """The user an identity belongs to."""

    id: int
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class EmailHolder:
    """The user with an email address."""

    id: int
    is_blocked: bool
    has_password: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """An account elsewhere; `provider` is the address of its issuer."""

    id: int
    provider: str
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class WaysIn:
    """What a user can sign in with."""

    has_password: bool
    identities: list[Identity]


async def holder_of(db: Connection, *, user: ExternalUser, now: datetime) -> int | None:
    """Return the id of the user whom an identity belongs to, and note its use; or None. Raises UserBlocked."""
    found = await fetch_value(db, Holder, HOLDER, user.issuer, user.subject)
    if found is None:
        return None
    if found.is_blocked:
        raise UserBlocked
    await db.execute(NOTE_USE, user.issuer, user.subject, now)
    return found.id


async def holder_of_email(db: Connection, *, email: str) -> EmailHolder | None:
    """Return the user with this address, ignoring case, or None."""
    return await fetch_value(db, EmailHolder, HOLDER_OF_EMAIL, email)


async def ways_in(db: Connection, *, user_id: int) -> WaysIn:
    """Return what a user can sign in with."""
    rows = await db.fetch(WAYS_IN, user_id)
    identities = [
        Identity(row["id"], row["provider"], row["created_at"], row["last_used_at"]) for row in rows if row["id"]
    ]
    return WaysIn(any(row["has_password"] for row in rows), identities)


async def register_external(
    db: Connection, *, user: ExternalUser, username: str, email: str, locale: Language, now: datetime
) -> User:
    """Create an account without a password; an address that the provider has verified counts as confirmed.

    Raises EmailTaken, UsernameTaken, IdentityTaken.
    """
    created = await register(db, email=email, username=username, password_hash=None, locale=locale, now=now)
    await link(db, user_id=created.id, user=user, now=now)
    if user.is_email_verified and email == user.email:
        await db.execute(CONFIRM_EMAIL, created.id, now)
    return created


async def link(db: Connection, *, user_id: int, user: ExternalUser, now: datetime) -> None:
    """Let a user sign in with an identity; repeating it has no effect. Raises IdentityTaken, BadToken."""
    if await db.fetchval(LOCK_HOLDER, user_id) is None:
        raise BadToken
    if await db.fetchval(INSERT_IDENTITY, user_id, user.issuer, user.subject, now) is None:
        holder = await fetch_value(db, Holder, HOLDER, user.issuer, user.subject)
        if holder is None or holder.id != user_id:
            raise IdentityTaken


async def unlink(db: Connection, *, user_id: int, identity_id: int) -> None:
    """Remove an identity that is not the last way in. Raises IdentityNotFound, LastWayIn."""
    has_password = await db.fetchval(LOCK_HOLDER, user_id)
    if await db.fetchval(DELETE_IDENTITY, identity_id, user_id) is None:
        raise IdentityNotFound
    if not has_password and not await db.fetchval(COUNT_IDENTITIES, user_id):
        raise LastWayIn


async def propose_username(db: Connection, *, wanted: str) -> str:
    """Return a valid username like the wanted one that is free at present."""
    base = valid_username(wanted)
    endings = ["", *(f"-{number}" for number in range(2, MAX_PROPOSALS))]
    proposals = [base[: MAX_NAME_LENGTH - len(ending)] + ending for ending in endings]
    taken = {row["name"] for row in await db.fetch(TAKEN_NAMES, [name.lower() for name in proposals])}
    return next((name for name in proposals if name.lower() not in taken), "")
