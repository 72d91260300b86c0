"""The plan for the last reviews of an assignment: who could still review what. Pure.

Drawing "least served, at random" alone ends badly: the last reviewer may find that the only submission still short of a
review is their own, or one they have reviewed. While few reviews are outstanding we therefore choose at random only
among the choices after which all that is needed can still be done: a maximum flow from the people who still owe to the
submissions that still lack. Once few people owe, first those that bear it best if some never come again:
`allocation.dropouts`. docs/decisions/0003 has the figures: without the plan every submission gets exactly three reviews
in 55 % (n = 5) to 94 % (n = 20) of runs, with it in all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from learning_platform.attempts.rules import REVIEWS_OWED
from learning_platform.reviews.allocation.dropouts import DrawState, choice_score
from learning_platform.reviews.allocation.matching import maximum_flow

# Above this many outstanding reviews chance does as well, and the plan's cost stays bounded.
MAX_PLANNED = 60
# Decimal places to which scores are compared: what differs by less is left to the other preferences, and to chance.
ALIKE_TO = 2
# How much of a score avoiding a reciprocal pair is worth, where there are people enough for none: oneself, those who
# review one's work, and others whom one reviews. It halves the pairs of seven people (docs/coverage.md).
COST_OF_PAIR = 0.02
MIN_WITHOUT_PAIRS = 2 * REVIEWS_OWED + 1


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer who still owes reviews: how many they have not even claimed, and their own submission, if any."""

    id: int
    owes: int
    own_submission_id: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission, its author, how many reviews it has or has been promised, and how many of these are promises."""

    submission_id: int
    author_id: int
    served: int
    promised: int
    author_left: bool

    @property
    def lacks_reviews(self) -> bool:
        """Say whether it has fewer reviews than a submission is to get."""
        return self.served < REVIEWS_OWED


@dataclass(frozen=True, slots=True)
class DropoutModel:
    """What is known when a reviewer asks for a submission.

    `reviewers` are those who can be counted on: not who let a lease run out and has not come back. `least_served` are
    the submissions with the fewest reviews; `are_all` says that there are no others. `claims` are pairs of reviewer
    and submission, of whatever is or was claimed. No submission is planned to get more than `max_reviews` reviews.
    """

    reviewers: Sequence[Reviewer]
    least_served: Sequence[Candidate]
    are_all: bool
    claims: Collection[tuple[int, int]]
    max_reviews: int | None = None


def outstanding(reviewers: Sequence[Reviewer]) -> int:
    """Return how many reviews are owed and not yet claimed."""
    return sum(reviewer.owes for reviewer in reviewers)


def goal(model: DropoutModel) -> int:
    """Return the number of reviews that every submission can still reach with what is outstanding.

    Like water filling a vessel: the lowest rise first, as far as it suffices.
    """
    served = sorted(candidate.served for candidate in model.least_served)
    if not served:
        return 0
    supply = outstanding(model.reviewers)
    level = served[0]
    while model.are_all or level < served[-1]:
        cost = sum(level + 1 - count for count in served if count <= level)
        if cost > supply:
            break
        level += 1
    return level if model.max_reviews is None else min(level, model.max_reviews)


def in_turn(model: DropoutModel) -> DropoutModel:
    """Leave out what is not due yet: submissions of participants who left, while others lack reviews.

    These others then get what a submission is to get, and no more: what remains is for those left out.
    """
    waiting = {one for one in model.least_served if one.author_left and one.lacks_reviews}
    due = [one for one in model.least_served if one not in waiting]
    if not waiting or not any(one.lacks_reviews for one in due):
        return model
    return replace(model, least_served=due, max_reviews=REVIEWS_OWED)


def choose(model: DropoutModel, *, reviewer_id: int, random: Random) -> int | None:
    """Return the id of the submission to give to the reviewer, or None if nothing that is needed may go to them.

    Among equally good choices chance decides. In a small class what bears absences best, a reciprocal pair counting a
    little against it; then the lowest level; within it where less is promised and more is done; no author who
    reviews the reviewer, if that is possible; then those submissions which the fewest of the people left can review.
    """
    plan = _Plan(in_turn(model), reviewer_id)
    best, chosen = -1, None
    most_promising = plan.most_promising()
    for index, with_pairs in plan.in_order_of_preference(random):
        if not most_promising >> index & 1:
            continue
        reviews = plan.reviews_after(index, with_pairs=with_pairs)
        if reviews > best:
            best, chosen = reviews, plan.candidates[index].submission_id
        if reviews >= plan.most_reviews:
            break
    return chosen


class _Plan:
    """The graph of who may review what, without and with reciprocal pairs."""

    def __init__(self, model: DropoutModel, reviewer_id: int) -> None:
        target = goal(model)
        self.candidates = [candidate for candidate in model.least_served if candidate.served < target]
        self._needs = [target - candidate.served for candidate in self.candidates]
        self._owes = {reviewer.id: reviewer.owes for reviewer in model.reviewers if reviewer.owes > 0}
        self._owes.setdefault(reviewer_id, 1)
        self._reviewer_id = reviewer_id
        self.most_reviews = min(sum(self._needs), sum(self._owes.values()))
        claimants: defaultdict[int | None, set[int]] = defaultdict(set)
        for claimant_id, submission_id in model.claims:
            claimants[submission_id].add(claimant_id)
        self._barred = [{one.author_id, *claimants[one.submission_id]} for one in self.candidates]
        with_own = [one for one in model.reviewers if one.own_submission_id is not None]
        reviewed_by = {one.id: claimants[one.own_submission_id] for one in with_own}
        self._pairs = self._authored_by(reviewed_by)
        self._own = sum(1 << at for at, one in enumerate(self.candidates) if one.author_id == reviewer_id)
        self._possible = self._not_barred()
        reviews = sum(candidate.served for candidate in model.least_served)
        served = [candidate.served for candidate in self.candidates]
        self._standing = DrawState(len(model.least_served), reviews, served, self._owes, self._possible)
        self._is_foreseeable = model.are_all and self._standing.is_small
        self._cost_of_pair = COST_OF_PAIR if len(model.least_served) >= MIN_WITHOUT_PAIRS else 0.0

    def most_promising(self) -> int:
        """Return the mask of what bears absences best, or of everything where they cannot all be looked at."""
        if not self._is_foreseeable:
            return (1 << len(self.candidates)) - 1
        scores = {
            index: self._score(index)
            for index in range(len(self.candidates))
            if self._possible[self._reviewer_id] >> index & 1
        }
        best = max(scores.values(), default=0.0)
        return sum(1 << index for index, value in scores.items() if value == best)

    def in_order_of_preference(self, random: Random) -> Iterator[tuple[int, bool]]:
        """Yield the candidates the reviewer may get, best first, and whether the plan may contain reciprocal pairs."""
        shuffled = random.sample(range(len(self.candidates)), len(self.candidates))
        for level in sorted({candidate.served for candidate in self.candidates}):
            here = [index for index in shuffled if self.candidates[index].served == level]
            for with_pairs in (False, True):
                allowed = self._allowed(self._reviewer_id, with_pairs=with_pairs)
                for index in sorted((one for one in here if allowed >> one & 1), key=self._preference):
                    yield index, with_pairs

    def reviews_after(self, index: int, *, with_pairs: bool) -> int:
        """Return how many of the needed reviews can be done if the reviewer takes this candidate."""
        needs = [*self._needs]
        needs[index] -= 1
        owes = {**self._owes, self._reviewer_id: self._owes[self._reviewer_id] - 1}
        allowed = {id: self._allowed(id, with_pairs=with_pairs) for id in owes}
        allowed[self._reviewer_id] &= ~(1 << index)
        author_id = self.candidates[index].author_id
        if author_id in allowed and not with_pairs:
            allowed[author_id] &= ~self._own
        return 1 + maximum_flow(owes, needs, allowed)

    def _score(self, index: int) -> float:
        cost = self._cost_of_pair * self._is_reciprocal(index)
        return round(choice_score(self._standing, reviewer_id=self._reviewer_id, index=index) - cost, ALIKE_TO)

    def _allowed(self, reviewer_id: int, *, with_pairs: bool) -> int:
        possible = self._possible[reviewer_id]
        return possible if with_pairs else possible & ~self._pairs.get(reviewer_id, 0)

    def _not_barred(self) -> dict[int, int]:
        """Return the mask of the candidates each reviewer has neither written nor ever claimed."""
        possible = dict.fromkeys(self._owes, (1 << len(self.candidates)) - 1)
        for index, barred in enumerate(self._barred):
            for id in barred & possible.keys():
                possible[id] ^= 1 << index
        return possible

    def _authored_by(self, people: Mapping[int, Collection[int]]) -> dict[int, int]:
        """Return, for each set of people, the mask of the candidates they have written."""
        written = {candidate.author_id: 1 << index for index, candidate in enumerate(self.candidates)}
        return {id: sum(written.get(author_id, 0) for author_id in authors) for id, authors in people.items()}

    def _preference(self, index: int) -> tuple[int, int, int]:
        unable = sum(self._owes.get(id, 0) for id in self._barred[index])
        return -self.candidates[index].promised, self._is_reciprocal(index), -unable

    def _is_reciprocal(self, index: int) -> int:
        """Return 1 for the submission of a participant who reviews the reviewer's own, or 0."""
        return self._pairs.get(self._reviewer_id, 0) >> index & 1
