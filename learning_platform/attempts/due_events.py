"""An event of the schedule that has fallen due, handled exactly once, by the scheduler or by a request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_value

# The track first, so that the events of one track are handled one after another (docs/locking.md).
TAKE_EVENT = """
with taken as (
    select e.id, e.kind, e.track_id, e.assignment_id, e.user_id, e.due_at
    from scheduled_events e join tracks t on t.id = e.track_id
    where e.id = $1 and e.pending and e.due_at <= $2 for no key update of t, e skip locked
)
update scheduled_events e set pending = false from taken where e.id = taken.id returning taken.*
"""


@dataclass(frozen=True, slots=True)
class DueEvent:
    """An event that is due, its row and its track locked.

    `user_id`: the participant with a deadline of their own whom it concerns, or None where it concerns the group.
    """

    id: int
    kind: str
    track_id: int
    assignment_id: int
    user_id: int | None
    due_at: datetime


Act = Callable[[Connection, DueEvent, datetime], Awaitable[None]]


async def handle(act: Act, db: Connection, event_id: int, now: datetime) -> bool:
    """Do what an event asks for if it is still to be done; return whether it was.

    Skips an event whose row or track another transaction has locked.
    """
    event = await fetch_value(db, DueEvent, TAKE_EVENT, event_id, now)
    if event is None:
        return False
    await act(db, event, now)
    return True
