"""Actions that meet while the address of an account changes."""

from datetime import datetime

from learning_platform.accounts import actions as accounts
from learning_platform.accounts import administration, email_changes
from learning_platform.accounts import email_links as mailbox
from learning_platform.core.database import Connection
from tests import make
from tests.concurrency.account_worlds import LINKS
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import HOUR, STATE_OF_ACCOUNTS, at_time, delete_account

STATE_OF_ADDRESSES = f"""{STATE_OF_ACCOUNTS}
union all select 'address', id, email, null, null, null, email_confirmed_at::text from users
union all select 'change', user_id, old_email, new_email, null, null,
    concat_ws(' ', confirmed_at, undo_until, undone_at, cancelled_at) from email_changes
"""
FORMER, PRESENT, NEXT = "former@example.com", "present@example.com", "next@example.com"


async def address_that_changes(db: Connection) -> World:
    """One has changed the address, and wants to change it again; another wants the addresses."""
    user_id, other, admin = await make.user(db), await make.user(db), await make.user(db, role="admin")
    await db.execute("update users set email = $2, email_confirmed_at = $3 where id = $1", user_id, FORMER, make.NOON)
    done = await email_changes.request_change(db, user_id=user_id, email=PRESENT, now=make.NOON)
    confirm = email_changes.change_token(LINKS, done, now=make.NOON)
    await email_changes.confirm_change(db, token=confirm, links=LINKS, user_id=user_id, now=make.NOON)
    waiting = await email_changes.request_change(db, user_id=user_id, email=NEXT, now=make.NOON)
    of_other = await email_changes.request_change(db, user_id=other, email=NEXT, now=make.NOON)
    to = await mailbox.addressee(db, user_id=user_id)
    assert to is not None
    reset = mailbox.reset_token(LINKS, to, now=make.NOON)
    at = at_time(make.NOON + HOUR)
    token, others = (email_changes.change_token(LINKS, each, now=make.NOON) for each in (waiting, of_other))
    undo = {"token": email_changes.undo_token(LINKS, done, now=make.NOON), "links": LINKS}
    return World(
        [
            at("another change is requested", email_changes.request_change, user_id=user_id, email="x@example.com"),
            at("it is confirmed", email_changes.confirm_change, token=token, links=LINKS, user_id=user_id),
            at("another confirms the address", email_changes.confirm_change, token=others, links=LINKS, user_id=other),
            at("it is cancelled", email_changes.cancel_change, user_id=user_id),
            at("the first is undone", email_changes.undo_change, **undo),
            at("the former address registers", _register, email=FORMER),
            at("the next address registers", _register, email=NEXT),
            at("the password is reset", mailbox.reset_password, token=reset, password_hash="reset", links=LINKS),
            at("they are blocked", administration.block, user_id=user_id, admin_id=admin),
            at("they delete the account", delete_account, user_id=user_id),
        ],
        STATE_OF_ADDRESSES,
    )


async def _register(db: Connection, *, email: str, now: datetime) -> None:
    await accounts.register(db, email=email, username="newcomer", password_hash="x", locale="en", now=now)
