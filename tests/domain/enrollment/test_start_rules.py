"""When a track starts, at which hours, and what is said until then."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from learning_platform.enrollment.rules import ChangedAssignments, Outline, changed_assignments
from learning_platform.tracks.start_rules import (
    MinimumAbovePlaces,
    OutsideStartHours,
    StartHours,
    StartHoursNotARange,
    StartInPast,
    StartPlan,
    TrackStart,
    calendar_start,
    earliest_start,
    ensure_start_plan,
)

NOW = datetime(2030, 9, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2030-09-01T12:00", "2030-09-01T12:00"),
        ("2030-09-01T08:59", "2030-09-01T09:00"),
        ("2030-09-01T21:00", "2030-09-02T09:00"),
        # The nights in which clocks are put forward and back.
        ("2030-03-30T22:00", "2030-03-31T09:00"),
        ("2030-10-26T22:00", "2030-10-27T09:00"),
    ],
)
def test_a_track_waits_for_the_first_hour_of_its_zone_in_which_it_may_start(now: str, expected: str) -> None:
    assert earliest_start(StartHours(9, 21, BERLIN), now=at(now)) == at(expected)


def test_hours_that_a_day_does_not_have_are_those_of_the_next_day() -> None:
    hours = StartHours(2, 3, BERLIN)
    assert earliest_start(hours, now=at("2030-03-31T00:30")) == at("2030-04-01T02:00")


def test_the_calendar_runs_from_the_planned_time_unless_nothing_could_have_been_handed_in() -> None:
    start = TrackStart("on_date", at=NOW, time_zone="Europe/Berlin", from_hour=9, until_hour=21)
    assert calendar_start(start, first_hours=10, now=NOW + timedelta(hours=9)) == NOW
    after = NOW + timedelta(hours=10)
    assert calendar_start(start, first_hours=10, now=after) == at("2030-09-02T09:00")


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        (StartPlan("on_date", NOW), StartInPast),
        (StartPlan("on_date", NOW + timedelta(days=1), min_participants=6), MinimumAbovePlaces),
        (StartPlan("on_date", NOW + timedelta(hours=12), from_hour=9, until_hour=21), OutsideStartHours),
        (StartPlan(from_hour=9), StartHoursNotARange),
        (StartPlan(from_hour=21, until_hour=9), StartHoursNotARange),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(plan: StartPlan, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        ensure_start_plan(plan, seats=5, now=NOW)


def test_the_state_says_what_a_track_waits_for() -> None:
    planned = TrackStart("on_date", at=NOW)
    assert TrackStart().state(participants=4, seats=5) == "when_full"
    assert TrackStart(at=NOW).state(participants=5, seats=5) == "full"
    assert planned.state(participants=4, seats=5) == "on_date"
    assert planned.state(participants=5, seats=5) == "full"
    assert TrackStart("on_date").state(participants=5, seats=5) == "date_not_set"
    assert TrackStart("on_date", at=NOW, missed_at=NOW).state(participants=5, seats=5) == "missed"


def test_changes_of_assignments_are_named_by_their_titles() -> None:
    one, two, three = (Outline(title, 10) for title in ("One", "Two", "Three"))
    assert changed_assignments([one, two], [one, two]) is None
    assert changed_assignments([one], [one, two, three]) == ChangedAssignments("added", "Two; Three")
    assert changed_assignments([one, two], [one]) == ChangedAssignments("removed", "Two")
    assert changed_assignments([one, two], [Outline("One", 5), two]) == ChangedAssignments("changed", "One")
    assert changed_assignments([one, two], [two, one]) == ChangedAssignments("changed", "Two; One")
    many = [Outline(f"Task {n}", 1) for n in range(9)]
    assert changed_assignments([], many) == ChangedAssignments("added", "Task 0; Task 1; Task 2; Task 3; Task 4; …")
