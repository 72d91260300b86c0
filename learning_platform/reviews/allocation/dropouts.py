"""Drop-outs: how good a choice is, whichever of the others stay away from now on. Pure.

In a class of five, one who vanishes takes a fifth of all reviews along; a plan that needs all of them is then worth
nothing. Among a few people every case can be looked at: each of them does all they still owe, or nothing more. The
longer a reviewer has not been seen while others get on, the less they are counted on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from learning_platform.reviews.allocation.matching import maximum_flow

# The number of cases doubles with each: with one more, a choice would cost more than a plan for sixty reviews.
MAX_CONSIDERED = 7
# How probable it is that a reviewer of whom nothing is known yet stays away. From a tenth on, classes in which none
# does begin to lose a review; below a twentieth, those in which one does (docs/decisions/0003).
DROPOUT_WEIGHT = 0.07
# The reviews that may be one too many for an even spread, in a case worth looking at: where more can be spared, any
# choice does.
SPARE = 1


@dataclass(frozen=True, slots=True)
class DrawState:
    """How far an assignment is: reviews it has or was promised, in all and of each submission that lacks some.

    `owes` are the reviews that each reviewer has yet to claim, `possible` the mask of what each may still review.
    """

    submissions: int
    reviews: int
    served: Sequence[int]
    owes: Mapping[int, int]
    possible: Mapping[int, int]

    @property
    def is_small(self) -> bool:
        """Say whether every case can be looked at."""
        return len(self.owes) <= MAX_CONSIDERED


def choice_score(state: DrawState, *, reviewer_id: int, index: int) -> float:
    """Weigh the cases in which the least served can still get what arithmetic allows if the reviewer takes this one.

    The sum of their probabilities, among the cases that leave next to nothing to spare: comparable, not absolute.
    """
    served = [count + (at == index) for at, count in enumerate(state.served)]
    owes = {**state.owes, reviewer_id: state.owes[reviewer_id] - 1}
    possible = {**state.possible, reviewer_id: state.possible[reviewer_id] & ~(1 << index)}
    found = 0.0
    for probability, supply in _cases(state, {id: count for id, count in owes.items() if count}):
        level, spare = divmod(state.reviews + 1 + sum(supply.values()), state.submissions)
        needs = [max(0, level - count) for count in served]
        if spare <= SPARE and maximum_flow(supply, needs, possible) == sum(needs):
            found += probability
    return found


def dropout_probability(*, owes: int, progress: float) -> float:
    """Return how probable it is that a reviewer who owes so many stays away, when this share of everything is claimed.

    Bayes: who comes at any time is as likely to have come already for each of these reviews.
    """
    comes = (1 - DROPOUT_WEIGHT) * (1 - progress) ** owes
    return DROPOUT_WEIGHT / (DROPOUT_WEIGHT + comes)


def _cases(state: DrawState, owes: Mapping[int, int]) -> Iterator[tuple[float, dict[int, int]]]:
    """Yield who may do how many more, and how probable that is."""
    progress = state.reviews / (state.reviews + sum(state.owes.values()))
    probabilities = {id: dropout_probability(owes=count, progress=progress) for id, count in owes.items()}
    cases: list[tuple[float, dict[int, int]]] = [(1.0, {})]
    for id, count in owes.items():
        staying_away = [(probability * probabilities[id], supply) for probability, supply in cases]
        coming = [(probability * (1 - probabilities[id]), {**supply, id: count}) for probability, supply in cases]
        cases = staying_away + coming
    yield from cases
