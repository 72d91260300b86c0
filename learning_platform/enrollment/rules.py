"""The conditions to join and to leave, and when a track is full."""

from learning_platform.attempts.rules import NotEnrolled, TrackLeft
from learning_platform.core.errors import Conflict
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import Participation, TrackStatus, ensure_enrolling


class AlreadyEnrolled(Conflict):
    code = "already_enrolled"
    message = N_("You are already enrolled in this track.")


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
