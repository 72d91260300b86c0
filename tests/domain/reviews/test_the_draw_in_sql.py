"""The same guarantees through the real draw: small classes on PostgreSQL, acting in any order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.review_stage import begin_review_stage
from learning_platform.core.database import Connection
from learning_platform.reviews.claims import claim
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Score
from learning_platform.reviews.returns import return_claim
from learning_platform.reviews.reviewing import review
from learning_platform.reviews.rules import NothingToReview, ReviewsDone
from learning_platform.reviews.sweeps import lapse
from tests import make

pytestmark = pytest.mark.anyio
DUE = make.NOON + timedelta(hours=10)
# One connection serves all examples: each is rolled back to where the test began.
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Only a seed is drawn: how much chance a class takes depends on the draw, which has chance of its own.
chances = st.builds(Random, st.integers(0, 10**6))

REVIEWS = """
select s.user_id, count(r.id) from submissions s left join reviews r on r.submission_id = s.id
where s.assignment_id = $1 group by s.user_id
"""
WHO_REVIEWED_WHOM = """
select r.reviewer_id, s.user_id from reviews r join submissions s on s.id = r.submission_id where r.assignment_id = $1
"""
# A claim that counts, open or kept, stands in the count of its submission; nothing else does.
MISCOUNTED = """
select count(*) from submissions s
where review_count <> (select count(*) from claims c where c.submission_id = s.id and c.counts)
"""
OWING_REVIEWERS = "select user_id from attempts where assignment_id = $1 and finished_at is null"
REASONS = "select reason, count(*) from claims where assignment_id = $1 group by reason"
CAN_REVIEW = """
select exists (select from submissions s where s.assignment_id = $1 and s.user_id <> $2
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $2))
"""


@dataclass
class SmallClass:
    """A class in its review stage, and the claims in people's hands."""

    db: Connection
    assignment_id: int
    people: Sequence[int]
    full_marks: Sequence[Score]
    in_hand: dict[int, tuple[int, int]] = field(default_factory=dict)

    async def claim(self, person: int) -> bool:
        """Let a person ask for work; say whether there was any. What is in hand already is the same again."""
        try:
            work = await claim(self.db, assignment_id=self.assignment_id, user_id=person, volunteers=False, now=DUE)
        except ReviewsDone:
            return False
        assert self.in_hand.get(person, (work.id, work.submission_id)) == (work.id, work.submission_id)
        self.in_hand[person] = (work.id, work.submission_id)
        return True

    async def finish(self, person: int) -> None:
        """Review what is in hand."""
        _, submission_id = self.in_hand.pop(person)
        await review(
            self.db,
            submission_id=submission_id,
            actor=Actor(person),
            scores=self.full_marks,
            comment=None,
            now=DUE,
        )

    async def give_back(self, person: int) -> None:
        """Return what is in hand."""
        _, submission_id = self.in_hand.pop(person)
        await return_claim(
            self.db, submission_id=submission_id, reviewer_id=person, reason="other", comment=None, now=DUE
        )

    async def lapse(self, person: int) -> None:
        """Let the lease of what is in hand run out; it stays in hand."""
        await lapse(self.db, self.in_hand[person][0], DUE + timedelta(days=30))

    async def reasons(self) -> dict[str, int]:
        """Return how often each reason was stored with a claim."""
        return {reason: count for reason, count in await self.db.fetch(REASONS, self.assignment_id)}

    async def reviews(self) -> list[int]:
        """Return the number of reviews of each submission."""
        return [row[1] for row in await self.db.fetch(REVIEWS, self.assignment_id)]


@given(number=st.integers(4, 8), interleaved=st.booleans(), random=chances)
@SLOW
async def test_every_participant_does_theirs_and_every_submission_gets_exactly_three(
    db: Connection, number: int, interleaved: bool, random: Random
) -> None:
    async with _small_class(db, number) as group:
        turns = [person for person in random.sample(group.people, number) for _ in range(3)]
        if interleaved:
            random.shuffle(turns)
        for person in turns:
            assert await group.claim(person)
            await group.finish(person)

        assert await group.reviews() == [3] * number
        assert await db.fetch(OWING_REVIEWERS, group.assignment_id) == []
        assert await group.reasons() == {"planned": 3 * number}


async def test_of_four_people_each_reviews_all_others(db: Connection) -> None:
    async with _small_class(db, 4) as group:
        for person in [*group.people] * 3:
            await group.claim(person)
            await group.finish(person)

        all_others = {(one, other) for one in group.people for other in group.people if one != other}
        assert {tuple(row) for row in await db.fetch(WHO_REVIEWED_WHOM, group.assignment_id)} == all_others


