"""Read notifications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.core.languages import Language
from learning_platform.notifications.destinations import path_of
from learning_platform.notifications.message_texts import text, title
from learning_platform.notifications.messages import SHOWN_BY_DAY, NotificationType

INBOX = """
select n.id, n.user_id, n.announcement_id, n.submitted, a.type, a.track_id, a.assignment_id, a.due_at, a.parameters,
    a.created_at, u.locale, u.time_zone, n.is_read or n.id <= coalesce(i.read_up_to, 0) as read
from notifications n join announcements a on a.id = n.announcement_id join users u on u.id = n.user_id
    left join inboxes i on i.user_id = n.user_id
where n.user_id = $1 and n.id > $2
    and ($4::bigint is null or a.track_id = $4) and ($5::text[] is null or a.type = any($5))
order by n.id limit $3
"""
UNREAD = """
select n.id, n.user_id, n.announcement_id, n.submitted, a.type, a.track_id, a.assignment_id, a.due_at, a.parameters,
    a.created_at, u.locale, u.time_zone, false as read
from notifications n join announcements a on a.id = n.announcement_id join users u on u.id = n.user_id
where n.user_id = $1 and n.id > greatest($2, (select read_up_to from inboxes where user_id = $1)) and not n.is_read
    and ($4::bigint is null or a.track_id = $4) and ($5::text[] is null or a.type = any($5))
order by n.id limit $3
"""
# The same for many users, each with an id of their own.
UNREAD_OF_MANY = """
select m.* from unnest($1::bigint[], $2::bigint[]) as asked (user_id, after)
    cross join lateral (
        select n.id, n.user_id, n.announcement_id, n.submitted, a.type, a.track_id, a.assignment_id, a.due_at,
            a.parameters, a.created_at, u.locale, u.time_zone, false as read
        from notifications n join announcements a on a.id = n.announcement_id join users u on u.id = n.user_id
        where n.user_id = asked.user_id
            and n.id > greatest(asked.after, (select read_up_to from inboxes where user_id = asked.user_id))
            and not n.is_read
        order by n.id limit $3
    ) m
order by m.id
"""
LATEST = """
select n.id, n.user_id, n.announcement_id, n.submitted, a.type, a.track_id, a.assignment_id, a.due_at, a.parameters,
    a.created_at, u.locale, u.time_zone, n.is_read or n.id <= coalesce(i.read_up_to, 0) as read
from notifications n join announcements a on a.id = n.announcement_id join users u on u.id = n.user_id
    left join inboxes i on i.user_id = n.user_id
where n.user_id = $1 and n.id < $2 and (not $4 or n.id > coalesce(i.read_up_to, 0) and not n.is_read)
    and ($5::bigint is null or a.track_id = $5) and ($6::text[] is null or a.type = any($6))
order by n.id desc limit $3
"""
ANNOUNCEMENTS = """
select id, type, track_id, assignment_id, due_at, parameters, created_at from announcements where id = any($1::bigint[])
"""
RECIPIENTS = """
select n.id, n.user_id, n.announcement_id, n.submitted, u.locale, u.time_zone
from notifications n join users u on u.id = n.user_id
where n.announcement_id = any($1::bigint[]) and n.user_id = any($2::bigint[]) order by n.id
"""
ONE = """
select n.id, n.user_id, n.announcement_id, n.submitted, a.type, a.track_id, a.assignment_id, a.due_at, a.parameters,
    a.created_at, u.locale, u.time_zone, n.is_read or n.id <= coalesce(i.read_up_to, 0) as read
from notifications n join announcements a on a.id = n.announcement_id join users u on u.id = n.user_id
    left join inboxes i on i.user_id = n.user_id
where n.user_id = $1 and n.id = $2
"""
UNREAD_STATE = """
select count(*), coalesce(max(id), 0) as newest_id from notifications
where user_id = $1 and id > coalesce((select read_up_to from inboxes where user_id = $1), 0) and not is_read
"""
# How many are unread of those up to the newest, which is visible only together with all before it.
UNREAD_COUNTS = """
select asked.user_id, unread.count, newest.id as up_to
from unnest($1::bigint[]) asked (user_id)
    cross join lateral (
        select count(*) from notifications n
        where n.user_id = asked.user_id and not n.is_read
            and n.id > coalesce((select read_up_to from inboxes i where i.user_id = asked.user_id), 0)
    ) unread
    cross join lateral (select coalesce(max(n.id), 0) as id from notifications n where n.user_id = asked.user_id) newest
"""
# A track is called what its latest message calls it, because it may have been deleted.
TRACKS = """
select a.track_id as id, (array_agg(a.parameters ->> 'track' order by n.id desc))[1] as title,
    count(*) filter (where n.id > coalesce(i.read_up_to, 0) and not n.is_read) as unread_count
