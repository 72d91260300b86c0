"""The calendar of a track, and the rules for changing a track.

Times are aware datetimes in UTC; hours are numbers and may be fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Literal

from learning_platform.core.errors import Conflict, Forbidden, Invalid, NotFound
from learning_platform.core.languages import N_

TrackStatus = Literal["draft", "enrolling", "running", "finished", "cancelled"]
Visibility = Literal["public", "unlisted", "private"]
StaffRole = Literal["author", "co_author", "mentor"]
# Leaving a running track is final, so `left` is a state of its own.
Participation = Literal["none", "present", "left"]
WARNING_SHARE = 0.8
# 3.6 s and ten years: short enough for a demonstration, and far from the limits of a datetime.
MIN_HOURS, MAX_HOURS = 0.001, 87_600.0
LAST_YEAR = 9000
MAX_PARTICIPANTS = 10_000
MAX_CRITERIA, MAX_ASSIGNMENTS = 20, 50
APPEAL_DAYS, MAX_APPEAL_DAYS = 3.0, 30.0


class TrackNotFound(NotFound):
    code = "track_not_found"
    message = N_("Track not found.")


class AssignmentNotFound(NotFound):
    code = "assignment_not_found"
    message = N_("Assignment not found.")


class NotAParticipant(Forbidden):
    code = "not_a_participant"
    message = N_("Only participants of this track can do this.")


class NotTheAuthor(Forbidden):
    code = "not_the_author"
    message = N_("Only the author of this track, or staff whose role allows it, can do this.")


class TrackCreationClosed(Forbidden):
    code = "track_creation_closed"
    message = N_("Only authors can create tracks here. Ask an administrator.")


class TrackIsDraft(Conflict):
    code = "track_is_draft"
    message = N_("The track is not published yet.")


class TrackStarted(Conflict):
    code = "track_started"
    message = N_("The track has already started.")


class TrackOver(Conflict):
    code = "track_over"
    message = N_("The track is over.")


class CriteriaFixed(Conflict):
    code = "criteria_fixed"
    message = N_("These criteria cannot be changed any more. Copy the track to use other criteria.")


class SeatsTaken(Conflict):
    code = "places_taken"
    message = N_("{count} people are already enrolled, so there cannot be fewer places.")


class DeadlinePassed(Conflict):
    code = "deadline_passed"
    message = N_("The deadline has passed.")


class CalendarOpen(Conflict):
    code = "track_not_started"
    message = N_("The track has not started, so it has no deadlines yet.")


class DeadlineNotLater(Invalid):
    code = "deadline_not_later"
    message = N_("The new deadline must be later than the current one.")


class DeadlineTooFar(Invalid):
    code = "deadline_too_far"
    message = N_("A deadline can be moved by at most ten years.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The times of one assignment, from which everything else about it follows.

    `iteration_due_at`: until when a second iteration may be handed in; None where the track has none.
    """

    opens_at: datetime
    due_at: datetime
    reviews_due_at: datetime
    iteration_due_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """Return when nothing of the assignment is left to do."""
        return self.iteration_due_at or self.reviews_due_at


def calendar(
    *, starts_at: datetime, durations: Sequence[float], review_hours: float, iteration_hours: float = 0
) -> list[Calendar]:
    """Return the times of every assignment of a track that starts at `starts_at`; `durations` are in hours.

    A second iteration holds nothing up: the next assignment opens when the reviews are due.
    """
    review = timedelta(hours=review_hours)
    opens_at = list(accumulate(durations, lambda at, hours: at + timedelta(hours=hours) + review, initial=starts_at))
    return [
        _calendar_of_one(opens_at=at, duration=timedelta(hours=hours), review=review, iteration_hours=iteration_hours)
        for at, hours in zip(opens_at, durations, strict=False)
    ]


def _calendar_of_one(*, opens_at: datetime, duration: timedelta, review: timedelta, iteration_hours: float) -> Calendar:
    due_at = opens_at + duration
    reviews_due_at = due_at + review
    return Calendar(opens_at, due_at, reviews_due_at, iteration_due_at(reviews_due_at, hours=iteration_hours))


def iteration_due_at(reviews_due_at: datetime | None, *, hours: float) -> datetime | None:
    """Return until when a second iteration may be handed in, or None. In SQL: iteration_due_at (0017)."""
    return None if reviews_due_at is None or hours == 0 else reviews_due_at + timedelta(hours=hours)


def during_hand_in(calendar: Calendar, *, share: float) -> datetime:
    """Return when this share of the time for handing in is over."""
    return calendar.opens_at + share * (calendar.due_at - calendar.opens_at)


