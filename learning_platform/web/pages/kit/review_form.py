"""The form of a review."""

from learning_platform.reviews.queries import Review


def typed_review(review: Review) -> dict[str, str]:
    """Return a review as the fields of its form."""
    typed = {"comment": review.comment or "", "revise": "yes", "version": str(review.version)}
    for index, score in enumerate(review.scores):
        typed[f"scores-{index}-score"] = str(score.score)
        typed[f"scores-{index}-comment"] = score.comment or ""
    return typed
