"""Create notifications.

The ids of notifications increase in the order of their commits, because a transaction holds one lock from drawing the
ids to the commit. Therefore a client that asks for "everything after id 17" misses no notification that was committed
later with a lower id. NOTIFY serialises these commits anyway (docs/locking.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from learning_platform.core.anonymity import shown_day
from learning_platform.core.database import Connection
from learning_platform.notifications.messages import SHOWN_BY_DAY, NotificationType

INSERT_ANNOUNCEMENT = """
with turn as materialized (select pg_advisory_xact_lock(hashtext('learning_platform.announcements')))
insert into announcements (event, type, track_id, assignment_id, due_at, parameters, created_at)
select $1, $2, $3, $4, $5, $6, $7 from turn
on conflict (event) do nothing returning id
"""
# The lock is held by now, so accounts that were deleted meanwhile are seen; these have a space in the username.
INSERT_NOTIFICATIONS = """
with inserted as (
    insert into notifications (user_id, announcement_id, submitted)
    select user_id, $1::bigint, case when $3::bigint[] is not null then user_id = any($3) end
    from unnest($2::bigint[]) as recipients (user_id) join users u on u.id = user_id and u.username !~ ' '
)
select pg_notify('announced', $1::text)
"""
# For many announcements, in which only the events, the parameters and the recipients differ.
INSERT_ANNOUNCEMENTS = """
with turn as materialized (select pg_advisory_xact_lock(hashtext('learning_platform.announcements')))
insert into announcements (event, type, track_id, assignment_id, due_at, parameters, created_at)
select each.event, each.type, each.track_id, each.assignment_id, each.due_at, each.parameters, each.created_at
from turn, unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::jsonb[], $7::timestamptz[])
    as each (event, type, track_id, assignment_id, due_at, parameters, created_at)
on conflict (event) do nothing returning event, id
"""
INSERT_NOTIFICATIONS_OF_MANY = """
with inserted as (
    insert into notifications (user_id, announcement_id)
    select user_id, announcement_id
    from unnest($1::bigint[], $2::bigint[]) as recipients (announcement_id, user_id)
        join users u on u.id = user_id and u.username !~ ' '
)
select pg_notify('announced', id::text) from unnest($3::bigint[]) as id
"""
LOCK_ANNOUNCEMENTS = "select pg_advisory_xact_lock(hashtext('learning_platform.announcements'))"
DELETE_NOTIFICATIONS = "delete from notifications where user_id = $1"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event. `event` names it uniquely; `words` are the titles its text needs."""

    event: str
    type: NotificationType
    track_id: int | None = None
    assignment_id: int | None = None
    due_at: datetime | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


async def announce(
    db: Connection,
    announcement: Announcement,
    *,
    to: Sequence[int],
    submitted: Collection[int] | None = None,
    now: datetime,
) -> None:
    """Notify the users `to` of an event in two statements; an event is announced only once.

    `submitted`: the users who have submitted, where the message mentions it. Call this last in an action, because its
    lock is held until the commit.
    """
    if not to:
        return
    announcement_id = await db.fetchval(
        INSERT_ANNOUNCEMENT,
        announcement.event,
        announcement.type,
        announcement.track_id,
        announcement.assignment_id,
        announcement.due_at,
        dict(announcement.parameters),
        _shown_at(announcement, now),
    )
    if announcement_id is not None:
        submitted_ids = None if submitted is None else list(submitted)
        await db.execute(INSERT_NOTIFICATIONS, announcement_id, to, submitted_ids)


async def announce_each(
    db: Connection, announcements: Sequence[tuple[Announcement, Sequence[int]]], *, now: datetime
) -> None:
    """Notify the users of each of many events, as `announce` does of one, in two statements; call it last as well."""
    if not announcements:
        return
    made = [announcement for announcement, _ in announcements]
    inserted = await db.fetch(
        INSERT_ANNOUNCEMENTS,
        [each.event for each in made],
        [each.type for each in made],
        [each.track_id for each in made],
        [each.assignment_id for each in made],
        [each.due_at for each in made],
        [dict(each.parameters) for each in made],
        [_shown_at(each, now) for each in made],
    )
    ids: dict[str, int] = {event: id for event, id in inserted}
    recipients = [(ids[each.event], user_id) for each, to in announcements if each.event in ids for user_id in to]
    announcement_ids, user_ids = [id for id, _ in recipients], [user_id for _, user_id in recipients]
    await db.execute(INSERT_NOTIFICATIONS_OF_MANY, announcement_ids, user_ids, list(ids.values()))


async def delete_notifications(db: Connection, *, user_id: int) -> None:
    """Delete the notifications of a user, those of transactions that are just announcing too; call it last."""
    await db.execute(LOCK_ANNOUNCEMENTS)
    await db.execute(DELETE_NOTIFICATIONS, user_id)


def _shown_at(announcement: Announcement, now: datetime) -> datetime:
    return shown_day(now) if announcement.type in SHOWN_BY_DAY else now
