"""Actions of administrators: find users, set roles, block and unblock. They do not apply to one's own account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.accounts.email_links import addressee, reset_token
from learning_platform.accounts.hand_in_tokens import end_all_tokens
from learning_platform.accounts.links import Links
from learning_platform.accounts.rules import AccountBlocked, NotYourself, UserNotFound, is_former
from learning_platform.accounts.sessions import revoke_all_sessions
from learning_platform.accounts.tokens import Role
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.core.languages import Language
from learning_platform.core.notifier import notify

UserSort = Literal["created", "name", "sign_in"]
# A user last signed in when the newest kept session began, or from the network that was used last: both are deleted
# some time later (accounts/retention.py), and then nothing is known of it.
LAST_SIGN_IN = """
greatest((select max(s.created_at) from sessions s where s.user_id = u.id),
    (select max(k.last_used_at) from known_networks k where k.user_id = u.id))
"""
COLUMNS = f"""
u.id, u.username, u.email, u.role, u.locale, u.time_zone, u.created_at, u.blocked_at, u.email_confirmed_at,
    {LAST_SIGN_IN} as last_signed_in_at
"""
FITTING = """
from users u
where ($1 = '' or position(lower($1) in lower(username)) > 0 or position(lower($1) in lower(email)) > 0)
    and ($2::text is null or role = $2) and (not $3 or blocked_at is not null)
"""
ONE_USER = "from users u where u.id = $1"
COUNT_FITTING = f"select count(*) {FITTING}"
# The order $4, downwards if $5: what is not asked for is not executed.
FIND_USERS = f"""
select {COLUMNS} {FITTING}
order by case when $4 = 'name' and not $5::boolean then lower(username) end,
    case when $4 = 'name' and $5 then lower(username) end desc,
    case when $4 = 'sign_in' and not $5 then {LAST_SIGN_IN} end nulls last,
    case when $4 = 'sign_in' and $5 then {LAST_SIGN_IN} end desc nulls last,
    case when $5 then u.id end desc, u.id
limit $6 offset $7
"""
MANAGED_USER = f"select {COLUMNS} {ONE_USER}"
LOCK_MANAGED_USER = f"{MANAGED_USER} for no key update"
CHANGE_ROLE = "update users set role = $2 where id = $1"
BLOCK = "update users set blocked_at = coalesce(blocked_at, $2) where id = $1"
UNBLOCK = "update users set blocked_at = null where id = $1"
COUNT_USERS = """
select count(*) as users, count(*) filter (where role = 'admin' and blocked_at is null) as admins,
    count(*) filter (where blocked_at is not null) as blocked from users
"""


@dataclass(frozen=True, slots=True)
class ManagedUser:
    """A user, as an administrator sees them."""

    id: int
    username: str
    email: str
    role: Role
    locale: Language
    time_zone: str
    created_at: datetime
    blocked_at: datetime | None
    email_confirmed_at: datetime | None
    last_signed_in_at: datetime | None

    @property
    def is_deleted(self) -> bool:
        """Say whether the account was deleted."""
        return is_former(self.username)


@dataclass(frozen=True, slots=True)
class UserCounts:
    """The numbers of accounts."""

    users: int
    admins: int
    blocked: int


@dataclass(frozen=True, slots=True)
class UserChoice:
    """The users asked for: part of a name or an address, a role, whether blocked; and in which order."""

    search: str = ""
    role: Role | None = None
    only_blocked: bool = False
    sort: UserSort = "created"
    is_descending: bool = True


async def count_found(db: Connection, choice: UserChoice) -> int:
    """Return how many users fit."""
    return int(await db.fetchval(COUNT_FITTING, choice.search.strip(), choice.role, choice.only_blocked))


async def find_users(db: Connection, choice: UserChoice, *, offset: int, limit: int) -> list[ManagedUser]:
    """Return a part of the users that fit, in order."""
    asked = (choice.search.strip(), choice.role, choice.only_blocked, choice.sort, choice.is_descending)
    return await fetch_values(db, ManagedUser, FIND_USERS, *asked, limit, offset)


async def managed_user(db: Connection, *, user_id: int) -> ManagedUser:
    """Return one user. Raises UserNotFound."""
    found = await fetch_value(db, ManagedUser, MANAGED_USER, user_id)
    if found is None:
        raise UserNotFound
    return found


async def count_users(db: Connection) -> UserCounts:
    """Return the numbers of accounts."""
    counts = await fetch_value(db, UserCounts, COUNT_USERS)
    assert counts is not None
    return counts


async def change_role(db: Connection, *, user_id: int, role: Role, admin_id: int, now: datetime) -> None:
    """Set a role and end the sessions, because tokens contain the role. Raises UserNotFound, NotYourself."""
    user = await _other_user(db, user_id=user_id, admin_id=admin_id)
    if user.role == role:
        return
    await db.execute(CHANGE_ROLE, user_id, role)
    await revoke_all_sessions(db, user_id=user_id, now=now)


async def block(db: Connection, *, user_id: int, admin_id: int, now: datetime) -> None:
    """Block an account, end its sessions and its hand-in tokens. Raises UserNotFound, NotYourself."""
    await _other_user(db, user_id=user_id, admin_id=admin_id)
    await db.execute(BLOCK, user_id, now)
    await revoke_all_sessions(db, user_id=user_id, now=now)
    await end_all_tokens(db, user_id=user_id)


async def unblock(db: Connection, *, user_id: int, admin_id: int) -> None:
    """Unblock an account that is not deleted. Raises UserNotFound, NotYourself, AccountBlocked."""
    user = await _other_user(db, user_id=user_id, admin_id=admin_id)
    if user.is_deleted:
        raise AccountBlocked
    await db.execute(UNBLOCK, user_id)
    await notify(db, "revoked")


async def reset_link(db: Connection, links: Links, *, user_id: int, now: datetime) -> str:
    """Return the token of a link to reset a password, for an administrator to pass on. Raises AccountBlocked."""
    to = await addressee(db, user_id=user_id)
    if to is None:
        raise AccountBlocked
    return reset_token(links, to, is_handed_over=True, now=now)


async def _other_user(db: Connection, *, user_id: int, admin_id: int) -> ManagedUser:
    """Lock and return a user. Raises UserNotFound, NotYourself."""
    if user_id == admin_id:
        raise NotYourself
    found = await fetch_value(db, ManagedUser, LOCK_MANAGED_USER, user_id)
    if found is None:
        raise UserNotFound
    return found
