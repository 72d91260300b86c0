"""When a track starts: as soon as it is full, or on a date; and at which hours it may. Pure functions."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from learning_platform.core.errors import Conflict, Invalid
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import MAX_HOURS, TrackStatus

StartRule = Literal["when_full", "on_date"]
StartState = Literal["when_full", "full", "on_date", "date_not_set", "missed"]
MIN_PARTICIPANTS = 2
# Where clocks are put forward, a day may have none of the hours asked for; the day after it has them.
DAYS_TO_LOOK_AT = 3


class StartInPast(Invalid):
    code = "start_in_past"
    message = N_("The start date must be in the future.")


class StartTooFar(Invalid):
    code = "start_too_far"
    message = N_("The start date can be at most ten years away.")


class OutsideStartHours(Invalid):
    code = "outside_start_hours"
    message = N_("The start date is outside of the starting hours.")


class StartHoursNotARange(Invalid):
    code = "start_hours_not_a_range"
    message = N_("Give both starting hours, the earlier one first, or none.")


class MinimumAbovePlaces(Invalid):
    code = "minimum_above_places"
    message = N_("The minimum cannot be larger than the number of places.")


class TooFewParticipants(Conflict):
    code = "too_few_participants"
    message = N_("At least two participants are needed to start the track.")


@dataclass(frozen=True, slots=True)
class StartHours:
    """The hours of the day, in a time zone, in which a track may start: from `from_hour`, before `until_hour`."""

    from_hour: int
    until_hour: int
    zone: ZoneInfo

    def includes(self, at: datetime) -> bool:
        """Say whether a track may start at this time."""
        return self.from_hour <= at.astimezone(self.zone).hour < self.until_hour


@dataclass(frozen=True, slots=True)
class StartPlan:
    """How a track is to start, as its staff decide it. `at` only counts for a start on a date; None: not set yet."""

    rule: StartRule = "when_full"
    at: datetime | None = None
    min_participants: int = MIN_PARTICIPANTS
    time_zone: str = "UTC"
    from_hour: int | None = None
    until_hour: int | None = None

    @property
    def hours(self) -> StartHours | None:
        """Return the hours in which the track may start; None for any hour."""
        if self.from_hour is None or self.until_hour is None:
            return None
        return StartHours(self.from_hour, self.until_hour, ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class TrackStart(StartPlan):
    """How a track is to start, and what has come of it.

    `at`: when it starts, as far as that is certain; for a track that starts when it is full, while it waits for its
    hours. `missed_at`: since when a track waits for its staff, because too few had enrolled on its date.
    """

    missed_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Say whether it is to be decided now whether the track starts."""
        return self.at is not None and self.at <= now and self.missed_at is None

    def state(self, *, participants: int, seats: int) -> StartState:
        """Return what the track waits for."""
        if self.missed_at is not None:
            return "missed"
        if self.rule == "on_date" and self.at is None:
            return "date_not_set"
        if participants >= seats and self.at is not None:
            return "full"
        return self.rule


class StartColumns(Protocol):
    """A row with the columns of a track that say how it is to start."""

    @property
    def status(self) -> TrackStatus: ...
    @property
    def participants_count(self) -> int: ...
    @property
    def required_participants(self) -> int: ...
    @property
    def start_rule(self) -> StartRule: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def start_missed_at(self) -> datetime | None: ...
    @property
    def min_participants(self) -> int: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def start_from_hour(self) -> int | None: ...
    @property
    def start_until_hour(self) -> int | None: ...


def start_of_row(row: StartColumns) -> TrackStart:
    """Return how a track is to start that was read with other columns."""
    return TrackStart(
        rule=row.start_rule,
        at=row.starts_at,
        min_participants=row.min_participants,
        time_zone=row.time_zone,
        from_hour=row.start_from_hour,
        until_hour=row.start_until_hour,
        missed_at=row.start_missed_at,
    )


def state_before_start(row: StartColumns) -> StartState | None:
    """Return what a track waits for; None once it has started."""
    if row.status not in {"draft", "enrolling"}:
        return None
    return start_of_row(row).state(participants=row.participants_count, seats=row.required_participants)


def earliest_start(hours: StartHours | None, *, now: datetime) -> datetime:
    """Return the first time from `now` at which a track may start."""
    if hours is None or hours.includes(now):
        return now
    today = now.astimezone(hours.zone).date()
    for days in range(DAYS_TO_LOOK_AT):
        at = datetime.combine(today + timedelta(days=days), time(hours.from_hour), tzinfo=hours.zone)
        at = at.astimezone(now.tzinfo)
        if at > now and hours.includes(at):
            return at
    raise AssertionError("no day has these hours")


def calendar_start(start: TrackStart, *, first_hours: float, now: datetime) -> datetime:
    """Return the time from which the calendar of a track runs whose start is due; it may be later than now.

    That is the planned time, also if it is handled later. But if the time for the first assignment, `first_hours`, is
    over by then, no participant could have handed anything in: the calendar runs from the next time the track may
    start.
    """
    assert start.at is not None
    if start.at + timedelta(hours=first_hours) > now:
        return start.at
    return earliest_start(start.hours, now=now)


def ensure_start_plan(plan: StartPlan, *, seats: int, now: datetime, is_new_date: bool = True) -> None:
    """Raise StartHoursNotARange, MinimumAbovePlaces, StartInPast, StartTooFar or OutsideStartHours for a plan."""
    _ensure_hours(plan)
    if plan.rule == "when_full":
        return
    if plan.min_participants > seats:
        raise MinimumAbovePlaces(loc=("body", "start", "min_participants"))
    if plan.at is None or not is_new_date:
        return
    if plan.at <= now:
        raise StartInPast(loc=("body", "start", "at"))
    if plan.at - now > timedelta(hours=MAX_HOURS):
        raise StartTooFar(loc=("body", "start", "at"))
    if plan.hours is not None and not plan.hours.includes(plan.at):
        raise OutsideStartHours(loc=("body", "start", "at"))


def ensure_enough_to_start(participants: int) -> None:
    """Raise TooFewParticipants unless there are at least two: a review needs another participant."""
    if participants < MIN_PARTICIPANTS:
        raise TooFewParticipants


def _ensure_hours(plan: StartPlan) -> None:
    hours = (plan.from_hour, plan.until_hour)
    if hours == (None, None):
        return
    if plan.from_hour is None or plan.until_hour is None or plan.from_hour >= plan.until_hour:
        raise StartHoursNotARange(loc=("body", "start", "until_hour" if plan.until_hour is None else "from_hour"))
