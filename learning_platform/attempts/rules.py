"""Where a participant stands at an assignment, and whether they may hand in. Decided from timestamps alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.errors import Conflict, Invalid, NotFound
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import DeadlinePassed, NotAParticipant

AssignmentState = Literal["locked", "open", "submitted", "review", "finished"]
REVIEWS_OWED = 3
MAX_URL_LENGTH = 2000


class NotEnrolled(NotFound):
    code = "not_enrolled"
    message = N_("You are not enrolled in this track.")


class TrackNotStarted(NotFound):
    code = "track_not_started"
    message = N_("The track has not started yet.")


class TrackCompleted(NotFound):
    code = "track_completed"
    message = N_("You have completed this track.")


class TrackCancelled(NotFound):
    code = "track_cancelled"
    message = N_("The track was cancelled.")


class AssignmentLocked(Conflict):
    code = "assignment_locked"
    message = N_("This assignment is not open for you yet.")


class NoSubmission(NotFound):
    code = "no_submission"
    message = N_("There is no submission for this assignment.")


class TrackLeft(Conflict):
    code = "track_left"
    message = N_("You have left this track.")


class ParticipantNotFound(NotFound):
    code = "participant_not_found"
    message = N_("This track has no participant with this username.")


class NotExtendable(Conflict):
    code = "not_extendable"
    message = N_("This participant has already started reviewing or has finished this assignment.")


class ParticipantLeft(Conflict):
    code = "participant_left"
    message = N_("This participant has left the track.")


class ExtensionKept(Conflict):
    code = "extension_kept"
    message = N_("This participant already has this deadline.")


class RemindedAlready(Conflict):
    code = "reminded_already"
    message = N_("This participant was already reminded within the last 24 hours.")


class AssignmentNotOpen(Conflict):
    code = "assignment_not_open"
    message = N_("This assignment is not open yet.")


class ExtensionOutOfRange(Invalid):
    code = "extension_out_of_range"
    message = N_("A personal deadline must be in the future, after the common deadline and before the review deadline.")


class Overdue(Exception):
    """An event of a track is due and has not been handled: `sweeps.catch_up`, then try again."""

    def __init__(self, track_id: int) -> None:
        super().__init__(track_id)
        self.track_id = track_id


class NotARepositoryLink(Invalid):
    code = "not_a_repository_link"
    message = N_("Enter a link that starts with http:// or https:// and includes a host and a path.")


def state_of(
    *,
    opened_at: datetime | None,
    finished_at: datetime | None,
    has_submission: bool,
    due_at: datetime | None,
    now: datetime,
) -> AssignmentState:
    """Return a participant's state at an assignment."""
    if opened_at is None or due_at is None:
        return "locked"
    if finished_at is not None:
        return "finished"
    if now >= due_at:
        return "review"
    return "submitted" if has_submission else "open"


def state_by_calendar(
    *, opens_at: datetime | None, due_at: datetime | None, reviews_due_at: datetime | None, now: datetime
) -> AssignmentState:
    """Return the state of an assignment for who does not take part but may see all: the track's author."""
    if opens_at is None or due_at is None or reviews_due_at is None or now < opens_at:
        return "locked"
    if now < due_at:
        return "open"
    return "review" if now < reviews_due_at else "finished"


def ensure_may_submit(
    *, is_participant: bool, opened_at: datetime | None, due_at: datetime | None, is_closed: bool, now: datetime
) -> None:
    """Raise NotAParticipant, AssignmentLocked or DeadlinePassed unless a link may be handed in at `now`.

    `is_closed`: reviewing has begun while this request waited; what it says of the time is out of date.
    """
    if not is_participant:
        raise NotAParticipant
    if is_closed or (due_at is not None and now >= due_at):
        raise DeadlinePassed
    if opened_at is None:
        raise AssignmentLocked


def is_iteration_open(
    *,
    has_submission: bool,
    has_done_reviews: bool,
    reviews_due_at: datetime | None,
    iteration_due_at: datetime | None,
    now: datetime,
) -> bool:
    """Say whether a second iteration may be handed in: by who may see the reviews of the first one."""
    if not has_submission or reviews_due_at is None or iteration_due_at is None:
        return False
    return (has_done_reviews or now >= reviews_due_at) and now < iteration_due_at


def personal_deadline(*, due_at: datetime | None, extended_to: datetime | None) -> datetime | None:
    """Return the deadline of a participant who may have been given a later one."""
    if due_at is None or extended_to is None:
        return due_at
    return max(due_at, extended_to)


def ensure_has_not_left(*, has_left: bool) -> None:
    """Raise TrackLeft for who has left the running track."""
    if has_left:
        raise TrackLeft


def ensure_extension_fits(*, to: datetime, due_at: datetime, reviews_due_at: datetime, now: datetime) -> None:
    """Raise ExtensionOutOfRange unless a personal deadline leaves time to be reviewed, and is one."""
    if not max(due_at, now) < to < reviews_due_at:
        raise ExtensionOutOfRange(loc=("body", "due_at"))


def reviews_owed(*, submissions_by_others: int) -> int:
    """Return how many reviews a participant owes, or a submission can get. In SQL: reviews_owed (0013)."""
    return min(REVIEWS_OWED, submissions_by_others)


@dataclass(frozen=True, slots=True)
class ReviewCount:
    """The reviews of one participant at one assignment: `done` of those that are `required`, and what they did more."""

    required: int
    done: int
    extra: int

    @property
    def left(self) -> int:
        """Return how many reviews are still owed."""
        return self.required - self.done


def count_reviews(*, required: int, done: int) -> ReviewCount:
    """Separate reviews that are owed from the extra ones of a volunteer. In SQL, for sums: least(done, required)."""
    counted = min(required, done)
    return ReviewCount(required=required, done=counted, extra=done - counted)


def has_done_reviews(*, finished_at: datetime | None, left_at: datetime | None) -> bool:
    """Say whether an attempt ended by its reviews and not by leaving. In SQL: has_done_reviews (0013)."""
    return finished_at is not None and (left_at is None or finished_at < left_at)
