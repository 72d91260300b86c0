"""What is due on tracks is handled here: by the scheduler, and by requests that cannot go on before it is done."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from learning_platform.attempts.due_events import handle
from learning_platform.attempts.scheduled_events import KINDS, SCHEDULED_EVENTS
from learning_platform.core.database import Connection, Database
from learning_platform.core.metrics import UNKNOWN_EVENTS
from learning_platform.core.sweep import Sweep
from learning_platform.tracks.queries import LOCK_TRACK

log = logging.getLogger(__name__)

EVENTS_DUE = """
select id, due_at from scheduled_events where kind = $3 and pending and due_at <= $1 order by due_at limit $2
"""
EVENTS_UPCOMING = "select min(due_at) from scheduled_events where kind = $2 and pending and due_at > $1"
DUE_ON_TRACK = """
select id, kind from scheduled_events where track_id = $1 and pending and due_at <= $2
order by due_at, array_position($3::text[], kind), id
"""
UNKNOWN = "select kind, count(*) from scheduled_events where pending and kind <> all($1::text[]) group by kind"

SWEEPS = tuple(
    Sweep(kind.name, EVENTS_DUE, EVENTS_UPCOMING, partial(handle, kind.act), arguments=(kind.name,))
    for kind in SCHEDULED_EVENTS
)


async def catch_up(database: Database, *, track_id: int, now: datetime) -> None:
    """Do what is due on one track, each event in its turn, as the scheduler does; wait for a process already at it.

    For requests that cannot go on before it is done.
    """
    async with database.connection() as db:
        due = await db.fetch(DUE_ON_TRACK, track_id, now, list(KINDS))
    for id, name in due:
        kind = KINDS.get(name)
        if kind is None:
            note_unknown(name, 1)
            continue
        async with database.transaction() as db:
            await db.execute(LOCK_TRACK, track_id)
            await handle(kind.act, db, id, now)


async def note_unknown_events(db: Connection) -> Sequence[str]:
    """Log and count pending events of kinds that this version does not have (a later one made them); return the kinds.

    They stay as they are, for the version that knows what to do.
    """
    found = await db.fetch(UNKNOWN, list(KINDS))
    for kind, count in found:
        note_unknown(kind, count)
    return [kind for kind, _ in found]


def note_unknown(kind: str, count: int) -> None:
    """Log and count events that nothing here handles."""
    UNKNOWN_EVENTS.labels(kind).inc(count)
    log.warning("%d scheduled events of an unknown kind: %s", count, kind)
