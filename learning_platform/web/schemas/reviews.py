"""Reviews."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from learning_platform.reviews.rules import ClaimReason, ReturnReason
from learning_platform.reviews.rules import Score as GivenScore
from learning_platform.web.schemas.common import Comment, Input, ObjectId, Output

MOST_SCORES = 100


class Criterion(Output):
    """One line of the rubric."""

    id: int
    position: int
    name: str
    description: str
    max_score: int


class NewScore(Input):
    """A whole number from 0 to the criterion's `max_score`; below it a comment is due, here or overall."""

    criterion_id: ObjectId
    score: Annotated[int, Field(ge=0, le=100)]
    comment: Comment | None = None


class NewReview(Input):
    """Exactly one score for every criterion."""

    scores: Annotated[list[NewScore], Field(max_length=MOST_SCORES)]
    comment: Comment | None = None

    def as_scores(self) -> list[GivenScore]:
        """Return what the action takes."""
        return [GivenScore(score.criterion_id, score.score, score.comment) for score in self.scores]


class ReturnedWork(Input):
    """Why the work cannot be reviewed by this person."""

    reason: ReturnReason
    comment: Comment | None = None


class ClaimedWork(Output):
    """Something to review. `claimed_until`: after that it may go to others too."""

    id: int
    submission_id: int
    assignment_id: int
    repo_url: str
    comment: str | None
    criteria: list[Criterion]
    reviews_done: int
    reviews_required: int
    claimed_until: datetime
    reason: ClaimReason = Field(description="Why this one: by plan, as one of the least served, or for a volunteer.")


class Score(Output):
    """What a reviewer gave for one criterion."""

    criterion_id: int
    score: int
    comment: str | None


class Review(Output):
    """A review; by whom is told to nobody."""

    id: int
    scores: list[Score]
    comment: str | None
    updated_at: datetime | None


class CriterionResult(Output):
    """The median of one criterion, and the lowest and highest score it got."""

    criterion_id: int
    name: str
    max_score: int
    median: float
    lowest: int
    highest: int


class Result(Output):
    """What a submission got; `total` in percent."""

    reviews_count: int
    criteria: list[CriterionResult]
    total: float


class ReceivedReviews(Output):
    """The reviews of one's own submission; no result while there are none."""

    submission_id: int
    reviews: list[Review]
    result: Result | None
