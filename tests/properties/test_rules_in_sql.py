"""What the database computes about reviews (migrations/versions/0013) is what the pure rules say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learning_platform.attempts.rules import has_done_reviews, reviews_owed
from learning_platform.core.database import Connection
from learning_platform.reviews.results import Criterion, Result, Score, result
from learning_platform.reviews.rules import is_short, may_see_reviews
from tests import make

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
EXAMPLES = 60
TOTAL = "select total from submission_total($1, $2, 'infinity')"
STORED = "select result, window_result from submissions where id = $1"
IN_WINDOW = """
select total from submission_total($1, $2, (select reviews_due_at from assignments where id = $3))
"""
SPREAD = "select spread from submission_spread($1)"
INSERT_CRITERIA = """
insert into criteria (track_id, position, name, description, max_score)
select $1, position - 1, 'Criterion', '', max_score
from unnest($2::int[]) with ordinality as c (max_score, position) returning id
"""
INSERT_REVIEW = """
insert into reviews (assignment_id, submission_id, reviewer_id, created_at) values ($1, $2, $3, $4) returning id
"""
INSERT_SCORES = "insert into scores (review_id, criterion_id, score) select $1, * from unnest($2::bigint[], $3::int[])"
INSERT_APPEAL = """
insert into appeals (assignment_id, submission_id, text, created_at, settled_at, settlement)
values ($1, $2, 'Look again', $3, $3, 'Corrected') returning id
"""
INSERT_CORRECTIONS = """
insert into corrected_scores (appeal_id, criterion_id, score) select $1, * from unnest($2::bigint[], $3::int[])
"""
some_time = st.none() | st.integers(0, 3).map(lambda hours: make.NOON + hours * HOUR)


@dataclass(frozen=True)
class Case:
    """The maximum of each criterion, the scores of each review, and the scores an appeal corrected, by position."""

    maxima: list[int]
    reviews: list[list[int]]
    corrected: dict[int, int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    maxima = draw(st.lists(st.integers(1, 100), min_size=1, max_size=4))
    scores = st.tuples(*(st.integers(0, most) for most in maxima)).map(list)
    positions = draw(st.sets(st.sampled_from(range(len(maxima)))))
    corrected = {position: draw(st.integers(0, maxima[position])) for position in positions}
    return Case(maxima, draw(st.lists(scores, max_size=4)), corrected)


async def call(db: Connection, function: str, *arguments: object) -> Any:
    placed = ", ".join(f"${number}" for number in range(1, len(arguments) + 1))
    return await db.fetchval(f"select {function}({placed})", *arguments)


@settings(max_examples=EXAMPLES)
@given(submissions=st.integers(0, 10))
async def test_what_is_owed(db: Connection, submissions: int) -> None:
    assert await call(db, "reviews_owed", submissions) == reviews_owed(submissions_by_others=submissions)


@settings(max_examples=EXAMPLES)
@given(pending=st.booleans(), withdrawn=st.booleans(), reviews=st.integers(0, 5), submissions=st.integers(1, 6))
async def test_what_is_short_of_reviews(
    db: Connection, pending: bool, withdrawn: bool, reviews: int, submissions: int
) -> None:
    assert await call(db, "is_short", pending, withdrawn, reviews, submissions) == is_short(
        review_pending=pending, is_withdrawn=withdrawn, reviews_count=reviews, submissions_count=submissions
    )


@settings(max_examples=EXAMPLES)
@given(finished_at=some_time, left_at=some_time, reviews_due_at=some_time)
async def test_when_reviews_may_be_seen(
    db: Connection, finished_at: datetime | None, left_at: datetime | None, reviews_due_at: datetime | None
) -> None:
    now = make.NOON + HOUR
    has_done = has_done_reviews(finished_at=finished_at, left_at=left_at)
    assert await call(db, "has_done_reviews", finished_at, left_at) == has_done
    may_see = may_see_reviews(has_done_own=has_done, reviews_due_at=reviews_due_at, now=now)
    assert await call(db, "may_see_reviews", finished_at, left_at, reviews_due_at, now) == may_see


@settings(max_examples=EXAMPLES)
# Halves of a hundredth, and a spread of exactly what counts as disagreement.
@example(case=Case([100, 100, 100, 100], [[1, 0, 0, 0], [0, 0, 0, 0]], {}))
@example(case=Case([15, 15, 15], [[15, 15, 14], [15, 11, 0]], {}))
@example(case=Case([7], [], {0: 3}))
@given(case=cases())
async def test_what_reviews_add_up_to(db: Connection, case: Case) -> None:
    attempt = db.transaction()
    await attempt.start()
    try:
        await compare_result(db, case)
    finally:
        await attempt.rollback()


async def compare_result(db: Connection, case: Case) -> None:
    people = await make.users(db, 6)
    track_id = await make.running_track(db, people)
    await db.execute("delete from criteria where track_id = $1", track_id)
    ids = [row[0] for row in await db.fetch(INSERT_CRITERIA, track_id, case.maxima)]
    assignment_id = (await make.assignment_ids(db, track_id))[0]
    submission_id = await make.hand_in(db, assignment_id, people[0])
    for reviewer_id, scores in zip(people[1:], case.reviews, strict=False):
        review_id = await db.fetchval(INSERT_REVIEW, assignment_id, submission_id, reviewer_id, make.NOON)
        await db.execute(INSERT_SCORES, review_id, ids, scores)
    if case.corrected:
        appeal_id = await db.fetchval(INSERT_APPEAL, assignment_id, submission_id, make.NOON)
        corrected = [ids[position] for position in case.corrected]
        await db.execute(INSERT_CORRECTIONS, appeal_id, corrected, list(case.corrected.values()))
    expected = in_python(ids, case)
    assert await db.fetchval(TOTAL, submission_id, track_id) == (expected and expected.total)
    in_window = await db.fetchval(IN_WINDOW, submission_id, track_id, assignment_id)
    stored = [tuple(row) for row in await db.fetch(STORED, submission_id)]
    assert stored == [(expected and expected.total, in_window)]
    if case.reviews:
        assert expected is not None
        assert await db.fetchval(SPREAD, submission_id) == expected.spread


def in_python(ids: Sequence[int], case: Case) -> Result | None:
    criteria = [Criterion(id, 0, "Criterion", "", most) for id, most in zip(ids, case.maxima, strict=True)]
    reviews = [[Score(id, score) for id, score in zip(ids, scores, strict=True)] for scores in case.reviews]
    return result(criteria, reviews, {ids[position]: score for position, score in case.corrected.items()})
