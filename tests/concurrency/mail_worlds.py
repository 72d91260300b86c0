"""Actions that meet on a daily digest, and on old invitations by email."""

from datetime import datetime, timedelta
from typing import Any

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.links import Links
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.core.database import Connection
from learning_platform.core.limit import Limit
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.mail import digests, preferences
from learning_platform.notifications.mail import queue as mail
from learning_platform.people.accepting import accept, decline
from learning_platform.people.invitation_mail import resend
from learning_platform.people.invitations import withdraw
from learning_platform.people.inviting import invite_roster
from learning_platform.people.retention import INVITATION_RETENTION, retentions
from learning_platform.people.rules import LINK_LIFETIME
from learning_platform.tracks import actions as tracks
from tests import make
from tests.concurrency.account_worlds import cleaning
from tests.concurrency.interleavings import World
from tests.concurrency.world_parts import HOUR, at_time, delete_account, sweep

SECRET = "a secret of the tests, 32 characters"
LINKS = Links(SECRET)
ENOUGH = Limit(100, timedelta(minutes=1))
LIMITS = RateLimits({"invitations": ENOUGH, "invitations_address": ENOUGH}, secret=SECRET)
STATE_OF_MAIL = """
select 'mail', user_id, concat_ws(' ', delivery, digest_hour, quiet_from, quiet_until),
    array(select unnest(types) order by 1)::text, version, null as due_at from mail_preferences
union all select 'email', user_id, concat_ws(' ', kind, state), (digest_id is not null)::text, tries, next_try_at::text
    from emails
union all select 'user', id, username, time_zone, null, blocked_at::text from users
"""
STATE_OF_INVITATIONS = """
select 'invitation', track_id, concat_ws(' ', email, name), invited_by::text, uses,
    concat_ws(' ', created_at, expires_at, withdrawn_at, declined_at) from invitations
union all select 'email', null, concat_ws(' ', kind, state), (invitation_id is not null)::text, null, null from emails
union all select 'track', id, status, null, participants_count, null from tracks
union all select 'participant', track_id, null, null, user_id, null from participants
union all select 'user', id, username, null, null, blocked_at::text from users
"""
OLD = make.NOON + LINK_LIFETIME + INVITATION_RETENTION + HOUR


async def with_a_digest(db: Connection) -> World:
    """An email waits for the digest of one o'clock, another one is about to join it, and it is one o'clock."""
    user_id = await make.user(db)
    await db.execute("update users set email_confirmed_at = $1", make.NOON)
    await preferences.choose_mail(db, user_id=user_id, delivery="daily", digest_hour=13, now=make.NOON)
    # There is a cursor, and what other worlds announced in this database is behind it.
    while await mail.queue_announced_emails(db, now=make.NOON):
        pass
    for number in (1, 2):
        parameters = {"track": "Python"}
        cancelled = Announcement(event=f"for the digest:{number}", type="track_cancelled", parameters=parameters)
        await announce(db, cancelled, to=[user_id], now=make.NOON)
    assert await mail.queue_announced_emails(db, now=make.NOON)
    taken = await mail.take_emails(db, limit=1000, now=make.NOON)
    first, second = [email for email in taken if email.user_id == user_id]
    await digests.add_to_digest(db, first, since=make.NOON, now=make.NOON)
    at, own = at_time(make.NOON + HOUR), {"user_id": user_id}
    return World(
        [
            at("the second joins the digest", digests.add_to_digest, email=second, since=make.NOON),
            sweep("digests are closed", _close, 0, make.NOON + HOUR),
            at("emails are taken", mail.take_emails, limit=5),
            at("an hour in the evening is chosen", preferences.choose_mail, digest_hour=20, seen=(1,), **own),
            at("single emails are chosen", preferences.choose_mail, delivery="single", seen=(1,), **own),
            at("quiet hours are chosen", preferences.choose_mail, quiet_from=22, quiet_until=7, **own),
            at("one type is turned off", preferences.stop_mail_type, type="track_cancelled", **own),
            at("all emails are turned off", preferences.stop_mail, **own),
            at("the account is deleted", delete_account, **own),
        ],
        STATE_OF_MAIL,
    )


async def invited_long_ago(db: Connection) -> World:
    """One was invited by email so long ago that the invitation is to be deleted."""
    teacher, user_id = await make.users(db, 2)
    track_id = await make.track(db, author_id=teacher)
    author, address = Actor(teacher), "a@example.org, Ann"
    by_mail: dict[str, Any] = {"links": LINKS, "email_limits": LIMITS, "actor": author, "track_id": track_id}
    report = await invite_roster(db, text=address, now=make.NOON, **by_mail)
    invitation_id = await db.fetchval("select id from invitations where track_id = $1", track_id)
    at, own = at_time(OLD), {"actor": author, "track_id": track_id}
    again = {"limits": LIMITS, "actor": author}
    return World(
        [
            *(cleaning(each, at=OLD) for each in retentions()),
            at("it is sent again", resend, invitation_id=invitation_id, **again),
            at("it is withdrawn", withdraw, invitation_id=invitation_id, actor=author),
            at("the person is invited again", invite_roster, text=address, **by_mail),
            at("the person accepts", accept, token=report.invited[0].token, user_id=user_id),
            at("the person declines", decline, token=report.invited[0].token, user_id=user_id),
            at("the track is deleted", tracks.delete_track, **own),
            at("the author deletes the account", delete_account, user_id=teacher),
        ],
        STATE_OF_INVITATIONS,
    )


async def _close(db: Connection, _id: int, now: datetime) -> bool:
    return await digests.close_due_digests(db, now=now)
