"""Change one's email address.

The address changes when a link that was sent to the new one is used by the same user. The former address, if it was
confirmed, gets a link that undoes the change for some days, and until then no other account can take it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from learning_platform.accounts.email_links import Addressee, addressee
from learning_platform.accounts.hand_in_tokens import end_all_tokens
from learning_platform.accounts.links import Links
from learning_platform.accounts.queries import is_held_by_other
from learning_platform.accounts.rules import BadLink, BadToken, EmailTaken, EmailUnchanged, LinkOfAnotherAccount
from learning_platform.accounts.sessions import revoke_all_sessions
from learning_platform.core.database import Connection, fetch_value

CONFIRM_WITHIN, UNDO_WITHIN = timedelta(days=1), timedelta(days=7)
# All changes of one account wait for each other here, and for its password and its deletion.
LOCK_HOLDER_OF_ADDRESS = "select id from users where id = $1 and blocked_at is null for no key update"
PENDING_CHANGE = """
select id, user_id, old_email, new_email, requested_at, expires_at, confirmed_at, undo_until, undone_at, cancelled_at
from email_changes
where user_id = $1 and confirmed_at is null and undone_at is null and cancelled_at is null and expires_at > $2
"""
CHANGE = """
select id, user_id, old_email, new_email, requested_at, expires_at, confirmed_at, undo_until, undone_at, cancelled_at
from email_changes where id = $1 and user_id = $2
"""
CANCEL_PENDING = """
update email_changes set cancelled_at = $2
where user_id = $1 and confirmed_at is null and undone_at is null and cancelled_at is null
"""
INSERT_CHANGE = """
insert into email_changes (user_id, old_email, new_email, requested_at, expires_at, undo_until)
values ($1, $2, $3, $4, $5, $6) returning id
"""
SET_EMAIL = "update users set email = $2, email_confirmed_at = $3, email_refused_at = null where id = $1"
NOTE_CONFIRMED = "update email_changes set confirmed_at = $2, undo_until = $3 where id = $1"
# Of several changes in a row, the later ones are undone with it: their links must not undo the undoing.
NOTE_UNDONE = "update email_changes set undone_at = $3 where user_id = $1 and id >= $2 and undone_at is null"
# A person who had the password may have linked an account of their own.
DELETE_LATER_IDENTITIES = "delete from external_identities where user_id = $1 and created_at >= $2"
DELETE_PASSWORD = "update users set password_hash = null where id = $1"


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A change of an address; it can be undone until `undo_until`, which is None if the old one was not confirmed."""

    id: int
    user_id: int
    old_email: str
    new_email: str
    requested_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    undo_until: datetime | None
    undone_at: datetime | None
    cancelled_at: datetime | None

    def is_pending(self, *, now: datetime) -> bool:
        """Say whether it can still be confirmed."""
        is_over = self.confirmed_at or self.undone_at or self.cancelled_at
        return is_over is None and now < self.expires_at

    def is_undoable(self, *, now: datetime) -> bool:
        """Say whether a link to undo it is valid; also of one that was cancelled, which another person requested."""
        return self.undo_until is not None and now < self.undo_until


async def request_change(db: Connection, *, user_id: int, email: str, now: datetime) -> EmailChange:
    """Store that the address is to change, in place of an earlier request. Raises BadToken, EmailUnchanged.

    That the address belongs to another account is not revealed: the email to it says so.
    """
    if await db.fetchval(LOCK_HOLDER_OF_ADDRESS, user_id) is None:
        raise BadToken
    holder = await addressee(db, user_id=user_id)
    assert holder is not None
    if holder.email == email:
        raise EmailUnchanged(loc=("body", "email"))
    await db.execute(CANCEL_PENDING, user_id, now)
    undo_until = now + UNDO_WITHIN if holder.is_confirmed else None
    row = (user_id, holder.email, email, now, now + CONFIRM_WITHIN, undo_until)
    found = await change_of(db, user_id=user_id, change_id=await db.fetchval(INSERT_CHANGE, *row))
    assert found is not None
    return found


async def pending_change(db: Connection, *, user_id: int, now: datetime) -> EmailChange | None:
    """Return the change that waits for its confirmation, or None."""
    return await fetch_value(db, EmailChange, PENDING_CHANGE, user_id, now)


async def change_of(db: Connection, *, user_id: int, change_id: int) -> EmailChange | None:
    """Return a change of a user, or None."""
    return await fetch_value(db, EmailChange, CHANGE, change_id, user_id)


