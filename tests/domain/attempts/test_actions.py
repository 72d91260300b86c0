"""Hand in, begin the review stage, go on to the next assignment."""

from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.actions import HandedIn, submit
from learning_platform.attempts.queries import assignment, current_assignment
from learning_platform.attempts.review_stage import begin_review_stage
from learning_platform.attempts.rules import (
    AssignmentLocked,
    AssignmentState,
    NoSubmission,
    NotARepositoryLink,
    NotEnrolled,
    TrackCancelled,
    TrackCompleted,
    TrackNotStarted,
)
from learning_platform.attempts.submissions import own_submission
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import cancel_track
from learning_platform.tracks.rules import AssignmentNotFound, DeadlinePassed, NotAParticipant, TrackOver
from tests import make
from tests.events import finish_track

HOUR = timedelta(hours=1)
VERSIONS = """
select v.repo_url from submission_versions v join submissions s on s.id = v.submission_id
where s.assignment_id = $1 and s.user_id = $2 order by v.id
"""
ATTEMPTS = """
select m.user_id, m.reviews_required, m.finished_at, n.opened_at
from attempts m left join attempts n on n.user_id = m.user_id and n.assignment_id = $2
where m.assignment_id = $1 order by m.user_id
"""


async def hand_in(
    db: Connection,
    assignment_id: int,
    user_id: int,
    *,
    repo_url: str = "https://git.example/a/b",
    comment: str | None = None,
    now: datetime = make.NOON,
) -> HandedIn:
    return await submit(db, assignment_id=assignment_id, user_id=user_id, repo_url=repo_url, comment=comment, now=now)


async def close(db: Connection, assignment_id: int, now: datetime) -> bool:
    return await begin_review_stage(db, assignment_id=assignment_id, now=now)


async def state(db: Connection, assignment_id: int, user_id: int, now: datetime) -> AssignmentState:
    view = await assignment(db, assignment_id=assignment_id, user_id=user_id, sees_all=False, now=now)
    return view.state


