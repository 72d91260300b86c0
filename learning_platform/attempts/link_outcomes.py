"""What follows when a link was fetched, could not be, or leads to something else: warnings and notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from learning_platform.core.database import Connection, fetch_value
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.messages import NotificationType
from learning_platform.snapshots.fetcher import Outcomes
from learning_platform.snapshots.git.extraction import Extracted
from learning_platform.snapshots.warnings import WarningCode

# Until when the participant whose snapshot it is may hand in; a corrected link has the time of the reviews.
HAND_IN_OF = """
select a.track_id, a.id as assignment_id, s.user_id, a.title, t.title as track_title, n.error,
    case when v.iteration = 2 then iteration_due_at(a.reviews_due_at, t.iteration_hours)
        when n.received_at >= greatest(a.due_at, e.due_at) then a.reviews_due_at
        else greatest(a.due_at, e.due_at) end as due_at,
    case when v.iteration = 1 then greatest(a.due_at, e.due_at) end as deadline,
    not exists (select from submission_versions later
        where later.submission_id = s.id and later.iteration = v.iteration and later.id > v.id) as counts
from snapshots n join submission_versions v on v.snapshot_id = n.id join submissions s on s.id = v.submission_id
    join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id
    left join extensions e on e.assignment_id = a.id and e.user_id = s.user_id
where n.id = $1
"""
# Which repositories may have changed since they were handed in; what is not a frozen link cannot have.
CHECK_LINKS = """
with checked as (
    update snapshots n set check_at = $3 from submissions s
    where s.assignment_id = $1 and s.user_id = any($2::bigint[]) and s.snapshot_id = n.id and n.origin = 'link'
        and n.state = 'frozen'
    returning n.id
)
select pg_notify('hand_ins', '') from checked limit 1
"""
# The code that participants start from; `user_id` gave its link.
STARTER_OF = """
select a.track_id, a.id as assignment_id, n.user_id, a.title, t.title as track_title, n.error
from starters b join snapshots n on n.id = b.snapshot_id join assignments a on a.id = b.assignment_id
    join tracks t on t.id = a.track_id
where n.id = $1
"""
# The texts of these are those of others.
SAME_TEXTS = {"too_slow": "host_unreachable", "too_many_files": "too_large"}
COMMITTED_LATE: Final[WarningCode] = "committed_after_deadline"


@dataclass(frozen=True, slots=True)
class _HandIn:
    track_id: int
    assignment_id: int
    user_id: int
    title: str
    track_title: str
    error: str | None
    due_at: datetime | None
    deadline: datetime | None
    counts: bool


@dataclass(frozen=True, slots=True)
class _Starter:
    track_id: int
    assignment_id: int
    user_id: int
    title: str
    track_title: str
    error: str | None


async def warnings_of(db: Connection, snapshot_id: int, extracted: Extracted, now: datetime) -> list[str]:
    """Return what a participant and the track's author should know of when a link was committed."""
    hand_in = await fetch_value(db, _HandIn, HAND_IN_OF, snapshot_id)
    deadline = None if hand_in is None else hand_in.deadline
    return [COMMITTED_LATE] if is_late(extracted.committed_at, deadline=deadline, now=now) else []


def is_late(committed_at: datetime | None, *, deadline: datetime | None, now: datetime) -> bool:
    """Say whether a commit that is frozen now, after the deadline, says it is from after the deadline."""
    return committed_at is not None and deadline is not None and deadline < min(committed_at, now)


async def notify_of_failure(db: Connection, snapshot_id: int, now: datetime) -> None:
    """Notify a participant that what counts could not be frozen, or staff of a starter. The last of its transaction."""
    starter = await fetch_value(db, _Starter, STARTER_OF, snapshot_id)
    if starter is None:
        await _notify(db, snapshot_id, type="hand_in_failed", now=now)
        return
    announcement = Announcement(
        event=f"starter_failed:{snapshot_id}",
        type="starter_failed",
        track_id=starter.track_id,
        assignment_id=starter.assignment_id,
        parameters={"track": starter.track_title, "assignment": starter.title, **_reason(starter.error)},
    )
    await announce(db, announcement, to=[starter.user_id], now=now)


async def notify_of_change(db: Connection, snapshot_id: int, now: datetime) -> None:
    """Notify a participant, before the deadline, that the repository has changed since they handed it in."""
    await _notify(db, snapshot_id, type="repository_changed", now=now)


async def check_links(db: Connection, *, assignment_id: int, user_ids: Sequence[int], now: datetime) -> None:
    """Have the fetcher compare what these participants handed in by link with their repositories."""
    await db.execute(CHECK_LINKS, assignment_id, user_ids, now)


async def _notify(db: Connection, snapshot_id: int, *, type: NotificationType, now: datetime) -> None:
    hand_in = await fetch_value(db, _HandIn, HAND_IN_OF, snapshot_id)
    if hand_in is None or not hand_in.counts:
        return
    due_at = hand_in.due_at
    if type == "repository_changed" and due_at is not None and due_at <= now:
        return
    announcement = Announcement(
        event=f"{type}:{snapshot_id}",
        type=type,
        track_id=hand_in.track_id,
        assignment_id=hand_in.assignment_id,
        due_at=due_at,
        parameters={"track": hand_in.track_title, "assignment": hand_in.title, **_reason(hand_in.error)},
    )
    await announce(db, announcement, to=[hand_in.user_id], now=now)


def _reason(error: str | None) -> dict[str, str]:
    return {} if error is None else {SAME_TEXTS.get(error, error): "yes"}


OUTCOMES = Outcomes(warnings=warnings_of, failed=notify_of_failure, changed=notify_of_change)
