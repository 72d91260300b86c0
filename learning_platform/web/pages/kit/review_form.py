"""The form of a review."""

from datetime import datetime

from learning_platform.attempts.progress import Progress
from learning_platform.reviews.assigned_reviews import AssignedReview
from learning_platform.reviews.queries import Review
from learning_platform.reviews.rules import may_revise
from learning_platform.tracks.queries import TrackHead


def typed_review(review: Review) -> dict[str, str]:
    """Return a review as the fields of its form."""
    typed = {"comment": review.comment or "", "revise": "yes", "version": str(review.version)}
    for index, score in enumerate(review.scores):
        typed[f"scores-{index}-score"] = str(score.score)
        typed[f"scores-{index}-comment"] = score.comment or ""
    return typed


def is_only_shown(work: AssignedReview | None, progress: Progress, track: TrackHead, *, now: datetime) -> bool:
    """Say whether a review that was sent cannot be revised any more."""
    if work is None or work.created_at is None or progress.reviews_due_at is None or track.finishes_at is None:
        return False
    if track.status != "running":
        return True
    return not may_revise(
        reviewed_at=work.created_at, reviews_due_at=progress.reviews_due_at, finishes_at=track.finishes_at, now=now
    )
