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
    """A criterion of the rubric."""

    id: int
    position: int
    name: str
    description: str
    max_score: int


class NewScore(Input):
    """A score from 0 to the `max_score` of the criterion. Below the maximum a comment is required, here or overall."""

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
    """Why the reviewer cannot review the submission."""

    reason: ReturnReason
    comment: Comment | None = None


class ClaimedSubmission(Output):
    """A submission to review. After `claimed_until` it may be given to other reviewers too."""

    id: int
    submission_id: int
    assignment_id: int
    repo_url: str | None = Field(
        description="Null if the code is frozen (links name their owners), unless the track has `show_repository`."
    )
    code_url: str | None = Field(description="Where to read the code (`GET`), if it is frozen.")
    comment: str | None
    criteria: list[Criterion]
    reviews_done: int
    reviews_required: int
    claimed_until: datetime
    reason: ClaimReason = Field(
        description="Why this submission was chosen: by plan, because it had few reviews, or for a volunteer."
    )
    changed_at: datetime | None = Field(
        description="The day on which the author changed the link after you received the submission."
    )


class Score(Output):
    """The score and comment for one criterion."""

    criterion_id: int
    score: int
    comment: str | None


class Review(Output):
    """A review. Its reviewer stays anonymous."""

    id: int
    scores: list[Score]
    comment: str | None
    updated_at: datetime | None = Field(description="For reviews by others this is a day.")
    helpful: bool | None = Field(
        description="The answer of the author of the submission. The reviewer can see it when the track is over."
    )
    answer: str | None


class SettledAppeal(Output):
    """How an appeal about a submission was settled, for its reviewers: on which day, and the scores that count."""

    settlement: str
    settled_at: datetime = Field(description="A day.")
    scores: list[Score]


class GivenReview(Review):
    """A review, as its reviewer sees it."""

    settled_appeal: SettledAppeal | None = Field(
        description="How an appeal about the submission was settled, after the review deadline."
    )


class Appeal(Output):
    """An appeal, with its answer when it is settled."""

    id: int
    submission_id: int
    text: str
    created_at: datetime
    settled_at: datetime | None
    settlement: str | None


class Correction(Output):
    """Scores that staff corrected without an appeal, and why. The latest correction or settled appeal counts."""

    id: int
    reason: str
    corrected_at: datetime
    scores: list[Score] = Field(description="Empty: the medians count again.")


class CriterionResult(Output):
    """The median, lowest and highest score for one criterion, and the score that staff corrected it to."""

    criterion_id: int
    name: str
    max_score: int
    median: float
    lowest: int
    highest: int
    corrected: int | None


class Result(Output):
    """The result of a submission; `total` is a percentage, `spread` the points between the best and worst review."""

    reviews_count: int
    criteria: list[CriterionResult]
    total: float
    spread: float
    is_disputed: bool


class ReceivedReviews(Output):
    """The reviews of your submission. `result` is null while there are no reviews."""

    submission_id: int
    reviews: list[Review]
    result: Result | None
    appeal: Appeal | None
    corrections: list[Correction] = Field(description="What staff corrected without an appeal, the latest first.")


class Answer(Input):
    """The answer of a submission's author to a review."""

    helpful: bool
    comment: Comment | None = None


class NewAppeal(Input):
    """A request to check a result again."""

    text: Statement


class AppealChange(Input):
    """What an appeal is to say instead."""

    text: Statement


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
    """The outcome of one assignment; `result` is a percentage, null if there is none or it is not visible yet."""

    assignment_id: int
    submitted: bool = Field(description="For others: whether they submitted by the deadline, known after it.")
    reviews_done: int | None = Field(
        description="For others: null until the review deadline, then reviews done in time; all when the track ends."
    )
    reviews_required: int | None
    result: float | None


class ParticipantOutcome(Output):
    """The results of a participant; `total` is the mean over the assignments whose review deadline has passed."""

    id: int = Field(description="The participant's user id.")
    username: str
    has_left: bool
    assignments: list[AssignmentOutcome]
    total: float | None


class EqualSubmission(Output):
    """A submission of another participant that is equal: a hint, not a verdict."""

    id: int
    username: str
    same: Literal["code", "link"] = Field(description="`code`: all files are equal. `link`: only the link is.")


class OverseenSubmission(Output):
    """A submission as the track's author sees it."""

    id: int
    assignment_id: int
    participant_id: int
    username: str
    repo_url: str | None
    submitted_at: datetime
    reviews_count: int
    claims_count: int
    returns_count: int
    is_short: bool = Field(description="Whether it is in review and has fewer reviews than it should.")
    is_disputed: bool = Field(description="Whether its reviewers disagree strongly.")
    appeal: Literal["open", "settled"] | None
    same_as: list[EqualSubmission] = Field(description="Equal submissions for the same assignment, at most 20.")


class ReturnedClaim(Output):
    """A submission that a reviewer returned."""

    id: int
    submission_id: int
    assignment_id: int
    reason: ReturnReason
    comment: str | None
    returned_at: datetime
    reviewer: str
    participant: str


class OverseenAppeal(Appeal):
    """An appeal with the participant who made it."""

    assignment_id: int
    participant: str


class ReviewQuality(Output):
    """Statistics of a reviewer; `severity` is the mean difference from the medians in percentage points."""

    id: int = Field(description="The reviewer's user id.")
    username: str
    reviews_count: int
    helpful_count: int | None = Field(description="Visible to the reviewer when the track is over.")
    unhelpful_count: int | None
    severity: float | None


class OverseenReviews(Output):
    """The reviews of a submission, the username of each reviewer by review id, and equal submissions."""

    received: ReceivedReviews
    reviewers: dict[int, str]
    same_as: list[EqualSubmission]
