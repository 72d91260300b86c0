"""The largest possible set of reviews: a maximum flow (a b-matching by augmenting paths; Kuhn 1955, Berge 1957). Pure.

Sets of submissions are masks, bit n for the nth submission: a flow costs a tenth of what sets cost.
"""

from collections.abc import Mapping, Sequence


def maximum_flow(owes: Mapping[int, int], needs: Sequence[int], allowed: Mapping[int, int]) -> int:
    """Return how many reviews can be done: at most `owes` by each reviewer, `needs` of each submission, one a pair.

    `allowed` is the mask of the submissions that each may review.
    """
    matching = _Matching(needs, allowed)
    # The most constrained first: fewer paths have to be found again.
    order = sorted(owes, key=lambda reviewer_id: allowed[reviewer_id].bit_count() - owes[reviewer_id])
    for reviewer_id in order:
        for _ in range(owes[reviewer_id]):
            if not matching.add(reviewer_id):
                break
    return matching.size


class _Matching:
    """The reviewers of each submission, as far as they are assigned."""

    def __init__(self, needs: Sequence[int], allowed: Mapping[int, int]) -> None:
        self.size = 0
        self._lacks = list(needs)
        self._lacking = sum(1 << index for index, need in enumerate(needs) if need > 0)
        self._needed = self._lacking
        self._allowed = allowed
        self._given = dict.fromkeys(allowed, 0)
        self._reviewers: list[list[int]] = [[] for _ in needs]
        self._visited = 0

    def add(self, reviewer_id: int) -> bool:
        """Find one more submission for a reviewer, if all that is arranged can be kept up, if need be by others."""
        self._visited = 0
        found = self._lacking != 0 and self._augment(reviewer_id)
        self.size += found
        return found

    def _augment(self, reviewer_id: int) -> bool:
        possible = self._allowed[reviewer_id] & self._needed & ~self._given[reviewer_id]
        if lacking := possible & self._lacking:
            index = _lowest(lacking)
            self._lacks[index] -= 1
            self._lacking ^= 0 if self._lacks[index] else 1 << index
            self._give(index, reviewer_id)
            return True
        while possible := possible & ~self._visited:
            index = _lowest(possible)
            self._visited |= 1 << index
            for other_id in self._reviewers[index]:
                if self._augment(other_id):
                    self._given[other_id] ^= 1 << index
                    self._reviewers[index].remove(other_id)
                    self._give(index, reviewer_id)
                    return True
        return False

    def _give(self, index: int, reviewer_id: int) -> None:
        self._given[reviewer_id] |= 1 << index
        self._reviewers[index].append(reviewer_id)


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
