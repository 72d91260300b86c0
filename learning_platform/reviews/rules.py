"""What is owed, when reviewing is allowed, which scores are valid, and what they add up to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from learning_platform.attempts.rules import AssignmentLocked, ensure_has_not_left, reviews_owed
from learning_platform.core.errors import Conflict, Forbidden, Invalid, NotFound
from learning_platform.core.languages import N_
from learning_platform.reviews.results import Criterion, Score
from learning_platform.tracks.rules import NotAParticipant

ReturnReason = Literal["broken", "empty", "know_author", "other"]
ClaimReason = Literal["planned", "least_served", "volunteer", "author"]
# So many have to find a link broken before its author is notified, and may correct it.
RETURNS_BEFORE_AUTHOR_IS_NOTIFIED = 2
MIN_LEASE, MAX_LEASE = timedelta(minutes=1), timedelta(hours=24)
LEASE_SHARE = 0.25


class ReviewNotOpen(Conflict):
    code = "review_not_open"
    message = N_("Reviews open after the deadline.")


class ReviewsDone(NotFound):
    """Nothing is owed any more. What the draw found out on the way (nothing is left to review) is kept."""

    code = "reviews_done"
    message = N_("All your reviews for this assignment are done.")
    keeps_changes = True


class NothingToReview(NotFound):
    code = "nothing_to_review"
    message = N_("There are no submissions left for you to review.")


class SubmissionNotFound(NotFound):
    code = "submission_not_found"
    message = N_("Submission not found.")


class CodeNotFrozen(Conflict):
    code = "code_not_frozen"
    message = N_("The code is still being fetched. Try again in a minute.")


class CodeNotFound(NotFound):
    code = "code_not_found"
    message = N_("There is no code here: it could not be fetched, or it was deleted.")


class FileNotFound(NotFound):
    code = "file_not_found"
    message = N_("There is no file with this path.")


class BaseNotFound(NotFound):
    code = "base_not_found"
    message = N_("There is nothing of this kind to compare the code with.")


class IterationNotFound(NotFound):
    code = "iteration_not_found"
    message = N_("There is no iteration with this number.")


class NotYoursToReview(Forbidden):
    code = "not_yours_to_review"
    message = N_("This submission is not assigned to you for review.")


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    message = N_("You have already reviewed this submission. Edit your review instead.")


class NotReviewedYet(NotFound):
    code = "not_reviewed_yet"
    message = N_("You have not reviewed this submission yet.")


class ReviewClosed(Conflict):
    code = "review_closed"
    message = N_("This review can no longer be edited.")


class LinkNotCorrectable(Conflict):
    code = "link_not_correctable"
    former_code = "not_mendable"
    message = N_("You can correct the link once two reviewers have reported it, while reviews are open.")


class ReviewNotFound(NotFound):
    code = "review_not_found"
    message = N_("Review not found.")


class AlreadyAppealed(Conflict):
    code = "already_appealed"
    message = N_("You have already appealed the result of this assignment.")


class AppealNotFound(NotFound):
    code = "appeal_not_found"
    message = N_("Appeal not found.")


class AppealWithdrawn(Conflict):
    code = "appeal_withdrawn"
    message = N_("This appeal has been withdrawn. Your changes are not saved.")


class AlreadySettled(Conflict):
    code = "already_settled"
    message = N_("This appeal has already been answered.")


class CorrectionsNotOpen(Conflict):
    code = "corrections_not_open"
    message = N_("Scores can be corrected after the review deadline.")


class NothingCorrected(Invalid):
    code = "nothing_corrected"
    message = N_("Enter a score for at least one criterion.")


class OwnReviewsFirst(Conflict):
    code = "own_reviews_first"
    message = N_(
        "You can see the reviews of your work after you finish your own reviews or when the review period ends."
    )


class ScoreMissing(Invalid):
    code = "score_missing"
    message = N_("Enter a score for “{criterion}”.")


class ScoreTwice(Invalid):
    code = "score_twice"
    message = N_("This criterion already has a score.")


class UnknownCriterion(Invalid):
    code = "unknown_criterion"
    message = N_("This criterion is not part of the track.")


class ScoreOutOfRange(Invalid):
    code = "score_out_of_range"
    message = N_("The score for “{criterion}” must be a whole number from 0 to {max_score}.")


class ReasonMissing(Invalid):
    code = "reason_missing"
    message = N_("Explain why “{criterion}” is below the maximum: in its comment or in the overall comment.")


def lease(*, due_at: datetime, reviews_due_at: datetime) -> timedelta:
    """Return how long a claim is held: a quarter of the review window, from a minute to a day."""
    return min(max((reviews_due_at - due_at) * LEASE_SHARE, MIN_LEASE), MAX_LEASE)


def ensure_may_review(
    *, is_participant: bool, has_left: bool, has_attempt: bool, due_at: datetime | None, now: datetime
) -> None:
    """Raise unless the user may review here at `now`; `due_at` is the deadline as it stands for them.

    Raises NotAParticipant, TrackLeft, ReviewNotOpen, AssignmentLocked.
    """
    if not is_participant:
        raise NotAParticipant
    ensure_has_not_left(has_left=has_left)
    if due_at is None or now < due_at:
        raise ReviewNotOpen
    if not has_attempt:
        raise AssignmentLocked


def may_revise(*, reviewed_at: datetime, reviews_due_at: datetime, finishes_at: datetime, now: datetime) -> bool:
    """Say whether a review may be revised: to the end of the window, a late one to that of the track."""
    return now < (reviews_due_at if reviewed_at < reviews_due_at else finishes_at)


def ensure_may_revise(*, reviewed_at: datetime, reviews_due_at: datetime, finishes_at: datetime, now: datetime) -> None:
    """Raise ReviewClosed unless a review may be revised."""
    if not may_revise(reviewed_at=reviewed_at, reviews_due_at=reviews_due_at, finishes_at=finishes_at, now=now):
        raise ReviewClosed


def may_see_reviews(*, has_done_own: bool, reviews_due_at: datetime | None, now: datetime) -> bool:
    """Say whether the author of a submission may see its reviews. In SQL: may_see_reviews (0013)."""
    return has_done_own or (reviews_due_at is not None and reviews_due_at <= now)


def ensure_may_see_reviews(*, has_done_own: bool, reviews_due_at: datetime | None, now: datetime) -> None:
    """Raise OwnReviewsFirst unless the author of a submission has done their part or the window is over."""
    if not may_see_reviews(has_done_own=has_done_own, reviews_due_at=reviews_due_at, now=now):
        raise OwnReviewsFirst


def is_short(*, review_pending: bool, is_withdrawn: bool, reviews_count: int, submissions_count: int) -> bool:
    """Say whether a submission in review lacks reviews that it could have. In SQL: is_short (0013)."""
    could_have = reviews_owed(submissions_by_others=submissions_count - 1)
    return not review_pending and not is_withdrawn and reviews_count < could_have


def ensure_link_correctable(*, returns: int, reviews_due_at: datetime | None, now: datetime) -> None:
    """Raise LinkNotCorrectable unless enough people found the link broken, and the review window is still open."""
    if returns < RETURNS_BEFORE_AUTHOR_IS_NOTIFIED or reviews_due_at is None or now >= reviews_due_at:
        raise LinkNotCorrectable


def are_reviews_over(*, reviews_due_at: datetime | None, now: datetime) -> bool:
    """Say whether the review deadline has passed: reviews in time stand as they are, and their recipient sees them."""
    return reviews_due_at is not None and reviews_due_at <= now


def ensure_corrections_open(*, reviews_due_at: datetime | None, now: datetime) -> None:
    """Raise CorrectionsNotOpen before the review deadline."""
    if not are_reviews_over(reviews_due_at=reviews_due_at, now=now):
        raise CorrectionsNotOpen


def ensure_valid_corrections(scores: Sequence[Score], *, criteria: Sequence[Criterion]) -> None:
    """Raise unless corrected scores, of as few criteria as one likes, are each valid."""
    known = {criterion.id: criterion for criterion in criteria}
    seen: set[int] = set()
    for index, score in enumerate(scores):
        _ensure_in_range(score, at=("body", "scores", index), known=known, seen=seen)
        seen.add(score.criterion_id)


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
    criterion = _ensure_in_range(score, at=at, known=known, seen=seen)
    if score.score < criterion.max_score and not (score.comment or "").strip() and not (comment or "").strip():
        raise ReasonMissing(loc=(*at, "comment"), criterion=criterion.name)


def _ensure_in_range(
    score: Score, *, at: tuple[str | int, ...], known: Mapping[int, Criterion], seen: Collection[int]
) -> Criterion:
    criterion = known.get(score.criterion_id)
    if criterion is None:
        raise UnknownCriterion(loc=(*at, "criterion_id"))
    if criterion.id in seen:
        raise ScoreTwice(loc=(*at, "criterion_id"))
    if not 0 <= score.score <= criterion.max_score:
        raise ScoreOutOfRange(loc=(*at, "score"), criterion=criterion.name, max_score=criterion.max_score)
    return criterion