def during_review(calendar: Calendar, *, share: float) -> datetime:
    """Return when this share of the time for reviews is over."""
    return calendar.due_at + share * (calendar.reviews_due_at - calendar.due_at)


def during_iteration(calendar: Calendar, *, share: float) -> datetime | None:
    """Return when this share of the time for a second iteration is over; None where there is none."""
    if calendar.iteration_due_at is None:
        return None
    return calendar.reviews_due_at + share * (calendar.iteration_due_at - calendar.reviews_due_at)


def is_hidden_from_others(*, status: TrackStatus, visibility: Visibility) -> bool:
    """Say whether only its staff and its participants may know that a track exists."""
    return status == "draft" or visibility == "private"


def ensure_may_create(*, role: str, creation: Literal["everyone", "authors"]) -> None:
    """Raise TrackCreationClosed unless a user in this role may create tracks."""
    if not is_creation_open(role=role, creation=creation):
        raise TrackCreationClosed


def is_creation_open(*, role: str, creation: Literal["everyone", "authors"]) -> bool:
    """Say whether a user in this role may create tracks."""
    return creation == "everyone" or role in {"author", "admin"}


def ensure_criteria_changeable(*, began_as_draft: bool, participants_count: int) -> None:
    """Raise CriteriaFixed unless the track began as a draft and no user is enrolled."""
    if not began_as_draft or participants_count:
        raise CriteriaFixed


def ensure_not_started(status: TrackStatus) -> None:
    """Raise TrackStarted or TrackOver unless the track is a draft or open for enrolment."""
    if status != "draft":
        ensure_enrolling(status)


def ensure_enrolling(status: TrackStatus) -> None:
    """Raise TrackIsDraft, TrackStarted or TrackOver unless the track is open for enrolment."""
    if status == "draft":
        raise TrackIsDraft
    if status == "running":
        raise TrackStarted
    if status != "enrolling":
        raise TrackOver


def ensure_not_over(status: TrackStatus, *, finishes_at: datetime | None, now: datetime) -> None:
    """Raise TrackOver if the track is finished or cancelled, also if no sweep has updated its status yet."""
    if status in {"finished", "cancelled"} or (finishes_at is not None and finishes_at <= now):
        raise TrackOver


def ensure_seats_for(count: int, *, seats: int) -> None:
    """Raise SeatsTaken if there would be fewer places than participants."""
    if seats < count:
        raise SeatsTaken(count=count)


def ensure_extension(
    *, due_at: datetime | None, to: datetime, finishes_at: datetime | None, is_closed: bool, now: datetime
) -> None:
    """Raise unless a deadline may be moved to `to`: it has not passed, `to` is later, and not too far."""
    due_at = ensure_extendable(due_at=due_at, is_closed=is_closed, now=now)
    ensure_later(due_at=due_at, to=to, finishes_at=finishes_at)


def ensure_extendable(*, due_at: datetime | None, is_closed: bool, now: datetime) -> datetime:
    """Return the deadline. Raises CalendarOpen, DeadlinePassed unless it is set and has not passed.

    `is_closed`: reviewing has begun while this request waited for a lock, so `now` is out of date.
    """
    if due_at is None:
        raise CalendarOpen
    if due_at <= now or is_closed:
        raise DeadlinePassed
    return due_at


def ensure_later(*, due_at: datetime, to: datetime, finishes_at: datetime | None) -> None:
    """Raise DeadlineNotLater or DeadlineTooFar unless `to` is later than a deadline, and not too far."""
    if to <= due_at:
        raise DeadlineNotLater(loc=("body", "due_at"))
    if to - due_at > timedelta(hours=MAX_HOURS) or (finishes_at is not None and finishes_at.year > LAST_YEAR):
        raise DeadlineTooFar(loc=("body", "due_at"))


def kept_assignments(present: Sequence[tuple[int, str]], *, titles: Sequence[str]) -> dict[int, int]:
    """Say which assignments stay when their list is replaced: the id of each by its new position.

    `present`: ids and titles, in order. The same title is the same assignment; with another title it is the one that
    had the position.
    """
    kept: dict[int, int] = {}
    left = list(present)
    for position, title in enumerate(titles):
        same = next((each for each in left if each[1] == title), None)
        if same is not None:
            kept[position] = same[0]
            left.remove(same)
    for position, (id, _) in enumerate(present):
        if position < len(titles) and position not in kept and any(id == each[0] for each in left):
            kept[position] = id
    return kept
