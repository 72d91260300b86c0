"""The same guarantees through the real draw: small classes on PostgreSQL, acting in any order."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_platform.core.database import Connection
from learning_platform.reviews.claims import claim
from learning_platform.reviews.rules import NothingToReview
from tests.domain.reviews.small_class import DUE, SmallClass, small_class

pytestmark = pytest.mark.anyio
# One connection serves all examples: each is rolled back to where the test began.
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Only a seed is drawn: how much chance a class takes depends on the draw, which has chance of its own.
chances = st.builds(Random, st.integers(0, 10**6))

WHO_REVIEWED_WHOM = """
select r.reviewer_id, s.user_id from reviews r join submissions s on s.id = r.submission_id where r.assignment_id = $1
"""
# A claim that counts, open or kept, stands in the count of its submission; nothing else does.
MISCOUNTED = """
select count(*) from submissions s
where review_count <> (select count(*) from claims c where c.submission_id = s.id and c.counts)
"""
OWING_REVIEWERS = "select user_id from attempts where assignment_id = $1 and finished_at is null"
CAN_REVIEW = """
select exists (select from submissions s where s.assignment_id = $1 and s.user_id <> $2
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $2))
"""


@given(number=st.integers(4, 8), interleaved=st.booleans(), random=chances)
@SLOW
async def test_every_participant_does_theirs_and_every_submission_gets_exactly_three(
    db: Connection, number: int, interleaved: bool, random: Random
) -> None:
    async with small_class(db, number) as group:
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
    async with small_class(db, 4) as group:
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
    async with small_class(db, number, missing=missing) as group:
        vanished = set(random.sample(group.people, number // 3))
        await _muddle(group, vanished, random)

        for person in set(group.people) - vanished:
            while await group.claim(person):
                await group.finish(person)

        owing = {row[0] for row in await db.fetch(OWING_REVIEWERS, group.assignment_id)}
        assert owing <= vanished
        await _ensure_true(group)


async def test_what_is_owed_shrinks_only_when_nothing_is_left_to_review(db: Connection) -> None:
    async with small_class(db, 4) as group:
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
    async with small_class(db, 5) as group:
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
    async with small_class(db, 24) as group:
        for person in Random(3).sample([*group.people] * 3, 72):
            await group.claim(person)
            await group.finish(person)

        assert await group.reviews() == [3] * 24
        assert await group.reasons() == {"least_served": 12, "planned": 60}


async def test_a_volunteer_is_marked(db: Connection) -> None:
    async with small_class(db, 5) as group:
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
    async with small_class(db, number) as group:
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
