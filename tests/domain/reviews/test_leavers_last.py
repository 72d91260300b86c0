"""Submissions of participants who left are given to reviewers after those of the others."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_platform.core.database import Connection
from learning_platform.reviews.claims import claim
from learning_platform.reviews.leaving import leave_running_tracks
from learning_platform.reviews.rules import NothingToReview
from tests.domain.reviews.small_class import DUE, SmallClass, small_class

pytestmark = pytest.mark.anyio
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HAS_LEFT = """
select p.left_at is not null from submissions s join assignments a on a.id = s.assignment_id
    join participants p on p.track_id = a.track_id and p.user_id = s.user_id
where s.id = $1
"""
# Submissions of those who are there, that this reviewer could have been given and that lack reviews.
COULD_HAVE_HAD = """
select count(*) from submissions s join assignments a on a.id = s.assignment_id
    join participants p on p.track_id = a.track_id and p.user_id = s.user_id
where s.assignment_id = $1 and p.left_at is null and s.user_id <> $2 and s.review_count < 3
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $2)
"""
SERVED = "select user_id, review_count from submissions where assignment_id = $1"
# Volunteers are given disputed submissions first, but not these.
DISPUTED = "update submissions set is_disputed = true where assignment_id = $1 and user_id = $2"


@given(number=st.integers(4, 9), random=st.builds(Random, st.integers(0, 10**6)))
@SLOW
async def test_work_of_a_leaver_is_given_out_only_if_the_reviewer_can_take_no_other_that_lacks_reviews(
    db: Connection, number: int, random: Random
) -> None:
    async with small_class(db, number) as group:
        await _muddle(group, random, steps=8 * number)


async def test_the_same_holds_where_the_draw_is_by_chance(db: Connection) -> None:
    async with small_class(db, 40) as group:
        for person in group.people[:6]:
            await _leave(group, person)
        await _muddle(group, Random(5), steps=120, left=group.people[:6])


async def test_those_who_stay_get_all_their_reviews_of_each_other_and_then_the_leavers_theirs(db: Connection) -> None:
    async with small_class(db, 7) as group:
        *leavers, first, second, third, fourth, fifth = group.people
        staying = [first, second, third, fourth, fifth]
        for person in leavers:
            await _leave(group, person)
        for person in Random(1).sample(staying * 3, 15):
            assert await _draw(group, person)
            await group.finish(person)
        served = await _served(group)
        assert served == {**dict.fromkeys(staying, 3), **dict.fromkeys(leavers, 0)}

        for person in staying:
            assert await _draw(group, person, volunteers=True)
            await group.finish(person)

        served = await _served(group)
        assert [served[person] for person in staying] == [3] * 5
        assert sorted(served[person] for person in leavers) == [2, 3]


async def _muddle(group: SmallClass, random: Random, *, steps: int, left: Sequence[int] = ()) -> None:
    """Let people claim, finish, return, be late and leave in any order."""
    gone = set(left)
    for person in random.choices(group.people, k=steps):
        chance = random.random()
        if person in gone:
            continue
        if chance < 0.06:
            await _leave(group, person)
            gone.add(person)
        elif person not in group.in_hand:
            await _draw(group, person, volunteers=chance > 0.5)
        elif chance < 0.2:
            await group.give_back(person)
        elif chance < 0.3:
            await group.lapse(person)
        else:
            await group.finish(person)


async def _served(group: SmallClass) -> dict[int, int]:
    return {row["user_id"]: row["review_count"] for row in await group.db.fetch(SERVED, group.assignment_id)}


async def _leave(group: SmallClass, person: int) -> None:
    await leave_running_tracks(group.db, user_id=person, now=DUE)
    await group.db.execute(DISPUTED, group.assignment_id, person)
    group.in_hand.pop(person, None)


async def _draw(group: SmallClass, person: int, *, volunteers: bool = False) -> bool:
    """Let a person draw, and ensure that the work of those who left waits. Say whether there was any."""
    if not await group.claim(person):
        if not volunteers:
            return False
        try:
            more = await claim(group.db, assignment_id=group.assignment_id, user_id=person, volunteers=True, now=DUE)
        except NothingToReview:
            return False
        group.in_hand[person] = (more.id, more.submission_id)
    _, submission_id = group.in_hand[person]
    if await group.db.fetchval(HAS_LEFT, submission_id):
        assert await group.db.fetchval(COULD_HAVE_HAD, group.assignment_id, person) == 0
    return True
