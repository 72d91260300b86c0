"""Deadlines as they hold for each participant: those with an extension are notified of their own.

Every message that names the deadline for handing in goes out by `announce_deadline`, or leaves out those with a
deadline of their own, who have events of their own (attempts.schedule).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.notifications.actions import Announcement, announce

OWN_DEADLINES = """
select e.user_id, e.due_at from extensions e join assignments a on a.id = e.assignment_id
where e.assignment_id = $1 and e.due_at > a.due_at and e.user_id = any($2::bigint[])
"""


async def own_deadlines(db: Connection, *, assignment_id: int, user_ids: Collection[int]) -> dict[int, datetime]:
    """Return who of these users has a deadline of their own, later than the common one, and when it is."""
    rows = await db.fetch(OWN_DEADLINES, assignment_id, list(user_ids))
    return {user_id: due_at for user_id, due_at in rows}


async def announce_deadline(
    db: Connection, announcement: Announcement, *, to: Sequence[int], own: Sequence[str] = (), now: datetime
) -> None:
    """Notify each of the users `to` of the deadline that holds for them.

    `own`: flags added to the announcement's words for who has a deadline of their own.
    """
    assert announcement.assignment_id is not None
    later = await own_deadlines(db, assignment_id=announcement.assignment_id, user_ids=to)
    groups: defaultdict[datetime, list[int]] = defaultdict(list)
    for user_id, due_at in later.items():
        groups[due_at].append(user_id)
    await announce(db, announcement, to=[user_id for user_id in to if user_id not in later], now=now)
    for due_at, user_ids in sorted(groups.items()):
        parameters = dict(announcement.parameters) | dict.fromkeys(own, "yes")
        event = f"{announcement.event}:own:{due_at.isoformat()}"
        await announce(
            db, replace(announcement, event=event, due_at=due_at, parameters=parameters), to=user_ids, now=now
        )
