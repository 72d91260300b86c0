"""Tell people, and note what they have read.

Ids of notifications grow in the order of their commits: whoever announces holds one lock from taking the ids to the
commit. Therefore "everything after id 17" and "read up to 17" mean what they say, and nothing committed late under a
lower id is skipped. NOTIFY serialises these commits anyway (docs/locking.md).
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
INSERT_NOTIFICATIONS = """
with told as (
    insert into notifications (user_id, announcement_id, submitted)
    select user_id, $1::bigint, case when $3::bigint[] is not null then user_id = any($3) end
    from unnest($2::bigint[]) as recipients (user_id)
)
select pg_notify('announced', $1::text)
"""
MARK_READ = """
insert into inboxes (user_id, read_up_to)
select $1, coalesce(max(id), 0) from notifications where user_id = $1 and id <= $2
on conflict (user_id) do update set read_up_to = greatest(inboxes.read_up_to, excluded.read_up_to)
"""


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
    """Tell the users `to`, however many, in two statements; an event already announced is not told again.

    `submitted`: those who have handed in, where the message says so. Do this last in an action: the lock it takes is
    held to the commit.
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
        shown_day(now) if announcement.type in SHOWN_BY_DAY else now,
    )
    if announcement_id is not None:
        told_submitted = None if submitted is None else list(submitted)
        await db.execute(INSERT_NOTIFICATIONS, announcement_id, to, told_submitted)


async def mark_read(db: Connection, *, user_id: int, up_to: int) -> None:
    """Note that the user has read everything up to this id. Reading on never goes back."""
    await db.execute(MARK_READ, user_id, up_to)
