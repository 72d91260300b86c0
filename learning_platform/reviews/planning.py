"""The plan for the last reviews of an assignment: who could still review what. Pure.

Drawing "least served, at random" alone ends badly: the last reviewer may find that the only submission still short of a
review is their own, or one they have reviewed. While few reviews are outstanding we therefore choose at random only
among the choices after which all that is needed can still be done: a maximum flow from the people who still owe to the
submissions that still lack (a b-matching by augmenting paths; Kuhn 1955, Berge 1957). docs/decisions/0003 has the
figures: without the plan every submission gets exactly three reviews in 55 % (n = 5) to 94 % (n = 20) of runs, with it
in all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

# Above this many outstanding reviews chance does as well, and the plan's cost stays bounded.
MOST_PLANNED = 60


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who still owes reviews: how many they have not even claimed, and their own submission, if any."""

    id: int
    owes: int
    own_submission_id: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission, its author, and how many reviews it has or has been promised."""

    submission_id: int
    author_id: int
    served: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known when somebody asks for work.

    `least_served` are the submissions with the fewest reviews; `are_all` says that there are no others. `claims` are
    pairs of reviewer and submission, of whatever is or was in somebody's hands.
    """

    reviewers: Sequence[Reviewer]
    least_served: Sequence[Candidate]
    are_all: bool
    claims: Collection[tuple[int, int]]


def outstanding(reviewers: Sequence[Reviewer]) -> int:
    """Return how many reviews are owed and not yet claimed."""
    return sum(reviewer.owes for reviewer in reviewers)


def goal(outlook: Outlook) -> int:
    """Return the number of reviews that every submission can still reach with what is outstanding.

    Like water filling a vessel: the lowest rise first, as far as it suffices.
    """
    served = sorted(candidate.served for candidate in outlook.least_served)
    if not served:
        return 0
    supply = outstanding(outlook.reviewers)
    level = served[0]
    while outlook.are_all or level < served[-1]:
        cost = sum(level + 1 - count for count in served if count <= level)
        if cost > supply:
            break
        level += 1
    return level


def choose(outlook: Outlook, *, reviewer_id: int, random: Random) -> int | None:
    """Return the id of the submission to give to the reviewer, or None if nothing that is needed may go to them.

    Among equally good choices chance decides. Lowest level first; within it nobody who reviews this reviewer's work,
    if that is possible; then those submissions which the fewest of the people left can review.
    """
    plan = _Plan(outlook, reviewer_id)
    best, chosen = -1, None
    for submission_id, with_pairs in plan.in_order_of_preference(random):
        reviews = plan.reviews_after(submission_id, with_pairs=with_pairs)
        if reviews >= plan.most_reviews:
            return submission_id
        if reviews > best:
            best, chosen = reviews, submission_id
    return chosen


class _Plan:
    """The graph of who may review what, without and with reciprocal pairs."""

    def __init__(self, outlook: Outlook, reviewer_id: int) -> None:
        target = goal(outlook)
        self._candidates = [candidate for candidate in outlook.least_served if candidate.served < target]
        self._needs = {candidate.submission_id: target - candidate.served for candidate in self._candidates}
        self._owes = {reviewer.id: reviewer.owes for reviewer in outlook.reviewers if reviewer.owes > 0}
        self._owes.setdefault(reviewer_id, 1)
        self._claimants: defaultdict[int, set[int]] = defaultdict(set)
        for claimant_id, submission_id in outlook.claims:
            self._claimants[submission_id].add(claimant_id)
        own = {reviewer.id: reviewer.own_submission_id for reviewer in outlook.reviewers}
        self._reviewed_by = {id: self._claimants[own[id] or 0] if id in own else set[int]() for id in self._owes}
        self._reviewer_id = reviewer_id
        self.most_reviews = min(sum(self._needs.values()), sum(self._owes.values()))

    def in_order_of_preference(self, random: Random) -> Iterator[tuple[int, bool]]:
        """Yield submissions the reviewer may get, best first, and whether the plan may contain reciprocal pairs."""
        shuffled = random.sample(self._candidates, len(self._candidates))
        for level in sorted({candidate.served for candidate in shuffled}):
            here = [candidate for candidate in shuffled if candidate.served == level]
            for with_pairs in (False, True):
                allowed = [one for one in here if self._is_allowed(self._reviewer_id, one, with_pairs=with_pairs)]
                for candidate in sorted(allowed, key=self._preference):
                    yield candidate.submission_id, with_pairs

    def reviews_after(self, submission_id: int, *, with_pairs: bool) -> int:
        """Return how many of the needed reviews can be done if the reviewer takes this submission."""
        needs = {**self._needs, submission_id: self._needs[submission_id] - 1}
        owes = {**self._owes, self._reviewer_id: self._owes[self._reviewer_id] - 1}
        allowed = {
            id: {one.submission_id for one in self._candidates if self._is_allowed(id, one, with_pairs=with_pairs)}
            for id in owes
        }
        allowed[self._reviewer_id].discard(submission_id)
        return 1 + maximum_flow(owes, needs, allowed)

    def _is_allowed(self, reviewer_id: int, candidate: Candidate, *, with_pairs: bool) -> bool:
        return (
            candidate.author_id != reviewer_id
            and reviewer_id not in self._claimants[candidate.submission_id]
            and (with_pairs or candidate.author_id not in self._reviewed_by[reviewer_id])
        )

    def _preference(self, candidate: Candidate) -> tuple[bool, int]:
        barred = {candidate.author_id, *self._claimants[candidate.submission_id]}
        is_reciprocal = candidate.author_id in self._reviewed_by[self._reviewer_id]
        return is_reciprocal, -sum(self._owes.get(id, 0) for id in barred)


def maximum_flow(owes: Mapping[int, int], needs: Mapping[int, int], allowed: Mapping[int, Collection[int]]) -> int:
    """Return how many reviews can be done: at most `owes` by each reviewer, `needs` of each submission, one a pair."""
    free = {submission_id: count for submission_id, count in needs.items() if count > 0}
    reviewers_of: defaultdict[int, set[int]] = defaultdict(set)

    def augment(reviewer_id: int, visited: set[int]) -> bool:
        options = [one for one in allowed[reviewer_id] if one in needs and reviewer_id not in reviewers_of[one]]
        for submission_id in options:
            if free.get(submission_id, 0) > 0:
                free[submission_id] -= 1
                reviewers_of[submission_id].add(reviewer_id)
                return True
        for submission_id in options:
            if submission_id in visited:
                continue
            visited.add(submission_id)
            for other_id in list(reviewers_of[submission_id]):
                if augment(other_id, visited):
                    reviewers_of[submission_id].remove(other_id)
                    reviewers_of[submission_id].add(reviewer_id)
                    return True
        return False

    # The most constrained first: fewer paths have to be found anew.
    order = sorted(owes, key=lambda reviewer_id: len(allowed[reviewer_id]) - owes[reviewer_id])
    return sum(augment(reviewer_id, set()) for reviewer_id in order for _ in range(owes[reviewer_id]))
