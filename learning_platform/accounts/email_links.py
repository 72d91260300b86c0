"""Confirm email addresses and reset passwords by links; the secret keys of calendar feeds."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.hand_in_tokens import end_all_tokens
from learning_platform.accounts.links import Links, fingerprint
from learning_platform.accounts.rules import BadLink
from learning_platform.accounts.sessions import revoke_all_sessions
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.languages import Language

ADDRESSEE = """
select id, email, username, locale, time_zone, password_hash, email_refused_at is not null as is_refused,
    email_confirmed_at is not null and email_refused_at is null as is_confirmed
from users where id = $1 and blocked_at is null
"""
ADDRESSEE_BY_EMAIL = """
select id, email, username, locale, time_zone, password_hash, email_refused_at is not null as is_refused,
    email_confirmed_at is not null and email_refused_at is null as is_confirmed
from users where lower(email) = lower($1) and blocked_at is null
"""
CONFIRM = """
update users set email_confirmed_at = coalesce(email_confirmed_at, $2), email_refused_at = null where id = $1
"""
# Not an address that the user has changed meanwhile.
REFUSE_ADDRESS = "update users set email_refused_at = $3 where id = $1 and email = $2 and email_refused_at is null"
# A link that was sent by email also confirms the address.
RESET_PASSWORD = """
update users set password_hash = $2, email_confirmed_at = coalesce(email_confirmed_at, $3),
    email_refused_at = case when $3::timestamptz is null then email_refused_at end
where id = $1 and password_hash is not distinct from $4 returning id
"""
SET_FEED_KEY = """
update users set feed_key = case when $3 then $2 else coalesce(feed_key, $2) end where id = $1 returning feed_key
"""
# Marks a link that an administrator passed on: its use does not prove access to the address.
HANDED_OVER = " handed over"
FEED_KEY = "select feed_key from users where id = $1"
READER_OF_FEED = "select id from users where feed_key = $1 and blocked_at is null"


@dataclass(frozen=True, slots=True)
class Addressee:
    """A user who may receive email. `is_refused`: a mail server has rejected the address since it was confirmed."""

    id: int
    email: str
    username: str
    locale: Language
    time_zone: str
    password_hash: str | None
    is_refused: bool
    is_confirmed: bool

    @property
    def password_fingerprint(self) -> str:
        """Return a fingerprint of the address and the password: with either, links that were sent before change."""
        return fingerprint(f"{self.email} {self.password_hash or ''}")


async def addressee(db: Connection, *, user_id: int) -> Addressee | None:
    """Return the addressee, or None if the account is gone or blocked."""
    return await fetch_value(db, Addressee, ADDRESSEE, user_id)


async def addressee_by_email(db: Connection, *, email: str) -> Addressee | None:
    """Return the user with this address, ignoring case, or None."""
    return await fetch_value(db, Addressee, ADDRESSEE_BY_EMAIL, email)


def confirmation_token(links: Links, to: Addressee, *, now: datetime) -> str:
    """Return the token of a link that confirms the current address."""
    return links.sign("confirmation", user_id=to.id, about=fingerprint(to.email), now=now)


def reset_token(links: Links, to: Addressee, *, is_handed_over: bool = False, now: datetime) -> str:
    """Return the token of a link that replaces the current password; one sent by mail also confirms the address."""
    about = to.password_fingerprint + (HANDED_OVER if is_handed_over else "")
    return links.sign("reset", user_id=to.id, about=about, now=now)


async def confirm_email(db: Connection, *, token: str, links: Links, now: datetime) -> None:
    """Confirm the address that a link was sent to; repeating it has no effect. Raises BadLink."""
    link = links.read("confirmation", token, now=now)
    found = await addressee(db, user_id=link.user_id)
    if found is None or fingerprint(found.email) != link.about:
        raise BadLink
    await db.execute(CONFIRM, found.id, now)


async def note_refused_address(db: Connection, *, to: Addressee, now: datetime) -> None:
    """Store that a mail server has rejected an address for good: no more email goes there until it is confirmed."""
    await db.execute(REFUSE_ADDRESS, to.id, to.email, now)


async def ensure_reset_link(db: Connection, *, token: str, links: Links, now: datetime) -> Addressee:
    """Return the user whose password a link may replace. Raises BadLink, also if the link was used before."""
    link = links.read("reset", token, now=now)
    found = await addressee(db, user_id=link.user_id)
    if found is None or found.password_fingerprint != link.about.removesuffix(HANDED_OVER):
        raise BadLink
    return found


async def reset_password(db: Connection, *, token: str, password_hash: str, links: Links, now: datetime) -> int:
    """Replace a forgotten password and end every session and hand-in token; return the user's id. Raises BadLink."""
    found = await ensure_reset_link(db, token=token, links=links, now=now)
    is_handed_over = links.read("reset", token, now=now).about.endswith(HANDED_OVER)
    confirmed_at = None if is_handed_over else now
    # The second of two simultaneous uses finds a different password.
    if await db.fetchval(RESET_PASSWORD, found.id, password_hash, confirmed_at, found.password_hash) is None:
        raise BadLink
    await revoke_all_sessions(db, user_id=found.id, now=now)
    await end_all_tokens(db, user_id=found.id)
    return found.id


async def feed_key(db: Connection, *, user_id: int, renew: bool = False) -> str:
    """Return the secret key of a user's calendar feeds, created on first use; `renew` invalidates old addresses."""
    key = None if renew else await known_feed_key(db, user_id=user_id)
    if key is None:
        # If two are created at the same time, the first is used.
        key = await db.fetchval(SET_FEED_KEY, user_id, secrets.token_urlsafe(24), renew)
    return key or ""


async def known_feed_key(db: Connection, *, user_id: int) -> str | None:
    """Return the secret key of a user's calendar feeds, or None if it was never created."""
    key: str | None = await db.fetchval(FEED_KEY, user_id)
    return key


async def reader_of_feed(db: Connection, *, key: str) -> int | None:
    """Return the id of the user whose feeds have this key, or None."""
    user_id: int | None = await db.fetchval(READER_OF_FEED, key)
    return user_id
