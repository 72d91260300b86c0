"""Where a participant stands, and whether they may hand in. No database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from learning_platform.attempts.repository_links import repository_link
from learning_platform.attempts.rules import (
    AssignmentLocked,
    AssignmentState,
    NotARepositoryLink,
    count_reviews,
    ensure_may_submit,
    reviews_owed,
    state_by_calendar,
    state_of,
)
from learning_platform.tracks.rules import DeadlinePassed, NotAParticipant

DUE = datetime(2030, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"opened_at": None}, "locked"),
        ({"opened_at": None, "now": DUE}, "locked"),
        ({"due_at": None}, "locked"),
        ({}, "open"),
        ({"has_submission": True}, "submitted"),
        ({"now": DUE - timedelta(microseconds=1)}, "open"),
        ({"now": DUE}, "review"),
        ({"now": DUE, "has_submission": True}, "review"),
        ({"now": DUE + 99 * HOUR}, "review"),
        ({"finished_at": DUE, "now": DUE}, "finished"),
    ],
    ids=str,
)
def test_the_state_is_what_the_clock_and_the_attempt_say(changed: dict[str, Any], state: AssignmentState) -> None:
    standing = {
        "opened_at": DUE - HOUR,
        "finished_at": None,
        "has_submission": False,
        "due_at": DUE,
        "now": DUE - HOUR,
    }
    assert state_of(**{**standing, **changed}) == state


def test_a_user_who_only_looks_on_sees_the_state_of_the_calendar() -> None:
    def state(now: datetime) -> AssignmentState:
        return state_by_calendar(opens_at=DUE - HOUR, due_at=DUE, reviews_due_at=DUE + HOUR, now=now)

    times = [DUE - 2 * HOUR, DUE - HOUR, DUE, DUE + HOUR]
    assert [state(now) for now in times] == ["locked", "open", "review", "finished"]
    assert state_by_calendar(opens_at=None, due_at=None, reviews_due_at=None, now=DUE) == "locked"


def may_submit(
    *, is_participant: bool = True, opened_at: datetime | None = DUE - HOUR, is_closed: bool = False, now: datetime
) -> None:
    ensure_may_submit(is_participant=is_participant, opened_at=opened_at, due_at=DUE, is_closed=is_closed, now=now)


def test_a_link_may_be_handed_in_until_the_very_deadline() -> None:
    may_submit(now=DUE - timedelta(microseconds=1))
    with pytest.raises(DeadlinePassed):
        may_submit(now=DUE)


def test_a_link_is_refused_as_soon_as_reviewing_has_begun_whatever_the_clock_said_before() -> None:
    with pytest.raises(DeadlinePassed):
        may_submit(is_closed=True, now=DUE - HOUR)


def test_a_link_is_refused_from_strangers_and_before_the_assignment_is_open() -> None:
    with pytest.raises(NotAParticipant):
        may_submit(is_participant=False, now=DUE - HOUR)
    with pytest.raises(AssignmentLocked):
        may_submit(opened_at=None, now=DUE - HOUR)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/alice/hello",
        "http://git.example/a",
        "HTTPS://GIT.EXAMPLE/A/B.git",
        "https://git.example:8443/a/b?ref=main#readme",
        "https://192.0.2.1/a",
        "https://[2001:db8::1]:3000/a",
        "https://хостинг.рф/алиса/привет",
        "https://git.example/a%20b/~c",
        "https://git.example/" + "x" * 1900,
    ],
)
def test_a_link_to_a_host_and_a_path_is_one_to_a_repository(url: str) -> None:
    assert repository_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "github.com/alice/hello",
        "//git.example/a",
        "ftp://git.example/a",
        "ssh://git@git.example/a",
        "git@github.com:alice/hello.git",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://git.example",
        "https://git.example/",
        "https://git.example//",
        "https://git.example?path",
        "https://user:password@git.example/a",
        "https://git.example@evil.example/a",
        "https://git.example:port/a",
        "https://git.example:0/a",
        "https://git.example:99999/a",
        "https://[2001:db8::1/a",
        "https://git.example/a b",
        " https://git.example/a",
        "https://git.example/a\n",
        "https://git.example/\u202egpj.exe",
        "https://git.example/a\x00",
        'https://git.example/"><script>',
        "https://git.example/<x>",
        "https://git.example\\@evil.example/a",
        "https://git.example/" + "x" * 2000,
    ],
)
def test_anything_else_is_not_and_is_refused_at_its_field(url: str) -> None:
    with pytest.raises(NotARepositoryLink) as caught:
        repository_link(url)
    assert caught.value.loc == ("body", "repo_url")


@pytest.mark.parametrize(("submissions", "owed"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (9_999, 3)])
def test_three_reviews_are_owed_or_as_many_as_there_are_submissions(submissions: int, owed: int) -> None:
    assert reviews_owed(submissions_by_others=submissions) == owed


@pytest.mark.parametrize(
    ("done", "counted"), [(0, (0, 0, 3)), (2, (2, 0, 1)), (3, (3, 0, 0)), (4, (3, 1, 0)), (7, (3, 4, 0))]
)
def test_reviews_beyond_those_that_are_owed_are_extra(done: int, counted: tuple[int, int, int]) -> None:
    count = count_reviews(required=3, done=done)
    assert (count.done, count.extra, count.left) == counted
