"""Actions that meet on an account and its mail."""

from datetime import datetime, timedelta
from functools import partial

from learning_platform.accounts import actions as accounts
from learning_platform.accounts import administration, hand_in_tokens, sessions
from learning_platform.accounts import email_links as mailbox
from learning_platform.accounts.external import identities
from learning_platform.accounts.external.providers import ExternalUser
from learning_platform.accounts.links import Links
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.retention import retentions
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core.database import Connection
from learning_platform.core.limit import Limit
from learning_platform.core.retention import Retention, remove_part
from learning_platform.notifications.actions import Announcement, announce, announce_each
from learning_platform.notifications.mail import preferences
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.retention import retentions as mail_retentions
from tests import make
from tests.concurrency.interleavings import Action, World
from tests.concurrency.world_parts import HOUR, STATE_OF_ACCOUNTS, at_time, delete_account, sweep
from tests.conftest import test_settings

SECRET = "a secret of the tests, 32 characters"
TOKENS = AccessTokens(SECRET, timedelta(minutes=30))
LINKS = Links(SECRET)
LIMITS = RateLimits({"refreshes": Limit(5, timedelta(minutes=1))}, secret=SECRET)
SETTINGS = test_settings("postgresql:///never-connected", session_retention_days=0)
RETENTIONS = retentions(SETTINGS)
MAIL_RETENTIONS = mail_retentions(SETTINGS)
NEVER = timedelta(days=30)
STATE_OF_IDENTITIES = f"""{STATE_OF_ACCOUNTS}
union all select 'identity', user_id, provider, subject, null, null, null from external_identities
"""
USED_LONG_AGO = """
insert into refresh_tokens (token_hash, session_id, created_at, used_at) values ('used', $1, $2, $2)
"""


def cleaning(retention: Retention, *, at: datetime = make.NOON) -> Action:
    async def clean(db: Connection, _id: int, now: datetime) -> bool:
        return await remove_part(db, retention, now=now) > 0

    return sweep(f"{retention.name} are removed", clean, 0, at)


async def signed_in(db: Connection) -> World:
    """One is signed in, with sessions that are over or ended and one that goes on."""
    user_id, admin = await make.user(db), await make.user(db, role="admin")
    at = at_time(make.NOON)
    pair = await sessions.open_session(
        db, user_id=user_id, tokens=TOKENS, refresh_lifetime=timedelta(days=30), now=make.NOON
    )
    for now in (make.NOON - HOUR, make.NOON - 2 * HOUR):
        await sessions.start_session(db, user_id=user_id, lifetime=HOUR, now=now)
    ended = await sessions.start_session(db, user_id=user_id, lifetime=2 * NEVER, now=make.NOON - HOUR)
    await sessions.revoke_session(db, session_id=ended.id, now=make.NOON - HOUR)
    await accounts.remember_network(db, user_id=user_id, network=b"school", now=make.NOON - 200 * timedelta(days=1))
    await LIMITS.use(db, "refreshes", "long ago", now=make.NOON - HOUR)
    await db.execute(USED_LONG_AGO, ended.id, make.NOON - 2 * NEVER)
    to = await mailbox.addressee(db, user_id=user_id)
    assert to is not None
    link = mailbox.reset_token(LINKS, to, now=make.NOON)
    changed = {"password_hash": "changed", "checked_hash": "not a hash", "except_session_id": 0}
    admins = {"user_id": user_id, "admin_id": admin}
    key = Action(
        "the calendar key", partial(_feed_key, user_id=user_id), make.NOON, still_holds=partial(_is_key, user_id)
    )
    sign_in = {"user_id": user_id, "checked_hash": "not a hash", "lifetime": timedelta(days=1)}
    session_id = TOKENS.read(pair.access_token, make.NOON).session_id
    return World(
        [
            at(
                "refresh",
                sessions.refresh_session,
                refresh_token=pair.refresh_token,
                tokens=TOKENS,
                refresh_lifetime=timedelta(days=30),
                limits=LIMITS,
            ),
            at("sign in", sessions.start_session, **sign_in),
            at("sign in as one too many", sessions.start_session, **sign_in, most=1),
            at("remember the network", accounts.remember_network, user_id=user_id, network=b"home"),
            at("create a token", _create_token, user_id=user_id, session_id=session_id),
            at("change the password", accounts.change_password, user_id=user_id, **changed),
            at("reset the password", mailbox.reset_password, token=link, password_hash="reset", links=LINKS),
            at("block", administration.block, **admins),
            at("unblock", administration.unblock, **admins),
            at("give a role", administration.change_role, role="author", **admins),
            at("delete the account", delete_account, user_id=user_id),
            *(cleaning(retention) for retention in RETENTIONS),
            at("stop warnings by mail", preferences.stop_mail_type, user_id=user_id, type="deadline_warning"),
            at("stop reminders by mail", preferences.stop_mail_type, user_id=user_id, type="reviews_overdue"),
            key,
        ],
        STATE_OF_ACCOUNTS,
    )


