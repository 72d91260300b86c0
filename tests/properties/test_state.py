"""The state of a participant at an assignment, at any time: one of five, forwards only, and truthful."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from learning_platform.attempts.rules import (
    AssignmentLocked,
    AssignmentState,
    ensure_may_submit,
    personal_deadline,
    state_by_calendar,
    state_of,
)
from learning_platform.core.errors import Refusal
from learning_platform.tracks.rules import DeadlinePassed

START = datetime(2030, 1, 1, 12, tzinfo=UTC)
FORWARDS: dict[AssignmentState, int] = {"locked": 0, "open": 1, "submitted": 1, "review": 2, "finished": 3}
times = st.timedeltas(timedelta(), timedelta(days=400)).map(lambda after: START + after)
maybe = st.none() | times


def refusal(*, opened_at: datetime | None, due_at: datetime | None, now: datetime) -> type[Refusal] | None:
    try:
        ensure_may_submit(is_participant=True, opened_at=opened_at, due_at=due_at, is_closed=False, now=now)
    except Refusal as refused:
        return type(refused)
    return None


@given(maybe, maybe, st.booleans(), times, st.tuples(times, times))
def test_time_never_takes_a_participant_back(
    opened_at: datetime | None,
    finished_at: datetime | None,
    has_submission: bool,
    due_at: datetime,
    now: tuple[datetime, datetime],
) -> None:
    earlier, later = (
        state_of(opened_at=opened_at, finished_at=finished_at, has_submission=has_submission, due_at=due_at, now=at)
        for at in sorted(now)
    )
    assert FORWARDS[earlier] <= FORWARDS[later]


@given(maybe, st.booleans(), times, times)
def test_a_link_is_taken_exactly_while_the_state_says_so(
    opened_at: datetime | None, has_submission: bool, due_at: datetime, now: datetime
) -> None:
    state = state_of(opened_at=opened_at, finished_at=None, has_submission=has_submission, due_at=due_at, now=now)
    refused = refusal(opened_at=opened_at, due_at=due_at, now=now)
    assert (refused is None) == (state in {"open", "submitted"})
    if state == "submitted":
        assert has_submission
    if state == "review":
        assert refused is DeadlinePassed
    if state == "locked":
        assert refused is (DeadlinePassed if now >= due_at else AssignmentLocked)


@given(times, maybe)
def test_a_deadline_of_ones_own_is_never_the_earlier_one(due_at: datetime, extended_to: datetime | None) -> None:
    own = personal_deadline(due_at=due_at, extended_to=extended_to)
    assert own is not None
    assert own >= due_at
    assert own in {due_at, extended_to}


@given(st.lists(times, min_size=3, max_size=3, unique=True), st.tuples(times, times))
def test_a_user_who_only_watches_sees_the_calendar_go_forwards(
    calendar: list[datetime], now: tuple[datetime, datetime]
) -> None:
    opens_at, due_at, reviews_due_at = sorted(calendar)
    earlier, later = (
        state_by_calendar(opens_at=opens_at, due_at=due_at, reviews_due_at=reviews_due_at, now=at) for at in sorted(now)
    )
    assert FORWARDS[earlier] <= FORWARDS[later]
