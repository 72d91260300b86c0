"""Reviews."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from learning_platform.reviews.results import Score as GivenScore
from learning_platform.reviews.rules import ClaimReason, ReturnReason
from learning_platform.web.schemas.common import NO_NUL, Comment, Input, ObjectId, Output, Statement, UtcDatetime
from learning_platform.web.schemas.texts import IDENTIFIER, PROSE

MAX_SCORES = 100


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

    scores: Annotated[list[NewScore], Field(max_length=MAX_SCORES)]
    comment: Comment | None = None

    def as_scores(self) -> list[GivenScore]:
        """Return what the action takes."""
        return [GivenScore(score.criterion_id, score.score, score.comment) for score in self.scores]


class ReturnedSubmission(Input):
    """Why the work cannot be reviewed by this person."""

    reason: ReturnReason
    comment: Comment | None = None


class ClaimedSubmission(Output):
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
    changed_at: datetime | None = Field(
        description="The day on which its author changed the link since it was given to you."
    )


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
    updated_at: datetime | None = Field(description="Of reviews by others: the day.")
    helpful: bool | None = Field(
        description="What the author of the submission answered; its reviewer is told when the track is over."
    )
    answer: str | None


class Appeal(Output):
    """An appeal, and how it was settled, once it is."""

    id: int
    submission_id: int
    text: str
    created_at: datetime
    settled_at: datetime | None
    settlement: str | None


class CriterionResult(Output):
    """The median of one criterion, the lowest and highest score it got, and what an appeal corrected it to."""

    criterion_id: int
    name: str
    max_score: int
    median: float
    lowest: int
    highest: int
    corrected: int | None


class Result(Output):
    """What a submission got; `total` in percent, `spread` in points between the most generous and severe reviewer."""

    reviews_count: int
    criteria: list[CriterionResult]
    total: float
    spread: float
    is_disputed: bool


class ReceivedReviews(Output):
    """The reviews of one's own submission; no result while there are none."""

    submission_id: int
    reviews: list[Review]
    result: Result | None
    appeal: Appeal | None


class Answer(Input):
    """What the author of a submission says of a review."""

    helpful: bool
    comment: Comment | None = None


class NewAppeal(Input):
    """Why the result should be looked at again."""

    text: Statement


class CorrectedScore(Input):
    """A score that counts instead of the median."""

    criterion_id: ObjectId
    score: Annotated[int, Field(ge=0, le=100)]


class Settlement(Input):
    """The answer to an appeal; criteria left out keep their medians."""

    text: Statement
    scores: Annotated[list[CorrectedScore], Field(max_length=MAX_SCORES, default_factory=list)]

    def as_scores(self) -> list[GivenScore]:
        """Return what the action takes."""
        return [GivenScore(score.criterion_id, score.score) for score in self.scores]


class NewExtension(Input):
    """A later deadline for one participant."""

    username: Annotated[str, Field(min_length=1, max_length=32, pattern=NO_NUL), IDENTIFIER]
    due_at: UtcDatetime
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL), PROSE]


class Extension(Output):
    """A personal deadline."""

    assignment_id: int
    user_id: int
    due_at: datetime
    reason: str


class AssignmentOutcome(Output):
    """One participant at one assignment; `result` in percent, null while it may not be seen or there is none."""

    assignment_id: int
    submitted: bool = Field(description="Of others: by the deadline, once it has passed.")
    reviews_done: int | None = Field(
        description="Of others: null until the time for reviews is over, then those in time; all at the end."
    )
    reviews_required: int | None
    result: float | None


class ParticipantOutcome(Output):
    """A row of the results; `total` is the mean over the assignments whose reviews are over."""

    id: int = Field(description="The participant's user id.")
    username: str
    has_left: bool
    assignments: list[AssignmentOutcome]
    total: float | None


class OverseenSubmission(Output):
    """A submission as the track's author sees it."""

    id: int
    assignment_id: int
    participant_id: int
    username: str
    repo_url: str
    submitted_at: datetime
    reviews_count: int
    claims_count: int
    returns_count: int
    is_short: bool = Field(description="In review, and lacking reviews it could have.")
    is_disputed: bool = Field(description="Its reviewers disagree strongly.")
    appeal: Literal["open", "settled"] | None


class ReturnedClaim(Output):
    """Work that was handed back."""

    id: int
    submission_id: int
    assignment_id: int
    reason: ReturnReason
    comment: str | None
    returned_at: datetime
    reviewer: str
    participant: str


class OverseenAppeal(Appeal):
    """An appeal with who made it."""

    assignment_id: int
    participant: str


class ReviewQuality(Output):
    """How somebody reviews: `severity` in percentage points above (+) or below (-) the medians, on average."""

    id: int = Field(description="The reviewer's user id.")
    username: str
    reviews_count: int
    helpful_count: int | None = Field(description="Told to the reviewer when the track is over.")
    unhelpful_count: int | None
    severity: float | None


class OverseenReviews(Output):
    """The reviews of a submission, and who wrote each, by the id of the review."""

    received: ReceivedReviews
    reviewers: dict[int, str]