async def with_identities(db: Connection) -> World:
    """One signs in with two accounts elsewhere and has no password, another has a password and no such account."""
    admin, other = await make.user(db, role="admin"), await make.user(db)
    one, two, new = [ExternalUser("https://git.example", subject, None, False, subject) for subject in ("1", "2", "3")]
    created = await identities.register_external(
        db, user=one, username="x", email="x@example.com", locale="en", now=make.NOON
    )
    await identities.link(db, user_id=created.id, user=two, now=make.NOON)
    first, second = [each.id for each in (await identities.ways_in(db, user_id=created.id)).identities]
    at = at_time(make.NOON + HOUR)
    own = {"user_id": created.id}
    changed = {"password_hash": "changed", "checked_hash": None, "except_session_id": 0}
    return World(
        [
            at("the first is unlinked", identities.unlink, identity_id=first, **own),
            at("the second is unlinked", identities.unlink, identity_id=second, **own),
            at("a third is linked", identities.link, user=new, **own),
            at("the third is linked by another", identities.link, user_id=other, user=new),
            at("the second is linked by another", identities.link, user_id=other, user=two),
            at("the third registers", _register, user=new, username="y"),
            at("the first registers", _register, user=one, username="z"),
            at("they sign in with the second", identities.holder_of, user=two),
            at("they choose a password", accounts.change_password, **changed, **own),
            at("they are blocked", administration.block, admin_id=admin, **own),
            at("they delete the account", delete_account, checked_hash=None, **own),
            at("another deletes the account", delete_account, user_id=other),
        ],
        STATE_OF_IDENTITIES,
    )


async def emails_to_queue(db: Connection) -> World:
    """Something was announced, and an email is requested."""
    user_id = await make.user(db)
    await db.execute("update users set email_confirmed_at = $1", make.NOON)
    at = at_time(make.NOON)
    assert not await mail.queue_announced_emails(db, now=make.NOON)
    announcement = Announcement(event="track_cancelled:0", type="track_cancelled", parameters={"track": "Python"})
    another = Announcement(event="track_cancelled:1", type="track_cancelled", parameters={"track": "Rust"})
    await announce(db, announcement, to=[user_id], now=make.NOON)
    await mail.queue_requested_email(db, user_id=user_id, kind="confirmation", now=make.NOON)
    return World(
        [
            at("emails are queued", mail.queue_announced_emails),
            at("several events are announced", announce_each, announcements=[(another, [user_id])]),
            at("emails are taken", mail.take_emails, limit=1),
            at("an email is requested", mail.queue_requested_email, user_id=user_id, kind="reset"),
            *(cleaning(retention, at=make.NOON + timedelta(days=400)) for retention in MAIL_RETENTIONS),
        ],
        STATE_OF_ACCOUNTS,
    )


async def _register(db: Connection, *, user: ExternalUser, username: str, now: datetime) -> None:
    email = f"{username}@example.com"
    await identities.register_external(db, user=user, username=username, email=email, locale="en", now=now)


async def _create_token(db: Connection, *, user_id: int, session_id: int, now: datetime) -> None:
    await hand_in_tokens.create_token(
        db, user_id=user_id, session_id=session_id, name="laptop", expires_at=None, now=now
    )


async def _feed_key(db: Connection, _now: datetime, *, user_id: int) -> str:
    return await mailbox.feed_key(db, user_id=user_id)


async def _is_key(user_id: int, db: Connection, key: str) -> bool:
    return await mailbox.known_feed_key(db, user_id=user_id) in {key, None}