@given(number=st.integers(4, 8), missing=st.integers(0, 2), random=chances)
@SLOW
async def test_a_user_who_owes_is_never_stuck_through_drop_outs_returns_and_lapses(
    db: Connection, number: int, missing: int, random: Random
) -> None:
    async with _small_class(db, number, missing=missing) as group:
        vanished = set(random.sample(group.people, number // 3))
        await _muddle(group, vanished, random)

        for person in set(group.people) - vanished:
            while await group.claim(person):
                await group.finish(person)

        owing = {row[0] for row in await db.fetch(OWING_REVIEWERS, group.assignment_id)}
        assert owing <= vanished
        await _ensure_true(group)


async def test_what_is_owed_shrinks_only_when_nothing_is_left_to_review(db: Connection) -> None:
    async with _small_class(db, 4) as group:
        person = group.people[0]
        for _ in range(2):
            await group.claim(person)
            await group.give_back(person)
            assert await db.fetchval(CAN_REVIEW, group.assignment_id, person)
        await group.claim(person)
        await group.finish(person)

        assert not await db.fetchval(CAN_REVIEW, group.assignment_id, person)
        assert not await group.claim(person)
        assert person not in [row[0] for row in await db.fetch(OWING_REVIEWERS, group.assignment_id)]


async def test_a_user_who_let_a_lease_run_out_is_not_counted_on_until_they_come_back(db: Connection) -> None:
    async with _small_class(db, 5) as group:
        gone, *others = group.people
        await group.claim(gone)
        await group.lapse(gone)
        for person in others:
            while await group.claim(person):
                await group.finish(person)
        assert min(await group.reviews()) == 2

        while await group.claim(gone):
            await group.finish(gone)

        assert min(await group.reviews()) >= 2
        assert sum(await group.reviews()) == 15
        await _ensure_true(group)


async def test_the_last_sixty_reviews_of_a_large_class_are_planned_and_the_rest_least_served(db: Connection) -> None:
    async with _small_class(db, 24) as group:
        for person in Random(3).sample([*group.people] * 3, 72):
            await group.claim(person)
            await group.finish(person)

        assert await group.reviews() == [3] * 24
        assert await group.reasons() == {"least_served": 12, "planned": 60}


async def test_a_volunteer_is_marked(db: Connection) -> None:
    async with _small_class(db, 5) as group:
        person = group.people[0]
        while await group.claim(person):
            await group.finish(person)

        more = await claim(db, assignment_id=group.assignment_id, user_id=person, volunteers=True, now=DUE)

        assert more.reason == "volunteer"
        group.in_hand[person] = (more.id, more.submission_id)
        await group.finish(person)
        with pytest.raises(NothingToReview):
            await claim(db, assignment_id=group.assignment_id, user_id=person, volunteers=True, now=DUE)


@given(number=st.integers(6, 8), random=chances)
@SLOW
async def test_no_participant_reviews_their_own_submission_or_the_same_twice(
    db: Connection, number: int, random: Random
) -> None:
    async with _small_class(db, number) as group:
        await _muddle(group, set(), random)

        pairs = [tuple(row) for row in await db.fetch(WHO_REVIEWED_WHOM, group.assignment_id)]
        assert len(pairs) == len(set(pairs))
        assert not any(reviewer == author for reviewer, author in pairs)


async def _muddle(group: SmallClass, vanished: set[int], random: Random) -> None:
    """Let people claim, finish, return, and be late in any order; those who vanish never finish anything."""
    for person in random.choices(group.people, k=5 * len(group.people)):
        chance = random.random()
        if person not in group.in_hand:
            await group.claim(person)
        elif chance < 0.1:
            await group.give_back(person)
        elif chance < 0.4 or person in vanished:
            await group.lapse(person)
        else:
            await group.finish(person)
    await _ensure_true(group)


async def _ensure_true(group: SmallClass) -> None:
    """Raise unless the counts that the draw goes by say what the claims say."""
    assert await group.db.fetchval(MISCOUNTED) == 0


@asynccontextmanager
async def _small_class(db: Connection, number: int, *, missing: int = 0) -> AsyncIterator[SmallClass]:
    """Bring a class to its review stage, some having handed in nothing; undo everything in the end."""
    undo = db.transaction()
    await undo.start()
    try:
        people = await make.users(db, number)
        track_id = await make.running_track(db, people)
        assignment_id, *_ = await make.assignment_ids(db, track_id)
        await make.submit_for_all(db, assignment_id, people[missing:])
        await begin_review_stage(db, assignment_id=assignment_id, now=DUE)
        rubric = await criteria(db, assignment_id=assignment_id)
        yield SmallClass(db, assignment_id, people, [Score(one.id, one.max_score) for one in rubric])
    finally:
        await undo.rollback()
