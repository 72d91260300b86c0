"""Find users by name."""

from dataclasses import dataclass

from learning_platform.core.database import Connection, fetch_value
from learning_platform.people.rules import UserNotFound

USER_NAMED = "select id, username from users where lower(username) = lower($1) and blocked_at is null"
FORMER_USER_NAMED = "select id, username from users where lower(username) = lower($1)"


@dataclass(frozen=True, slots=True)
class NamedUser:
    """A user, by name."""

    id: int
    username: str


async def user_named(db: Connection, *, username: str) -> NamedUser:
    """Return the user with this name, ignoring case. Raises UserNotFound, also for a blocked account."""
    return _found(await fetch_value(db, NamedUser, USER_NAMED, username))


async def any_user_named(db: Connection, *, username: str) -> NamedUser:
    """Return the user with this name, ignoring case; their account may be blocked. Raises UserNotFound."""
    return _found(await fetch_value(db, NamedUser, FORMER_USER_NAMED, username))


def _found(user: NamedUser | None) -> NamedUser:
    if user is None:
        raise UserNotFound
    return user
