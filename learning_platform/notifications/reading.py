"""Mark notifications as read and unread.

Everything up to `read_up_to` of an inbox is read; of what comes after it, what is marked `is_read`. So unread
notifications are found without looking at old ones. Each statement locks the inbox before its notifications.
"""

from learning_platform.core.database import Connection
from learning_platform.notifications.queries import Notification, notification
from learning_platform.notifications.rules import NotificationNotFound

MARK_READ = """
insert into inboxes (user_id, read_up_to)
select $1, coalesce(max(id), 0) from notifications where user_id = $1 and id <= $2
on conflict (user_id) do update set read_up_to = greatest(inboxes.read_up_to, excluded.read_up_to)
"""
LOCK_INBOX = """
insert into inboxes as i (user_id, read_up_to) values ($1, 0)
on conflict (user_id) do update set read_up_to = i.read_up_to returning read_up_to
"""
MARK_ONE_READ = "update notifications set is_read = true where user_id = $1 and id = $2 and id > $3 and not is_read"
MARK_TRACK_READ = """
update notifications n set is_read = true from announcements a
where n.user_id = $1 and n.id > $2 and n.id <= $3 and not n.is_read
    and a.id = n.announcement_id and a.track_id = $4
"""
# The end of what is read moves to the last notification before the first that is unread.
ADVANCE = """
update inboxes set read_up_to = greatest(read_up_to, coalesce(
    (select min(id) - 1 from notifications where user_id = $1 and id > $2 and not is_read),
    (select max(id) from notifications where user_id = $1), 0))
where user_id = $1
"""
# The end of what is read moves before the notification, and what was read after it is marked one by one.
MARK_ONE_UNREAD = """
update notifications set is_read = id <> $2 where user_id = $1 and id >= $2 and id <= greatest($2, $3)
"""
GO_BACK = "update inboxes set read_up_to = least(read_up_to, $2 - 1) where user_id = $1"


async def mark_read(db: Connection, *, user_id: int, up_to: int) -> None:
    """Mark all notifications up to this id as read. A lower id than before changes nothing."""
    await db.execute(MARK_READ, user_id, up_to)


async def mark_track_read(db: Connection, *, user_id: int, track_id: int, up_to: int) -> None:
    """Mark the notifications about a track up to this id as read."""
    read_up_to: int = await db.fetchval(LOCK_INBOX, user_id)
    await db.execute(MARK_TRACK_READ, user_id, read_up_to, up_to, track_id)
    await db.execute(ADVANCE, user_id, read_up_to)


async def mark_one(db: Connection, *, user_id: int, notification_id: int, is_read: bool) -> Notification:
    """Mark one notification as read or unread, and return it. Raises NotificationNotFound."""
    read_up_to: int = await db.fetchval(LOCK_INBOX, user_id)
    found = await notification(db, user_id=user_id, notification_id=notification_id)
    if found is None:
        raise NotificationNotFound
    if is_read:
        await db.execute(MARK_ONE_READ, user_id, notification_id, read_up_to)
        await db.execute(ADVANCE, user_id, read_up_to)
    elif found.read:
        await db.execute(MARK_ONE_UNREAD, user_id, notification_id, read_up_to)
        await db.execute(GO_BACK, user_id, notification_id)
    changed = await notification(db, user_id=user_id, notification_id=notification_id)
    assert changed is not None
    return changed