from notifications n join announcements a on a.id = n.announcement_id left join inboxes i on i.user_id = n.user_id
where n.user_id = $1 and a.track_id is not null group by a.track_id order by max(n.id) desc
"""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification, with what is needed to render its title and text."""

    id: int
    user_id: int
    announcement_id: int
    submitted: bool | None
    type: NotificationType
    track_id: int | None
    assignment_id: int | None
    due_at: datetime | None
    parameters: dict[str, str]
    created_at: datetime
    locale: Language
    time_zone: str
    read: bool

    @property
    def url(self) -> str:
        """Return the path of the page that this is about."""
        return path_of(self.type, track_id=self.track_id, assignment_id=self.assignment_id, parameters=self.parameters)

    @property
    def title(self) -> str:
        """Return the title in the reader's language."""
        return self.title_at(self.created_at)

    @property
    def shows_day_only(self) -> bool:
        """Say whether `created_at` is a day, because an exact time could identify an anonymous person."""
        return self.type in SHOWN_BY_DAY

    @property
    def text(self) -> str:
        """Return the text in the reader's language and time zone."""
        return self.text_at(self.created_at)

    def title_at(self, at: datetime) -> str:
        """Return the title as it is true at `at`."""
        return title(
            self.type, self.locale, parameters=self.parameters, due_at=self.due_at, submitted=self.submitted, at=at
        )

    def text_at(self, at: datetime) -> str:
        """Return the text as it is true at `at`."""
        return text(
            self.type,
            self.locale,
            parameters=self.parameters,
            due_at=self.due_at,
            submitted=self.submitted,
            at=at,
            time_zone=self.time_zone,
        )


@dataclass(frozen=True, slots=True)
class UnreadCount:
    """How many of the notifications of a user up to an id are unread."""

    user_id: int
    count: int
    up_to: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event, as it was announced."""

    id: int
    type: NotificationType
    track_id: int | None
    assignment_id: int | None
    due_at: datetime | None
    parameters: dict[str, str]
    created_at: datetime


class Recipient(NamedTuple):
    """A recipient of an announcement: the id of the notification, and what its wording depends on."""

    id: int
    user_id: int
    announcement_id: int
    submitted: bool | None
    locale: Language
    time_zone: str

    @property
    def wording_key(self) -> tuple[int, bool | None, Language, str]:
        """Return what the wording depends on: recipients with the same key get the same texts."""
        return self[2:]

    def to_notification(self, announcement: Announcement) -> Notification:
        """Return the notification, unread."""
        return Notification(
            id=self.id,
            user_id=self.user_id,
            announcement_id=announcement.id,
            submitted=self.submitted,
            type=announcement.type,
            track_id=announcement.track_id,
            assignment_id=announcement.assignment_id,
            due_at=announcement.due_at,
            parameters=announcement.parameters,
            created_at=announcement.created_at,
            locale=self.locale,
            time_zone=self.time_zone,
            read=False,
        )


@dataclass(frozen=True, slots=True)
class UnreadState:
    """The number of unread notifications, and the id of the latest (0 if there is none)."""

    count: int
    newest_id: int


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which notifications are wanted; None is any."""

    track_id: int | None = None
    types: Sequence[NotificationType] | None = None


@dataclass(frozen=True, slots=True)
class InboxTrack:
    """A track that notifications in an inbox are about."""

    id: int
    title: str
    unread_count: int


ANY = InboxFilter()


async def inbox(
    db: Connection, *, user_id: int, after: int, limit: int, wanted: InboxFilter = ANY
) -> list[Notification]:
    """Return read and unread notifications with an id above `after`, oldest first."""
    return await fetch_values(db, Notification, INBOX, user_id, after, limit, wanted.track_id, wanted.types)


async def unread(
    db: Connection, *, user_id: int, after: int, limit: int, wanted: InboxFilter = ANY
) -> list[Notification]:
    """Return unread notifications with an id above `after`, oldest first."""
    return await fetch_values(db, Notification, UNREAD, user_id, after, limit, wanted.track_id, wanted.types)


async def unread_of_many(db: Connection, *, after: Mapping[int, int], limit: int) -> list[Notification]:
    """Return up to `limit` unread notifications for each user, above an id for each, in the order of ids."""
    return await fetch_values(db, Notification, UNREAD_OF_MANY, list(after), list(after.values()), limit)


async def latest(
    db: Connection, *, user_id: int, before: int, limit: int, only_unread: bool = False, wanted: InboxFilter = ANY
) -> list[Notification]:
    """Return notifications with an id below `before`, the latest first."""
    return await fetch_values(
        db, Notification, LATEST, user_id, before, limit, only_unread, wanted.track_id, wanted.types
    )


async def inbox_tracks(db: Connection, *, user_id: int) -> list[InboxTrack]:
    """Return the tracks that an inbox has notifications about, the one with the latest notification first."""
    return await fetch_values(db, InboxTrack, TRACKS, user_id)


async def notification(db: Connection, *, user_id: int, notification_id: int) -> Notification | None:
    """Return one notification of a user, or None."""
    return await fetch_value(db, Notification, ONE, user_id, notification_id)


async def unread_counts(db: Connection, *, user_ids: Sequence[int]) -> list[UnreadCount]:
    """Return what is unread of several users."""
    return await fetch_values(db, UnreadCount, UNREAD_COUNTS, user_ids)


async def unread_state(db: Connection, *, user_id: int) -> UnreadState:
    """Return the state of the unread notifications of a user."""
    found = await fetch_value(db, UnreadState, UNREAD_STATE, user_id)
    assert found is not None
    return found


async def announcements(db: Connection, *, announcement_ids: Sequence[int]) -> dict[int, Announcement]:
    """Return announcements by id."""
    found = await fetch_values(db, Announcement, ANNOUNCEMENTS, announcement_ids)
    return {announcement.id: announcement for announcement in found}


async def recipients(db: Connection, *, announcement_ids: Sequence[int], user_ids: Sequence[int]) -> list[Recipient]:
    """Return the recipients among these users, in the order of the ids of their notifications."""
    return [Recipient(*row) for row in await db.fetch(RECIPIENTS, announcement_ids, user_ids)]
