"""Open the next cohort of a course, and ask users who waited first."""

from datetime import timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.rules import TrackNotStarted
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.enrollment.cohorts import HEAD_START, open_next_cohort
from learning_platform.enrollment.rules import HeadStart, NextCohortOpen
from learning_platform.enrollment.waiting_list import join, place_of
from learning_platform.reviews.author.cohorts import compare_cohorts
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.cohorts import cohorts, neighbours, number_in, title_of_cohort
from learning_platform.tracks.queries import Track, track
from learning_platform.tracks.rules import NotTheAuthor
from tests import events, make

HOUR = timedelta(hours=1)
BEGUN = make.NOON + HOUR


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Python basics", "Python basics, cohort 3"),
        ("Основы SQL", "Основы SQL, поток 3"),
        ("Python basics, cohort 2", "Python basics, cohort 3"),
        ("Основы SQL (группа 2)", "Основы SQL (группа 3)"),
        ("Rust #2", "Rust #3"),
        ("Python 3", "Python 3, cohort 3"),
        ("Go in 2029", "Go in 2029, cohort 3"),
        ("x" * 200, "x" * 190 + ", cohort 3"),
        ("x" * 192 + " group 9", "x" * 192 + " group 3"),
    ],
)
def test_the_number_of_a_cohort_replaces_the_one_in_the_title_or_is_added(title: str, expected: str) -> None:
    assert title_of_cohort(title, 3) == expected
    assert number_in(expected) == 3


async def opened(db: Connection, track_id: int, author_id: int, *, hours: float = 1) -> Track:
    now = make.NOON + hours * HOUR
    found = await open_next_cohort(db, track_id=track_id, actor=Actor(author_id), now=now)
    return await track(db, track_id=found.track_id, viewer=Actor(author_id), now=now)


async def numbers(db: Connection, track_id: int, user_id: int) -> list[int | None]:
    found = await cohorts(db, track_id=track_id, viewer=Actor(user_id), after=0, limit=50, now=BEGUN)
    return [each.cohort for each in found]


async def test_cohorts_are_numbered_and_know_each_other(db: Connection) -> None:
    teacher, alice, bob = await make.users(db, 3)
    first = await make.running_track(db, [alice, bob], author_id=teacher)
    await db.execute("update tracks set visibility = 'unlisted' where id = $1", first)
    second = await opened(db, first, teacher)
    assert (second.cohort, second.status, second.title[-10:]) == (2, "enrolling", ", cohort 2")
    assert (second.visibility, second.head_start_until) == ("unlisted", None)
    with pytest.raises(NextCohortOpen):
        await opened(db, first, teacher)
    with pytest.raises(TrackNotStarted):
        await opened(db, second.id, teacher)
    for user_id in (alice, bob):
        await enroll(db, track_id=second.id, user_id=user_id, now=BEGUN)
    third = await opened(db, first, teacher)
    assert third.cohort == 3
    around = await neighbours(db, track_id=second.id, viewer=Actor(teacher))
    assert [(each.id, each.distance) for each in around] == [(first, -1), (third.id, 1)]
    assert await numbers(db, second.id, teacher) == [1, 2, 3]
    assert await numbers(db, second.id, alice) == [1, 2], "the third is unlisted"


async def test_users_who_waited_enroll_first(db: Connection) -> None:
    teacher, alice, bob, carol, dave = await make.users(db, 5)
    first = await make.running_track(db, [alice, bob], author_id=teacher)
    await join(db, track_id=first, user_id=carol, now=make.NOON)
    with pytest.raises(NotTheAuthor):
        await opened(db, first, carol)
    second = await opened(db, first, teacher)
    assert second.head_start_until == BEGUN + HEAD_START
    assert await make.inbox(db, carol) == ["next_cohort"]
    for attempt in (enroll, join):
        with pytest.raises(HeadStart):
            await attempt(db, track_id=second.id, user_id=dave, now=BEGUN)

    await enroll(db, track_id=second.id, user_id=carol, now=BEGUN)

    assert await place_of(db, track_id=first, user_id=carol) is None
    assert (await enroll(db, track_id=second.id, user_id=dave, now=BEGUN + HEAD_START)).track_started


async def test_cohorts_are_compared_by_staff_who_take_no_part(db: Connection) -> None:
    teacher, *people = await make.users(db, 4)
    first = await make.running_track(db, people, author_id=teacher)
    first_id, _ = await make.assignment_ids(db, first)
    for user_id in people[:2]:
        await make.hand_in(db, first_id, user_id)
    assert await events.close_hand_in(db, first_id, make.NOON + 10 * HOUR)
    second = await opened(db, first, teacher, hours=11)
    for user_id in [teacher, *people[:2]]:
        await enroll(db, track_id=second.id, user_id=user_id, now=make.NOON + 11 * HOUR)
    access = await access_to_track(db, track_id=first, actor=Actor(teacher))

    (only,) = await compare_cohorts(db, access, after=0, limit=50, now=make.NOON + 30 * HOUR)

    assert (only.id, only.number, only.participants_count, only.left_count, only.finished_count) == (first, 1, 3, 0, 0)
    assert only.average_total == 0, "one has submitted nothing; of the others there are no reviews"
    assert [(each.submitted_count, each.reviews_done, each.reviews_required) for each in only.assignments] == [
        (2, 0, 4),
        (0, 0, 0),
    ]
    with pytest.raises(NotTheAuthor):
        await compare_cohorts(
            db, await access_to_track(db, track_id=first, actor=Actor(people[0])), after=0, limit=50, now=BEGUN
        )
