"""What the page of feedback says of one's own reviews: reasons by criterion, and what is to be done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from learning_platform.reviews.queries import ReceivedReviews

# More reasons are folded below their criterion.
MAX_REASONS_OPEN = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a reviewer gave a score. `number`: of the review on the page."""

    number: int
    score: int
    text: str


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """What leads the page: the reasons for scores, and the numbers of the reviews that are not rated yet."""

    reasons: Mapping[int, Sequence[Reason]]
    unrated: Sequence[int]

    @property
    def shows_reasons(self) -> bool:
        """Say whether so few reasons were given that all are shown unfolded."""
        return sum(len(of_criterion) for of_criterion in self.reasons.values()) <= MAX_REASONS_OPEN


def summarize(received: ReceivedReviews) -> FeedbackSummary:
    """Collect what reviewers said of each criterion, and which reviews are still to be rated."""
    reasons: defaultdict[int, list[Reason]] = defaultdict(list)
    for number, review in enumerate(received.reviews, start=1):
        for score in review.scores:
            if score.comment:
                reasons[score.criterion_id].append(Reason(number, score.score, score.comment))
    unrated = [number for number, review in enumerate(received.reviews, start=1) if review.helpful is None]
    return FeedbackSummary(reasons, unrated)
