"""The places of a track as its page shows them to a user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning_platform.attempts.queries import AssignmentView
from learning_platform.core.database import Connection
from learning_platform.enrollment.cohorts import has_head_start
from learning_platform.enrollment.declining import DeclinablePlace, declinable_places
from learning_platform.enrollment.waiting_list import Waiting, count_waiting, place_of
from learning_platform.tracks.access import TrackAccess
from learning_platform.tracks.queries import VISITOR, Track


@dataclass(frozen=True, slots=True)
class TrackPlaces:
    """Where the user stands: waiting, with a place that can be declined, or behind those who can enroll first.

    `waiting_count`: how many users wait, for staff; 0 for others.
    """

    own_wait: Waiting | None
    may_wait: bool
    waits_for_head_start: bool
    declinable: DeclinablePlace | None
    waiting_count: int


async def track_places(
    db: Connection,
    track: Track,
    access: TrackAccess,
    *,
    first: AssignmentView,
    within: timedelta,
    now: datetime,
) -> TrackPlaces:
    """Return what the page of a track says of its places. `within`: how long a place can be declined."""
    may_wait = _may_wait(track, first.due_at, now=now)
    places: Sequence[DeclinablePlace] = ()
    if track.enrolled and (track.status == "enrolling" or first.state == "open"):
        places = await declinable_places(db, user_id=access.user_id, track_id=track.id, within=within, now=now)
    is_visitor = access.user_id == VISITOR.user_id
    return TrackPlaces(
        own_wait=None if is_visitor else await place_of(db, track_id=track.id, user_id=access.user_id),
        may_wait=may_wait,
        waits_for_head_start=await _waits_for_head_start(db, track, access, now=now),
        declinable=next(iter(places), None),
        waiting_count=await count_waiting(db, track_id=track.id) if may_wait and access.may("invite") else 0,
    )


async def _waits_for_head_start(db: Connection, track: Track, access: TrackAccess, *, now: datetime) -> bool:
    """Say whether the user cannot enroll yet, because those who waited for an earlier cohort go first."""
    if track.head_start_until is None or track.head_start_until <= now or track.status != "enrolling":
        return False
    return not await has_head_start(db, track_id=track.id, user_id=access.user_id)


def _may_wait(track: Track, first_due_at: datetime | None, *, now: datetime) -> bool:
    is_full = track.participants_count >= track.required_participants
    return (track.status == "enrolling" and is_full) or (
        track.status == "running" and first_due_at is not None and now < first_due_at
    )
