"""The plan for the last reviews, against every case tried one by one."""

from collections.abc import Collection, Sequence
from itertools import product
from math import prod
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from learning_platform.attempts.rules import REVIEWS_OWED
from learning_platform.reviews.allocation.dropouts import SPARE, dropout_probability
from learning_platform.reviews.allocation.matching import maximum_flow
from learning_platform.reviews.allocation.planning import ALIKE_TO, Candidate, DropoutModel, Reviewer, choose, goal

chances = st.builds(Random, st.integers(0, 10**6))


@given(
    owes=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    needs=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_the_flow_is_the_largest_there_is(owes: list[int], needs: list[int], data: st.DataObject) -> None:
    masks = data.draw(st.lists(st.integers(0, 2 ** len(needs) - 1), min_size=len(owes), max_size=len(owes)))

    flow = maximum_flow(dict(enumerate(owes)), needs, dict(enumerate(masks)))

    assert flow == _smallest_cut(owes, needs, masks)


@given(people=st.integers(4, 5), data=st.data(), random=chances)
@settings(max_examples=60, deadline=None)
def test_in_a_small_class_nothing_bears_absences_better_than_what_is_given(
    people: int, data: st.DataObject, random: Random
) -> None:
    everyone = range(people)
    reviewed = [
        set(data.draw(st.lists(st.sampled_from([*{*everyone} - {one}]), max_size=REVIEWS_OWED))) for one in everyone
    ]
    owes = [REVIEWS_OWED - len(given) for given in reviewed]
    served = [sum(one in given for given in reviewed) for one in everyone]
    model = DropoutModel(
        [Reviewer(one, owes[one], one) for one in everyone if owes[one]],
        [Candidate(one, one, served[one], promised=0, author_left=False) for one in everyone],
        are_all=True,
        claims=[(person, one) for person in everyone for one in reviewed[person]],
    )
    assume(model.reviewers)
    person = data.draw(st.sampled_from(model.reviewers)).id

    chosen = choose(model, reviewer_id=person, random=random)

    may_take = {*everyone} - {person} - reviewed[person]
    if chosen is None:
        assert all(served[one] >= goal(model) for one in may_take)
    else:
        weights = {one: round(_weight(person, one, owes, served, reviewed), ALIKE_TO) for one in may_take}
        assert weights[chosen] == max(weights[one] for one in may_take if served[one] < goal(model))


def _weight(
    person: int, taken: int, owes: Sequence[int], served: Sequence[int], reviewed: Sequence[Collection[int]]
) -> float:
    """Try every case of who comes no more, after one has been taken: the chance that all get an even share."""
    people = range(len(owes))
    left = [owed - (one == person) for one, owed in enumerate(owes)]
    counts = [count + (one == taken) for one, count in enumerate(served)]
    masks = [sum(1 << one for one in people if one != by and one not in reviewed[by]) for by in people]
    masks[person] &= ~(1 << taken)
    progress = sum(served) / (sum(served) + sum(owes))
    weight = 0.0
    for case in product((False, True), repeat=sum(map(bool, left))):
        coming = iter(case)
        comes = [bool(owed) and next(coming) for owed in left]
        supply = [owed if here else 0 for owed, here in zip(left, comes, strict=True)]
        level, spare = divmod(sum(counts) + sum(supply), len(owes))
        needs = [max(0, level - count) for count in counts]
        if spare <= SPARE and _smallest_cut(supply, needs, masks) == sum(needs):
            probabilities = [dropout_probability(owes=owed, progress=progress) for owed in left]
            chances = zip(left, comes, probabilities, strict=True)
            weight += prod(1 - away if here else away for owed, here, away in chances if owed)
    return weight


def _smallest_cut(owes: list[int], needs: list[int], masks: list[int]) -> int:
    """Return the smallest cut (Ford and Fulkerson): each reviewer on the source's side or cut off from it."""
    return min(
        sum(count for person, count in enumerate(owes) if not side >> person & 1)
        + sum(
            min(need, sum(masks[person] >> index & 1 for person in range(len(owes)) if side >> person & 1))
            for index, need in enumerate(needs)
        )
        for side in range(2 ** len(owes))
    )
