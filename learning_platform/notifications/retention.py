"""How long emails and read notifications are kept. Unread notifications and waiting emails are not deleted."""

from datetime import timedelta

from learning_platform.core.retention import Retention
from learning_platform.core.settings import Settings

DELETE_EMAILS = """
delete from emails where ctid = any(array(
    select ctid from emails where state <> 'waiting' and state <> 'gathering' and created_at <= $1
    order by created_at limit $2
    for update skip locked))
returning 1
"""
# Ids increase with time, and the read notifications of a user are those up to an id. So the beginning of each inbox is
# deleted, without reading unread notifications.
DELETE_READ_NOTIFICATIONS = """
with newest as (
    select n.id from announcements a
        cross join lateral (select id from notifications where announcement_id = a.id order by id desc limit 1) n
    where a.created_at <= $1 order by a.created_at desc limit 1
)
delete from notifications where ctid = any(array(
    select old.ctid from newest cross join inboxes i cross join lateral (
        select ctid from notifications
        where user_id = i.user_id and id <= least(i.read_up_to, newest.id) order by id limit $2
        for update skip locked) old
    limit $2))
returning 1
"""
# The others that were read, one by one, after one that is still unread.
DELETE_NOTIFICATIONS_READ_SINGLY = """
with newest as (
    select n.id from announcements a
        cross join lateral (select id from notifications where announcement_id = a.id order by id desc limit 1) n
    where a.created_at <= $1 order by a.created_at desc limit 1
)
delete from notifications where ctid = any(array(
    select n.ctid from newest join notifications n on n.id <= newest.id where n.is_read order by n.id limit $2
    for update of n skip locked))
returning 1
"""
DELETE_ANNOUNCEMENTS = """
delete from announcements where ctid = any(array(
    select a.ctid from announcements a
    where a.created_at <= $1 and not exists (select from notifications n where n.announcement_id = a.id)
    order by a.created_at limit $2 for update skip locked))
returning 1
"""


def retentions(settings: Settings) -> tuple[Retention, ...]:
    """Return how long each is kept, by the settings."""
    emails = timedelta(days=settings.email_retention_days)
    notifications = timedelta(days=settings.notification_retention_days)
    return (
        Retention("emails", emails, DELETE_EMAILS),
        Retention("read_notifications", notifications, DELETE_READ_NOTIFICATIONS),
        Retention("notifications_read_singly", notifications, DELETE_NOTIFICATIONS_READ_SINGLY),
        Retention("announcements", notifications, DELETE_ANNOUNCEMENTS),
    )
