"""A class at its reviews, in memory: who claimed what, and the draw of `reviews.allocation.draw` over it.

People and submissions are numbers: submission n was written by person n; a person without a submission of their own
number submitted nothing. Sets of submissions are masks, bit n for submission n, as `draw_key` puts them in a row: the
walk from a random key to the end and round is the same. `tests/domain/reviews/test_the_simulation.py` compares it with
the draw in SQL, step by step. It differs where there is no database: nothing is locked, so no draw passes over what
another holds; of more than 61 least served submissions the plan sees those with the lowest numbers; a draw does not
give a submission another random key; participants neither leave the track nor volunteer.
"""

from collections.abc import Callable, Iterator
from random import Random

from learning_platform.attempts.rules import REVIEWS_OWED
from learning_platform.reviews.allocation.draw import DRAWN_IN_ORDER, LOOKED_AT
from learning_platform.reviews.allocation.planning import MAX_PLANNED, Candidate, DropoutModel, Reviewer, choose
from learning_platform.reviews.rules import ClaimReason


class Classroom:
    """What one assignment knows of its reviews."""

    def __init__(self, people: int, submissions: int) -> None:
        self.people, self.submissions = people, submissions
        self.served = [0] * submissions  # review_count: reviews, and claims that count
        self.done = [0] * submissions
        self.owes = [min(REVIEWS_OWED, submissions - self.has_written(person)) for person in range(people)]
        self.claimants: list[set[int]] = [set() for _ in range(submissions)]
        self.pairs: set[tuple[int, int]] = set()  # the reviewers and what they reviewed
        self.away: set[int] = set()  # holds a claim whose lease ran out
        self._ever = [1 << person if self.has_written(person) else 0 for person in range(people)]
        self._levels = {0: (1 << submissions) - 1}
        self._author_owes = sum(1 << one for one in range(submissions) if self.owes[one])
        self._unfinished = {person for person in range(people) if self.owes[person]}
        self._outstanding = sum(self.owes)

    def has_written(self, person: int) -> bool:
        """Say whether a person handed in."""
        return person < self.submissions

    def may_review(self, person: int) -> int:
        """Return the mask of what a person has neither written nor ever claimed."""
        return ((1 << self.submissions) - 1) & ~self._ever[person]

    def claim(self, person: int, submission: int) -> None:
        """Promise a review."""
        self._ever[person] |= 1 << submission
        self.claimants[submission].add(person)
        self._owe(person, -1)
        self._serve(submission, 1)

    def finish(self, person: int, submission: int) -> None:
        """Keep the promise."""
        self.done[submission] += 1
        self.pairs.add((person, submission))
        if not self.owes[person]:
            self._unfinished.discard(person)

    def lapse(self, person: int, submission: int) -> None:
        """Let a promise go to others; its holder is not counted on until they come back."""
        self.give_back(person, submission)
        self.away.add(person)
        self._outstanding -= self.owes[person]

    def come_back(self, person: int, submission: int) -> None:
        """Take up a promise again whose lease ran out."""
        self.away.discard(person)
        self._outstanding += self.owes[person]
        self._owe(person, -1)
        self._serve(submission, 1)

    def give_back(self, person: int, submission: int) -> None:
        """Return work that this person cannot review."""
        self._owe(person, 1)
        self._serve(submission, -1)

    def excuse(self, person: int) -> None:
        """Let a person for whom nothing is left owe nothing more."""
        self._owe(person, -self.owes[person])
        self._unfinished.discard(person)

    def levels(self) -> Iterator[tuple[int, int]]:
        """Yield each number of reviews that some submission has, lowest first, and the mask of those that have it."""
        for level in sorted(self._levels):
            if mask := self._levels[level]:
                yield level, mask

    def draw(self, person: int, random: Random) -> tuple[int, ClaimReason] | None:
        """Choose as `reviews.allocation.draw.draw` does."""
        if self.is_planned():
            planned = choose(self.model(), reviewer_id=person, random=random)
            if planned is not None:
                return planned, "planned"
        if alike := self.first_in_order(person):
            return random.choice(members(alike)), "least_served"
        if alike := self.by_chance(person):
            return next_one(alike, random.randrange(self.submissions)), "least_served"
        return None

    def is_planned(self) -> bool:
        """Say whether so few reviews are outstanding that a plan is made."""
        return len(self._unfinished) - len(self.away) <= LOOKED_AT[-1] and self._outstanding <= MAX_PLANNED

    def first_in_order(self, person: int) -> int:
        """Return the mask of what comes first on the lowest level, where so few are left that they have an order."""
        lowest_level = next((mask for _, mask in self.levels()), 0)
        here = lowest_level & self.may_review(person)
        if not here or lowest_level.bit_count() > DRAWN_IN_ORDER:
            return 0
        ranks = {one: (self._to_come(one), not self._pairs_of(person) >> one & 1) for one in members(here)}
        best = max(ranks.values())
        return sum(1 << one for one, rank in ranks.items() if rank == best)

    def by_chance(self, person: int) -> int:
        """Return the mask of what is equally good on the lowest level that has something for a person."""
        pairs, owe = self._pairs_of(person), self._author_owes
        for _, level in self.levels():
            here = level & self.may_review(person)
            for wished in (here & ~pairs & owe, here & ~pairs & ~owe, here & owe, here & ~owe):
                if wished:
                    return wished
        return 0

    def _pairs_of(self, person: int) -> int:
        """Return the mask of the submissions of those who were given this person's own."""
        return sum(1 << one for one in self.claimants[person]) if self.has_written(person) else 0

    def _to_come(self, submission: int) -> int:
        """Return how many claims are to come of those who cannot review a submission."""
        barred = {submission, *self.claimants[submission]}
        return sum(self.owes[person] for person in barred)

    def model(self) -> DropoutModel:
        """Return what the plan is made from."""
        reviewers = [
            Reviewer(person, self.owes[person], person if self.has_written(person) else None)
            for person in self._unfinished - self.away
        ]
        shown = sorted(range(self.submissions), key=self.served.__getitem__)[: MAX_PLANNED + 1]
        candidates = [
            Candidate(one, one, self.served[one], self.served[one] - self.done[one], author_left=False) for one in shown
        ]
        claims = [(person, one) for one, claimants in enumerate(self.claimants) for person in claimants]
        return DropoutModel(reviewers, candidates, are_all=len(candidates) <= MAX_PLANNED, claims=claims)

    def _owe(self, person: int, by: int) -> None:
        self.owes[person] += by
        self._outstanding += by
        if self.has_written(person):
            bit = 1 << person
            self._author_owes = self._author_owes | bit if self.owes[person] else self._author_owes & ~bit

    def _serve(self, submission: int, by: int) -> None:
        level = self.served[submission]
        self.served[submission] = level + by
        self._levels[level] ^= 1 << submission
        self._levels[level + by] = self._levels.get(level + by, 0) | 1 << submission


# How a rule chooses: None when there is nothing that this person may review.
Rule = Callable[[Classroom, int, Random], int | None]


def ours(classroom: Classroom, person: int, random: Random) -> int | None:
    """Choose as the product does."""
    drawn = classroom.draw(person, random)
    return None if drawn is None else drawn[0]


def next_one(mask: int, start: int) -> int:
    """Return the first submission of a mask at or after `start`, going round the end."""
    after = mask >> start << start
    return lowest(after or mask)


def lowest(mask: int) -> int:
    """Return the first submission of a mask that is not empty."""
    return (mask & -mask).bit_length() - 1


def members(mask: int) -> list[int]:
    """Return the submissions of a mask."""
    found = []
    while mask:
        found.append(lowest(mask))
        mask &= mask - 1
    return found
