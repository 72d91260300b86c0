"""Reminders that staff send to chosen participants; each is reminded once a day at most, however often it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.attempts.group_extensions import GroupOutcome, group_key, outcome_of
from learning_platform.attempts.rules import AssignmentNotOpen, ParticipantLeft, ParticipantNotFound, RemindedAlready
from learning_platform.core.database import Connection, fetch_ids, fetch_value, fetch_values
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.tracks.queries import lock_track_of
from learning_platform.tracks.rules import AssignmentNotFound, ensure_not_over

REMINDED_AGAIN_AFTER = timedelta(hours=24)
ASSIGNMENT = "select id, title, opens_at from assignments where id = $1"
# Two that are sent at the same time wait for each other at the track.
CHOSEN = """
select c.user_id, u.username, p.user_id is not null as is_participant, p.left_at is not null as has_left,
    coalesce(p.reminded_at > $3, false) as is_reminded
from unnest($2::bigint[]) as c (user_id) left join users u on u.id = c.user_id
    left join participants p on p.track_id = $1 and p.user_id = c.user_id
order by lower(u.username), c.user_id
"""
NOTE_REMINDED = """
update participants set reminded_at = $3 where track_id = $1 and user_id = any($2::bigint[]) returning user_id
"""


@dataclass(frozen=True, slots=True)
class _Assignment:
    id: int
    title: str
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Chosen:
    user_id: int
    username: str | None
    is_participant: bool
    has_left: bool
    is_reminded: bool


async def remind(db: Connection, *, assignment_id: int, user_ids: Sequence[int], now: datetime) -> GroupOutcome:
    """Remind participants of an assignment, but those who were reminded within a day on this track.

    Raises AssignmentNotFound, TrackOver, AssignmentNotOpen.
    """
    track = await lock_track_of(db, assignment_id=assignment_id)
    ensure_not_over(track.status, finishes_at=track.finishes_at, now=now)
    assignment = await fetch_value(db, _Assignment, ASSIGNMENT, assignment_id)
    if assignment is None:
        raise AssignmentNotFound
    if assignment.opens_at is None or assignment.opens_at > now:
        raise AssignmentNotOpen
    chosen = await fetch_values(db, _Chosen, CHOSEN, track.id, sorted(set(user_ids)), now - REMINDED_AGAIN_AFTER)
    outcome = outcome_of(chosen, _ensure_remindable)
    reminded = sorted(await fetch_ids(db, NOTE_REMINDED, track.id, outcome.done, now))
    reminder = Announcement(
        event=f"staff_reminder:{assignment_id}:{group_key(reminded, now=now)}",
        type="staff_reminder",
        track_id=track.id,
        assignment_id=assignment_id,
        parameters={"track": track.title, "assignment": assignment.title},
    )
    await announce(db, reminder, to=reminded, now=now)
    return outcome


def _ensure_remindable(one: _Chosen) -> None:
    if not one.is_participant:
        raise ParticipantNotFound
    if one.has_left:
        raise ParticipantLeft
    if one.is_reminded:
        raise RemindedAlready