async def cancel_change(db: Connection, *, user_id: int, now: datetime) -> None:
    """Cancel the change that waits, if there is one: the link that was sent is no longer valid."""
    await db.execute(LOCK_HOLDER_OF_ADDRESS, user_id)
    await db.execute(CANCEL_PENDING, user_id, now)


def change_token(links: Links, change: EmailChange, *, now: datetime) -> str:
    """Return the token of the link that confirms a new address."""
    return links.sign("email_change", user_id=change.user_id, about=str(change.id), now=now)


def undo_token(links: Links, change: EmailChange, *, now: datetime) -> str:
    """Return the token of the link that undoes a change."""
    return links.sign("email_undo", user_id=change.user_id, about=str(change.id), now=now)


async def change_to_confirm(db: Connection, *, token: str, links: Links, user_id: int, now: datetime) -> EmailChange:
    """Return the change that a link confirms, also if it did already. Raises BadLink, LinkOfAnotherAccount."""
    link = links.read("email_change", token, now=now)
    if link.user_id != user_id:
        raise LinkOfAnotherAccount
    found = await change_of(db, user_id=user_id, change_id=int(link.about))
    holder = await addressee(db, user_id=user_id)
    is_done = found is not None and found.confirmed_at is not None and found.undone_at is None
    is_current = holder is not None and found is not None and holder.email == found.new_email
    if found is None or not ((is_done and is_current) or found.is_pending(now=now)):
        raise BadLink
    return found


async def confirm_change(
    db: Connection, *, token: str, links: Links, user_id: int, now: datetime
) -> EmailChange | None:
    """Change the address; return the change, or None if the link was used before.

    Raises BadLink, LinkOfAnotherAccount; EmailTaken if another account has taken the address meanwhile.
    """
    await db.execute(LOCK_HOLDER_OF_ADDRESS, user_id)
    change = await change_to_confirm(db, token=token, links=links, user_id=user_id, now=now)
    if change.confirmed_at is not None:
        return None
    holder = await addressee(db, user_id=user_id)
    undo_until = now + UNDO_WITHIN if holder is not None and holder.is_confirmed else None
    await _set_email(db, user_id=user_id, email=change.new_email, now=now)
    await db.execute(NOTE_CONFIRMED, change.id, now, undo_until)
    return await change_of(db, user_id=user_id, change_id=change.id)


async def change_to_undo(db: Connection, *, token: str, links: Links, now: datetime) -> tuple[EmailChange, Addressee]:
    """Return the change that a link undoes, and its user. Raises BadLink.

    A second click counts as the first until a new password has been chosen; links of later changes do not.
    """
    link = links.read("email_undo", token, now=now)
    found = await change_of(db, user_id=link.user_id, change_id=int(link.about))
    holder = await addressee(db, user_id=link.user_id)
    if found is None or holder is None or not found.is_undoable(now=now):
        raise BadLink
    is_repeated = holder.password_hash is None and holder.email == found.old_email
    if found.undone_at is not None and not is_repeated:
        raise BadLink
    return found, holder


async def undo_change(db: Connection, *, token: str, links: Links, now: datetime) -> Addressee:
    """Restore the former address, end every way in that another person may have; return the user.

    Every session and hand-in token ends, the password and the accounts linked since are removed: a new password is
    chosen next. Raises BadLink, EmailTaken.
    """
    await db.execute(LOCK_HOLDER_OF_ADDRESS, links.read("email_undo", token, now=now).user_id)
    change, holder = await change_to_undo(db, token=token, links=links, now=now)
    if change.undone_at is None:
        if change.confirmed_at is not None:
            await _set_email(db, user_id=holder.id, email=change.old_email, now=now)
        await db.execute(NOTE_UNDONE, holder.id, change.id, now)
        await db.execute(DELETE_LATER_IDENTITIES, holder.id, change.requested_at)
        await db.execute(DELETE_PASSWORD, holder.id)
        await revoke_all_sessions(db, user_id=holder.id, now=now)
        await end_all_tokens(db, user_id=holder.id)
    restored = await addressee(db, user_id=holder.id)
    assert restored is not None
    return restored


async def _set_email(db: Connection, *, user_id: int, email: str, now: datetime) -> None:
    """Give a user a confirmed address. Raises EmailTaken."""
    try:
        async with db.transaction():
            await db.execute(SET_EMAIL, user_id, email, now)
    except asyncpg.UniqueViolationError as error:
        raise EmailTaken from error
    # Read after the address was written, as when an account is created.
    if await is_held_by_other(db, email=email, user_id=user_id, now=now):
        raise EmailTaken
