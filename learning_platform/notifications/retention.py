"""What of emails and notifications is removed after a time. What is unread or still to be sent stays."""

from datetime import timedelta

from learning_platform.core.retention import Retention
from learning_platform.core.settings import Settings

DELETE_EMAILS = """
delete from emails where ctid = any(array(
    select ctid from emails where state <> 'waiting' and created_at <= $1 order by created_at limit $2
    for update skip locked))
returning 1
"""
# Ids grow with time, and what somebody has read is everything up to an id: of each inbox the beginning goes, without a
# look at what is unread.
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
DELETE_ANNOUNCEMENTS = """
delete from announcements where ctid = any(array(
    select a.ctid from announcements a
    where a.created_at <= $1 and not exists (select from notifications n where n.announcement_id = a.id)
    order by a.created_at limit $2 for update skip locked))
returning 1
"""


def retentions(settings: Settings) -> tuple[Retention, ...]:
    """Return for how long each is kept, as the settings say."""
    emails = timedelta(days=settings.email_retention_days)
    notifications = timedelta(days=settings.notification_retention_days)
    return (
        Retention("emails", emails, DELETE_EMAILS),
        Retention("read_notifications", notifications, DELETE_READ_NOTIFICATIONS),
        Retention("announcements", notifications, DELETE_ANNOUNCEMENTS),
    )
