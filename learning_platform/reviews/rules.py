"""What is owed, when reviewing is allowed, which scores are valid, and what they add up to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from learning_platform.attempts.rules import AssignmentLocked, NotAParticipant
from learning_platform.core.errors import Conflict, Forbidden, Invalid, NotFound
from learning_platform.core.languages import N_

ReturnReason = Literal["broken", "empty", "know_author", "other"]
ClaimReason = Literal["planned", "least_served", "volunteer"]
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=1), timedelta(hours=24)
LEASE_SHARE = 0.25


class ReviewNotOpen(Conflict):
    code = "review_not_open"
    message = N_("Reviewing begins after the deadline.")


class ReviewsDone(NotFound):
    """Nothing is owed any more. What the draw found out on the way (nothing is left to review) is kept."""

    code = "reviews_done"
    message = N_("You have done all the reviews you owe here.")
    keeps_changes = True


class NothingToReview(NotFound):
    code = "nothing_to_review"
    message = N_("There is nothing left that you could review.")


class SubmissionNotFound(NotFound):
    code = "submission_not_found"
    message = N_("There is no such submission.")


class NotYoursToReview(Forbidden):
    code = "not_yours_to_review"
    message = N_("This submission was not given to you to review.")


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    message = N_("You have reviewed this submission already. Revise that review instead.")


class NotReviewedYet(NotFound):
    code = "not_reviewed_yet"
    message = N_("You have not reviewed this submission yet.")


class ReviewClosed(Conflict):
    code = "review_closed"
    message = N_("The time for revising this review is over.")


class OwnReviewsFirst(Conflict):
    code = "own_reviews_first"
    message = N_("You see the reviews of your work when you have done your own, or when the time for reviews is over.")


class ScoreMissing(Invalid):
    code = "score_missing"
    message = N_("Give “{criterion}” a score.")


class ScoreTwice(Invalid):
    code = "score_twice"
    message = N_("This criterion has been given a score already.")


class UnknownCriterion(Invalid):
    code = "unknown_criterion"
    message = N_("This criterion does not belong to the track.")


class ScoreOutOfRange(Invalid):
    code = "score_out_of_range"
    message = N_("“{criterion}” takes a whole number from 0 to {max_score}.")


class ReasonMissing(Invalid):
    code = "reason_missing"
    message = N_("Say why “{criterion}” does not get full marks: in a comment on it, or in the overall comment.")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric."""

    id: int
    position: int
    name: str
    description: str
    max_score: int


@dataclass(frozen=True, slots=True)
class Score:
    """What a reviewer gives for one criterion."""

    criterion_id: int
    score: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """The median of what reviewers gave for one criterion, and the spread."""

    criterion_id: int
    name: str
    max_score: int
    median: float
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a submission got: `total` is the sum of the medians as a percentage of the sum of the maxima."""

    reviews_count: int
    criteria: Sequence[CriterionResult]
    total: float


def lease(*, due_at: datetime, reviews_due_at: datetime) -> timedelta:
    """Return how long a claim is held: a quarter of the review window, from a minute to a day."""
    return min(max((reviews_due_at - due_at) * LEASE_SHARE, SHORTEST_LEASE), LONGEST_LEASE)


def ensure_may_review(*, is_participant: bool, has_attempt: bool, due_at: datetime | None, now: datetime) -> None:
    """Raise NotAParticipant, ReviewNotOpen or AssignmentLocked unless the user may review here at `now`."""
    if not is_participant:
        raise NotAParticipant
    if due_at is None or now < due_at:
        raise ReviewNotOpen
    if not has_attempt:
        raise AssignmentLocked


def ensure_may_revise(*, reviewed_at: datetime, reviews_due_at: datetime, finishes_at: datetime, now: datetime) -> None:
    """Raise ReviewClosed unless a review may be revised: to the end of the window, a late one to that of the track."""
    closes_at = reviews_due_at if reviewed_at < reviews_due_at else finishes_at
    if now >= closes_at:
        raise ReviewClosed


def ensure_may_see_reviews(*, finished_at: datetime | None, reviews_due_at: datetime | None, now: datetime) -> None:
    """Raise OwnReviewsFirst unless the author of a submission has done their part or the window is over."""
    if finished_at is None and (reviews_due_at is None or now < reviews_due_at):
        raise OwnReviewsFirst


def ensure_valid_scores(scores: Sequence[Score], *, criteria: Sequence[Criterion], comment: str | None) -> None:
    """Raise unless there is exactly one valid score for every criterion, each below the maximum with a reason."""
    known = {criterion.id: criterion for criterion in criteria}
    seen: set[int] = set()
    for index, score in enumerate(scores):
        _ensure_valid_score(score, at=("body", "scores", index), known=known, seen=seen, comment=comment)
        seen.add(score.criterion_id)
    for criterion in criteria:
        if criterion.id not in seen:
            raise ScoreMissing(loc=("body", "scores"), criterion=criterion.name)


def _ensure_valid_score(
    score: Score,
    *,
    at: tuple[str | int, ...],
    known: Mapping[int, Criterion],
    seen: Collection[int],
    comment: str | None,
) -> None:
    criterion = known.get(score.criterion_id)
    if criterion is None:
        raise UnknownCriterion(loc=(*at, "criterion_id"))
    if criterion.id in seen:
        raise ScoreTwice(loc=(*at, "criterion_id"))
    if not 0 <= score.score <= criterion.max_score:
        raise ScoreOutOfRange(loc=(*at, "score"), criterion=criterion.name, max_score=criterion.max_score)
    if score.score < criterion.max_score and not (score.comment or "").strip() and not (comment or "").strip():
        raise ReasonMissing(loc=(*at, "comment"), criterion=criterion.name)


def result(criteria: Sequence[Criterion], scores: Mapping[int, Sequence[int]]) -> Result | None:
    """Return the result from all scores given per criterion id, or None while nobody has reviewed.

    Medians, so that one unfair score decides nothing and the order of the reviews plays no part.
    """
    if not criteria or any(not scores.get(criterion.id) for criterion in criteria):
        return None
    lines = [
        CriterionResult(
            criterion_id=criterion.id,
            name=criterion.name,
            max_score=criterion.max_score,
            median=float(median(scores[criterion.id])),
            lowest=min(scores[criterion.id]),
            highest=max(scores[criterion.id]),
        )
        for criterion in criteria
    ]
    total = 100 * sum(line.median for line in lines) / sum(line.max_score for line in lines)
    return Result(reviews_count=len(scores[criteria[0].id]), criteria=lines, total=round(total, 2))