async def test_a_link_is_handed_in_and_the_latest_counts_while_every_one_is_kept(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    one = await hand_in(db, first, alice, repo_url="https://git.example/a/1", comment="draft")
    two = await hand_in(db, first, alice, repo_url="https://git.example/a/2", now=make.NOON + HOUR)
    assert (one.is_first, two.is_first) == (True, False)
    kept = await own_submission(db, assignment_id=first, user_id=alice, now=make.NOON)
    assert kept == two.submission
    assert (kept.id, kept.repo_url, kept.comment) == (one.submission.id, "https://git.example/a/2", None)
    assert kept.submitted_at == make.NOON + HOUR
    versions = [row[0] for row in await db.fetch(VERSIONS, first, alice)]
    assert versions == ["https://git.example/a/1", "https://git.example/a/2"]


async def test_a_link_is_refused_where_it_may_not_be_handed_in(db: Connection, now: datetime) -> None:
    alice, bob, mallory = await make.users(db, 3)
    first, second = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    with pytest.raises(NotARepositoryLink):
        await hand_in(db, first, alice, repo_url="nowhere")
    with pytest.raises(AssignmentNotFound):
        await hand_in(db, 10**12, alice)
    with pytest.raises(NotAParticipant):
        await hand_in(db, first, mallory)
    with pytest.raises(AssignmentLocked):
        await hand_in(db, second, alice)
    with pytest.raises(DeadlinePassed):
        await hand_in(db, first, alice, now=now + 10 * HOUR)
    assert await db.fetchval("select count(*) from submissions") == 0


async def test_a_refused_link_leaves_the_one_before_it(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    before = (await hand_in(db, first, alice)).submission
    with pytest.raises(DeadlinePassed):
        await hand_in(db, first, alice, repo_url="https://git.example/late/one", now=now + 11 * HOUR)
    assert await own_submission(db, assignment_id=first, user_id=alice, now=make.NOON) == before


async def test_nothing_is_handed_in_on_a_cancelled_track_or_before_the_start(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    track_id = await make.running_track(db, [alice, bob])
    await cancel_track(db, track_id=track_id, actor=Actor(alice), now=now)
    with pytest.raises(TrackOver):
        await hand_in(db, (await make.assignment_ids(db, track_id))[0], alice)
    gathering = await make.track(db, author_id=alice)
    await enroll(db, track_id=gathering, user_id=alice, now=now)
    with pytest.raises(AssignmentLocked):
        await hand_in(db, (await make.assignment_ids(db, gathering))[0], alice)


async def test_a_missing_submission_differs_from_one_that_may_not_be_seen(db: Connection) -> None:
    alice, bob, mallory = await make.users(db, 3)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    await hand_in(db, first, alice)
    with pytest.raises(NoSubmission):
        await own_submission(db, assignment_id=first, user_id=bob, now=make.NOON)
    with pytest.raises(NotAParticipant):
        await own_submission(db, assignment_id=first, user_id=mallory, now=make.NOON)
    with pytest.raises(AssignmentNotFound):
        await own_submission(db, assignment_id=10**12, user_id=alice, now=make.NOON)


@pytest.mark.parametrize(("submitting", "owed_by_them", "owed_by_others"), [(1, 0, 1), (2, 1, 2), (4, 3, 3), (5, 3, 3)])
async def test_every_participant_owes_three_reviews_or_as_many_as_others_have_handed_in(
    db: Connection, now: datetime, submitting: int, owed_by_them: int, owed_by_others: int
) -> None:
    people = await make.users(db, 6)
    first, second = await make.assignment_ids(db, await make.running_track(db, people))
    for user_id in people[:submitting]:
        await hand_in(db, first, user_id)
    assert await close(db, first, now + 10 * HOUR)
    owed = {row["user_id"]: row["reviews_required"] for row in await db.fetch(ATTEMPTS, first, second)}
    assert [owed[user_id] for user_id in people[:submitting]] == [owed_by_them] * submitting
    assert [owed[user_id] for user_id in people[submitting:]] == [owed_by_others] * (6 - submitting)


async def test_a_user_who_owes_nothing_goes_on_at_the_deadline_and_others_stay(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    first, second = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    await hand_in(db, first, alice)
    # The event was handled two hours late: the time stored is the calendar's all the same.
    await close(db, first, now + 12 * HOUR)
    rows = {row["user_id"]: row for row in await db.fetch(ATTEMPTS, first, second)}
    due_at = now + 10 * HOUR
    assert (rows[alice]["finished_at"], rows[alice]["opened_at"]) == (due_at, due_at)
    assert (rows[bob]["finished_at"], rows[bob]["opened_at"]) == (None, None)
    assert await make.inbox(db, alice) == ["track_started", "assignment_opened", "review_started", "assignment_opened"]
    assert await make.inbox(db, bob) == ["track_started", "assignment_opened", "review_started"]


async def test_the_review_stage_begins_once_and_not_before_the_deadline(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, people))
    assert not await close(db, first, now + 9 * HOUR)
    assert await close(db, first, now + 10 * HOUR)
    assert not await close(db, first, now + 10 * HOUR)
    assert not await close(db, 10**12, now)
    assert (await make.inbox(db, people[0])).count("review_started") == 1


async def test_a_track_without_any_submission_ends_for_every_participant(db: Connection, now: datetime) -> None:
    people = await make.users(db, 2)
    track_id = await make.running_track(db, people)
    first, second = await make.assignment_ids(db, track_id)
    await close(db, first, now + 10 * HOUR)
    await close(db, second, now + 30 * HOUR)
    with pytest.raises(TrackCompleted):
        await current_assignment(db, track_id=track_id, user_id=people[0], now=now + 31 * HOUR)
    assert await state(db, second, people[0], now + 31 * HOUR) == "finished"


async def test_a_participant_is_where_their_unfinished_attempt_is(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    track_id = await make.running_track(db, [alice, bob])
    first, second = await make.assignment_ids(db, track_id)
    handed_in = (await hand_in(db, first, alice)).submission

    async def here(user_id: int, now: datetime) -> tuple[int, str, int | None, int]:
        at = await current_assignment(db, track_id=track_id, user_id=user_id, now=now)
        return at.id, at.state, at.reviews_required, at.reviews_done

    assert await here(alice, now) == (first, "submitted", None, 0)
    assert await here(bob, now) == (first, "open", None, 0)
    # What the clock says holds before anything else has noticed.
    assert await here(bob, now + 10 * HOUR) == (first, "review", 1, 0)
    await close(db, first, now + 10 * HOUR)
    assert await here(alice, now + 10 * HOUR) == (second, "open", None, 0)
    at = await current_assignment(db, track_id=track_id, user_id=alice, now=now)
    assert at.submission is None
    assert await own_submission(db, assignment_id=first, user_id=alice, now=make.NOON) == handed_in


async def test_there_is_no_current_assignment_outside_a_running_track(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    gathering = await make.track(db, author_id=alice)
    with pytest.raises(NotEnrolled):
        await current_assignment(db, track_id=gathering, user_id=alice, now=now)
    with pytest.raises(NotEnrolled):
        await current_assignment(db, track_id=10**12, user_id=alice, now=now)
    await enroll(db, track_id=gathering, user_id=alice, now=now)
    with pytest.raises(TrackNotStarted):
        await current_assignment(db, track_id=gathering, user_id=alice, now=now)
    running = await make.running_track(db, [alice, bob])
    with pytest.raises(TrackCompleted):
        await current_assignment(db, track_id=running, user_id=alice, now=now + 40 * HOUR)
    assert await finish_track(db, running, now + 40 * HOUR)
    with pytest.raises(TrackCompleted):
        await current_assignment(db, track_id=running, user_id=alice, now=now + 40 * HOUR)
    await cancel_track(db, track_id=gathering, actor=Actor(alice), now=now)
    with pytest.raises(TrackCancelled):
        await current_assignment(db, track_id=gathering, user_id=alice, now=now)


async def test_a_locked_assignment_shows_everything_but_its_description(db: Connection, now: datetime) -> None:
    author, alice, bob, mallory = await make.users(db, 4)
    track_id = await make.track(db, author_id=author, places=2)
    for user_id in (alice, bob):
        await enroll(db, track_id=track_id, user_id=user_id, now=now)
    first, second = await make.assignment_ids(db, track_id)

    async def description(assignment_id: int, user_id: int, *, sees_all: bool = False) -> str | None:
        view = await assignment(db, assignment_id=assignment_id, user_id=user_id, sees_all=sees_all, now=now)
        assert view.due_at is not None, "the calendar is there for everyone"
        return view.description

    assert await description(first, alice) == "Do 1"
    assert await description(second, alice) is None
    assert await description(second, author) == "Do 2"
    assert await description(second, mallory, sees_all=True) == "Do 2"
    with pytest.raises(NotAParticipant):
        await description(second, mallory)
