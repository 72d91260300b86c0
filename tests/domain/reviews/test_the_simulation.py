"""The draw that the benchmarks play in memory is that of the database, step by step."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.classroom import Classroom, members
from learning_platform.core.database import Connection, fetch_values
from learning_platform.reviews.allocation.draw import CLAIMS_AMONG, LEAST_SERVED, OWING_REVIEWERS
from learning_platform.reviews.allocation.planning import MAX_PLANNED, Candidate, Reviewer
from tests.domain.reviews.small_class import SmallClass, small_class

pytestmark = pytest.mark.anyio
SUBMISSIONS = """
select s.id, s.user_id, s.review_count, s.author_owes,
    (select count(*) from reviews r where r.submission_id = s.id) as done,
    (select array_agg(c.reviewer_id) from claims c where c.submission_id = s.id) as claimants
from submissions s where s.assignment_id = $1
"""
REASON = "select reason from claims where id = $1"
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Pair:
    """A class in the database and its simulation; people have the numbers of the simulation: authors come first."""

    def __init__(self, group: SmallClass, *, missing: int) -> None:
        self.group = group
        self.people = [*group.people[missing:], *group.people[:missing]]
        self.number = {id: number for number, id in enumerate(self.people)}
        self.simulated = Classroom(len(self.people), len(self.people) - missing)
        self.submissions: dict[int, int] = {}
        # Reviewers for whom nothing is left, or who owe nothing more.
        self.through: set[int] = set()

    async def step(self, person: int, chance: float) -> None:
        """Let a person act in both: claim, return, let the lease run out, or review."""
        user_id = self.people[person]
        if user_id not in self.group.in_hand:
            await self._claim(person)
            return
        submission = self.submissions[self.group.in_hand[user_id][1]]
        if person in self.simulated.away:
            self.simulated.come_back(person, submission)
            self.simulated.finish(person, submission)
            await self.group.finish(user_id)
        elif chance < 0.15:
            self.simulated.give_back(person, submission)
            await self.group.give_back(user_id)
        elif chance < 0.3:
            self.simulated.lapse(person, submission)
            await self.group.lapse(user_id)
        else:
            self.simulated.finish(person, submission)
            await self.group.finish(user_id)

    async def ensure_alike(self) -> None:
        """Raise unless both know the same of every submission, and would plan from the same."""
        simulated = self.simulated
        rows = await self.group.db.fetch(SUBMISSIONS, self.group.assignment_id)
        self.submissions = {row["id"]: self.number[row["user_id"]] for row in rows}
        for row in rows:
            number = self.submissions[row["id"]]
            claimants = {self.number[id] for id in row["claimants"] or ()}
            assert (simulated.served[number], simulated.done[number]) == (row["review_count"], row["done"])
            assert simulated.claimants[number] == claimants
            assert (simulated.owes[number] > 0) == row["author_owes"]
        await self._ensure_same_model()

    async def _ensure_same_model(self) -> None:
        db, assignment_id, model = self.group.db, self.group.assignment_id, self.simulated.model()
        reviewers = await fetch_values(db, Reviewer, OWING_REVIEWERS, assignment_id, 501)
        candidates = await fetch_values(db, Candidate, LEAST_SERVED, assignment_id, MAX_PLANNED + 1)
        own = [one.own_submission_id for one in reviewers if one.own_submission_id is not None]
        shown = [one.submission_id for one in candidates]
        claims = await db.fetch(CLAIMS_AMONG, assignment_id, [one.id for one in reviewers], [*own, *shown])
        number, submission = self.number, self.submissions
        assert set(model.reviewers) == {
            Reviewer(number[one.id], one.owes, one.own_submission_id and submission[one.own_submission_id])
            for one in reviewers
        }
        assert set(model.least_served) == {
            Candidate(submission[one.submission_id], number[one.author_id], one.served, one.promised, one.author_left)
            for one in candidates
        }
        assert set(model.claims) >= {(number[id], submission[submission_id]) for id, submission_id in claims}
        counted_on = {one.id for one in model.reviewers}
        assert {pair for pair in model.claims if pair[0] in counted_on} <= {
            (number[id], submission[submission_id]) for id, submission_id in claims
        }

    async def _claim(self, person: int) -> None:
        """Claim in the database, and ensure that the simulation could have drawn the same, for the same reason."""
        user_id, simulated = self.people[person], self.simulated
        could_be_planned = simulated.is_planned() and simulated.draw(person, Random(0)) is not None
        in_order, by_chance = simulated.first_in_order(person), simulated.by_chance(person)
        if not await self.group.claim(user_id):
            assert not simulated.owes[person] or not simulated.may_review(person)
            simulated.excuse(person)
            self.through.add(person)
            return
        claim_id, submission_id = self.group.in_hand[user_id]
        drawn, reason = self.submissions[submission_id], await self.group.db.fetchval(REASON, claim_id)
        assert simulated.may_review(person) >> drawn & 1
        if reason == "least_served":
            assert drawn in members(in_order or by_chance)
        else:
            assert could_be_planned
        simulated.claim(person, drawn)


@given(number=st.integers(4, 8), missing=st.integers(0, 2), random=st.builds(Random, st.integers(0, 10**6)))
@SLOW
async def test_a_small_class_in_the_database_and_in_memory_are_alike(
    db: Connection, number: int, missing: int, random: Random
) -> None:
    async with small_class(db, number, missing=missing) as group:
        await _play(Pair(group, missing=missing), random, steps=10 * number)


@pytest.mark.parametrize("number", [24, 40])
async def test_a_class_too_large_for_a_plan_is_alike(db: Connection, number: int) -> None:
    async with small_class(db, number, missing=2) as group:
        pair = Pair(group, missing=2)
        assert not pair.simulated.is_planned()
        await _play(pair, Random(number), steps=3 * number)


async def _play(pair: Pair, random: Random, *, steps: int) -> None:
    await pair.ensure_alike()
    for person in random.choices(range(len(pair.people)), k=steps):
        if person not in pair.through:
            await pair.step(person, random.random())
            await pair.ensure_alike()
