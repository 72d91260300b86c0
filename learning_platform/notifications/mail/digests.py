"""Daily digests in the queue of emails.

The emails that are to go out together are marked `bundled` and belong to one email of the kind `digest`. It is
`gathering` until its hour, of which a user has at most one; then it is sent as the other emails are, once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from learning_platform.core.database import Connection, fetch_values
from learning_platform.notifications.mail.preferences import mail_choice
from learning_platform.notifications.mail.queue import Email
from learning_platform.notifications.mail.timing import digest_due_at
from learning_platform.notifications.queries import Notification

CLOSED_PER_STATEMENT = 100
# So often is looked again when a digest or a held email is due, because the user may have moved to another time zone.
LOOK_AGAIN_AFTER = timedelta(hours=1)
# Waits for a digest that is being closed, and then begins another one.
OPEN_DIGEST = """
insert into emails as e (user_id, kind, state, created_at, next_try_at) values ($1, 'digest', 'gathering', $2, $3)
on conflict (user_id) where state = 'gathering' do update set created_at = least(e.created_at, excluded.created_at),
    next_try_at = excluded.next_try_at
returning id
"""
BUNDLE = """
update emails set state = 'bundled', digest_id = $3 where id = $1 and state = 'waiting' and next_try_at = $2
"""
GATHERING = """
select e.id, e.user_id, e.created_at, u.time_zone from emails e join users u on u.id = e.user_id
where e.state = 'gathering' and e.next_try_at <= $1 order by e.next_try_at limit $2 for update of e skip locked
"""
CLOSE = "update emails set state = 'waiting', next_try_at = $2 where id = $1"
LOOK_LATER = "update emails set next_try_at = $2 where id = $1"
BUNDLED = """
select n.id, n.user_id, n.announcement_id, n.submitted, a.type, a.track_id, a.assignment_id, a.due_at, a.parameters,
    a.created_at, u.locale, u.time_zone, false as read
from emails e join notifications n on n.user_id = e.user_id and n.id = e.notification_id
    join announcements a on a.id = n.announcement_id join users u on u.id = n.user_id
where e.digest_id = $1 order by n.id
"""


async def add_to_digest(db: Connection, email: Email, *, since: datetime, now: datetime) -> None:
    """Let an email that this process has taken go out with the first digest of its user after `since`."""
    digest_id: int = await db.fetchval(OPEN_DIGEST, email.user_id, since, now)
    await db.execute(BUNDLE, email.id, email.taken_until, digest_id)


async def close_due_digests(db: Connection, *, now: datetime) -> bool:
    """Let the digests whose hour has come be sent; return whether there were any to look at."""
    rows = await db.fetch(GATHERING, now, CLOSED_PER_STATEMENT)
    for row in rows:
        choice = await mail_choice(db, user_id=row["user_id"])
        due_at = digest_due_at(choice, row["time_zone"], after=row["created_at"])
        if due_at <= now or choice.delivery != "daily":
            await db.execute(CLOSE, row["id"], now)
        else:
            await db.execute(LOOK_LATER, row["id"], min(due_at, now + LOOK_AGAIN_AFTER))
    return bool(rows)


async def bundled(db: Connection, *, digest_id: int) -> Sequence[Notification]:
    """Return the notifications of a digest, oldest first."""
    return await fetch_values(db, Notification, BUNDLED, digest_id)
