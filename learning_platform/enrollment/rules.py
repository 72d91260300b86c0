"""The conditions to join and to leave, and when a track is full."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from learning_platform.attempts.rules import NotEnrolled, TrackLeft
from learning_platform.core.errors import Conflict, NotFound
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import Participation, TrackStarted, TrackStatus, ensure_enrolling

Change = Literal["added", "removed", "changed"]
# Titles in one notification.
MAX_LISTED = 5


class AlreadyEnrolled(Conflict):
    code = "already_enrolled"
    message = N_("You are already enrolled in this track.")


class TrackFull(Conflict):
    code = "track_full"
    message = N_("All places in this track are taken.")


class NextCohortOpen(Conflict):
    code = "next_cohort_open"
    message = N_("The next cohort has been opened already and has not started yet.")


class HeadStart(Conflict):
    code = "head_start"
    message = N_("For now, only users who waited for a place in an earlier cohort can enroll.")


class PlacesFree(Conflict):
    code = "places_free"
    message = N_("There are free places: you can enroll.")


class NotWaiting(NotFound):
    code = "not_waiting"
    message = N_("This user is not on the waiting list.")


class DeclineOver(Conflict):
    code = "decline_over"
    message = N_("This place can no longer be declined. You can leave the track.")


class StartedJustNow(TrackStarted):
    """The start of the track was due, and has been done by the request that this refuses."""

    keeps_changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Outline:
    """What of an assignment matters to users who plan to do it."""

    title: str
    hours: float


@dataclass(frozen=True, slots=True)
class ChangedAssignments:
    """The titles of the assignments that were added, removed, or changed in any way."""

    how: Change
    titles: str


class RemovedFromTrack(Conflict):
    code = "removed_from_track"
    message = N_("You were removed from this track. Ask its staff if you want to enroll again.")


def ensure_may_enroll(participation: Participation, status: TrackStatus) -> None:
    """Raise AlreadyEnrolled, TrackLeft, TrackStarted or TrackOver unless a place can be taken."""
    if participation == "present":
        raise AlreadyEnrolled
    _ensure_has_not_left(participation, status)
    ensure_enrolling(status)


def ensure_may_leave(participation: Participation, status: TrackStatus) -> None:
    """Raise NotEnrolled, TrackLeft, TrackStarted or TrackOver unless a place can be given back."""
    if participation == "none":
        raise NotEnrolled
    _ensure_has_not_left(participation, status)
    ensure_enrolling(status)


def _ensure_has_not_left(participation: Participation, status: TrackStatus) -> None:
    # Of a track that is over it says more that it is over.
    if participation == "left" and status == "running":
        raise TrackLeft


def is_full(*, participants: int, seats: int) -> bool:
    """Say whether the last place is taken."""
    return participants >= seats


def ensure_seat_free(*, participants: int, seats: int) -> None:
    """Raise TrackFull if the last place is taken."""
    if is_full(participants=participants, seats=seats):
        raise TrackFull


def ensure_may_wait(
    participation: Participation,
    status: TrackStatus,
    *,
    participants: int,
    seats: int,
    first_due_at: datetime | None,
    now: datetime,
) -> None:
    """Raise AlreadyEnrolled, TrackLeft, TrackIsDraft, TrackStarted or PlacesFree unless a place can be waited for.

    Until the first deadline of a track that runs, too: staff may let a user in.
    """
    if participation == "present":
        raise AlreadyEnrolled
    _ensure_has_not_left(participation, status)
    if status == "running" and first_due_at is not None and now < first_due_at:
        return
    ensure_enrolling(status)
    if not is_full(participants=participants, seats=seats):
        raise PlacesFree


def decline_until(*, moved_up_at: datetime, within: timedelta, first_due_at: datetime | None) -> datetime | None:
    """Return until when a place from the waiting list can be declined; None before the start, at any time."""
    return None if first_due_at is None else min(moved_up_at + within, first_due_at)


def changed_assignments(before: Sequence[Outline], after: Sequence[Outline]) -> ChangedAssignments | None:
    """Return what has changed in a list of assignments, or None: a new description alone is no such change."""
    if list(before) == list(after):
        return None
    added, removed = list(Counter(after) - Counter(before)), list(Counter(before) - Counter(after))
    # A new order alone concerns all of them.
    titles = dict.fromkeys(each.title for each in [*added, *removed] or after)
    how: Change = "added" if added and not removed else "removed" if removed and not added else "changed"
    return ChangedAssignments(how, _listed(list(titles)))


def _listed(titles: Sequence[str]) -> str:
    shown = "; ".join(titles[:MAX_LISTED])
    return shown if len(titles) <= MAX_LISTED else f"{shown}; …"
