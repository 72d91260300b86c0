"""The calendar, and what may be done to a track when. No database."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from learning_platform.tracks.rules import (
    CalendarOpen,
    CriteriaFixed,
    DeadlineNotLater,
    DeadlinePassed,
    DeadlineTooFar,
    SeatsTaken,
    TrackCreationClosed,
    TrackOver,
    TrackStarted,
    TrackStatus,
    calendar,
    during_hand_in,
    during_review,
    ensure_criteria_changeable,
    ensure_enrolling,
    ensure_extension,
    ensure_may_create,
    ensure_not_over,
    ensure_seats_for,
    kept_assignments,
)

S = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_calendar_follows_from_the_time_of_the_start() -> None:
    first, second = calendar(starts_at=S, durations=[10, 20], review_hours=5)
    assert first.opens_at == S
    assert during_hand_in(first, share=0.8) == S + 8 * HOUR
    assert first.due_at == S + 10 * HOUR
    assert first.reviews_due_at == S + 15 * HOUR
    assert second.opens_at == S + 15 * HOUR
    assert during_hand_in(second, share=0.8) == S + 31 * HOUR
    assert during_review(second, share=0.8) == S + 39 * HOUR
    assert second.due_at == S + 35 * HOUR
    assert second.reviews_due_at == S + 40 * HOUR


def test_hours_are_numbers_not_whole_ones_only() -> None:
    (only,) = calendar(starts_at=S, durations=[0.002], review_hours=0.001)
    assert only.due_at - S == timedelta(seconds=7.2)
    assert during_hand_in(only, share=0.8) - S == timedelta(seconds=5.76)
    assert only.reviews_due_at - only.due_at == timedelta(seconds=3.6)


def test_fifty_assignments_follow_each_other_without_a_gap() -> None:
    times = calendar(starts_at=S, durations=[0.1] * 50, review_hours=0.7)
    for earlier, later in pairwise(times):
        assert later.opens_at == earlier.reviews_due_at
        assert later.opens_at < later.due_at < later.reviews_due_at


def test_everyone_creates_tracks_unless_only_authors_may() -> None:
    for role in ("user", "author", "admin"):
        ensure_may_create(role=role, creation="everyone")
    for role in ("author", "admin"):
        ensure_may_create(role=role, creation="authors")
    with pytest.raises(TrackCreationClosed):
        ensure_may_create(role="user", creation="authors")


def test_criteria_are_never_touched() -> None:
    ensure_criteria_changeable(began_as_draft=True, participants_count=0)
    with pytest.raises(CriteriaFixed):
        ensure_criteria_changeable(began_as_draft=False, participants_count=0)
    with pytest.raises(CriteriaFixed):
        ensure_criteria_changeable(began_as_draft=True, participants_count=1)


@pytest.mark.parametrize(
    ("status", "refusal"), [("running", TrackStarted), ("finished", TrackOver), ("cancelled", TrackOver)]
)
def test_people_gather_only_before_the_start(
    status: TrackStatus, refusal: type[TrackStarted] | type[TrackOver]
) -> None:
    ensure_enrolling("enrolling")
    with pytest.raises(refusal):
        ensure_enrolling(status)


def test_a_track_is_over_by_the_clock_whether_or_not_anything_has_noticed() -> None:
    ensure_not_over("enrolling", finishes_at=None, now=S)
    ensure_not_over("running", finishes_at=S + HOUR, now=S)
    for status, finishes_at in (("running", S), ("finished", S - HOUR), ("cancelled", None), ("cancelled", S + HOUR)):
        with pytest.raises(TrackOver):
            ensure_not_over(status, finishes_at=finishes_at, now=S)  # type: ignore[arg-type]  # A tuple widens literals.


def test_there_are_never_fewer_places_than_people() -> None:
    ensure_seats_for(3, seats=3)
    with pytest.raises(SeatsTaken) as caught:
        ensure_seats_for(3, seats=2)
    assert caught.value.values == {"count": 3}


def extend(*, due_at: datetime | None = S + HOUR, to: datetime, finishes_at: datetime = S + 9 * HOUR) -> None:
    ensure_extension(due_at=due_at, to=to, finishes_at=finishes_at, is_closed=False, now=S)


def test_a_deadline_still_to_come_may_be_moved_later() -> None:
    extend(to=S + HOUR + timedelta(seconds=1))
    extend(to=S + HOUR + timedelta(days=3650))


def test_a_deadline_is_not_moved_before_there_is_one_nor_after_it_has_passed() -> None:
    with pytest.raises(CalendarOpen):
        extend(due_at=None, to=S + HOUR)
    with pytest.raises(DeadlinePassed):
        extend(due_at=S, to=S + HOUR)


def test_a_deadline_is_not_moved_earlier_nor_to_where_it_is() -> None:
    for to in (S + HOUR, S, S - HOUR):
        with pytest.raises(DeadlineNotLater) as caught:
            extend(to=to)
        assert caught.value.loc == ("body", "due_at")


def test_a_deadline_is_not_moved_out_of_the_calendar() -> None:
    with pytest.raises(DeadlineTooFar):
        extend(to=S + timedelta(days=4000))
    with pytest.raises(DeadlineTooFar):
        extend(to=S + 2 * HOUR, finishes_at=S.replace(year=9001))


@pytest.mark.parametrize(
    ("titles", "kept"),
    [
        (["A", "B", "C"], {0: 1, 1: 2, 2: 3}),
        (["C", "A"], {0: 3, 1: 1}),
        (["A", "Better B", "C"], {0: 1, 1: 2, 2: 3}),
        (["New", "A", "B", "C"], {1: 1, 2: 2, 3: 3}),
        (["B"], {0: 2}),
        (["X", "Y", "Z", "A"], {3: 1, 1: 2, 2: 3}),
        ([], {}),
    ],
)
def test_an_assignment_of_the_same_title_or_else_position_stays(titles: list[str], kept: dict[int, int]) -> None:
    assert kept_assignments([(1, "A"), (2, "B"), (3, "C")], titles=titles) == kept


def test_of_equal_titles_each_assignment_stays_once() -> None:
    assert kept_assignments([(1, "A"), (2, "A")], titles=["A", "A", "A"]) == {0: 1, 1: 2}
