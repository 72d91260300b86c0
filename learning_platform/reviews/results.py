"""What reviews add up to. Pure: scores in, medians, totals and disagreement out.

Statements about many submissions use functions of the database for the same (migrations/versions/0013); a test compares
the two. Percentages are rounded half up, as PostgreSQL rounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

# Reviewers disagree strongly when the most generous total lies this many percentage points above the most severe.
STRONG_DISAGREEMENT = 40.0


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
    """What a submission got for one criterion: the median of its scores, or what it was corrected to."""

    criterion_id: int
    name: str
    max_score: int
    median: float
    lowest: int
    highest: int
    corrected: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a submission got.

    `total`: the sum of what counts as a percentage of the sum of the maxima. `spread`: the percentage points between
    the totals of the most generous and the most severe reviewer; `is_disputed` from STRONG_DISAGREEMENT on.
    """

    reviews_count: int
    criteria: Sequence[CriterionResult]
    total: float
    spread: float
    is_disputed: bool


def result(
    criteria: Sequence[Criterion], reviews: Sequence[Sequence[Score]], corrected: Mapping[int, int]
) -> Result | None:
    """Return the result of a submission's reviews, or None while there is no review and nothing was corrected.

    Medians, so that one unfair score decides nothing and the order of the reviews plays no part. `corrected` are the
    scores, by criterion, that staff put in their place.
    """
    if not criteria or not (reviews or len(corrected) == len(criteria)):
        return None
    lines = [_line(criterion, reviews, corrected.get(criterion.id)) for criterion in criteria]
    max_points = sum(line.max_score for line in lines)
    counted = sum(line.median if line.corrected is None else line.corrected for line in lines)
    points = [sum(score.score for score in scores) for scores in reviews] or [0]
    spread = percentage(max(points) - min(points), max_points)
    return Result(
        reviews_count=len(reviews),
        criteria=lines,
        total=percentage(counted, max_points),
        spread=spread,
        is_disputed=spread >= STRONG_DISAGREEMENT,
    )


def track_total(outcomes: Sequence[tuple[bool, float | None]]) -> float | None:
    """Return the mean over assignments whose reviews are over, each as whether it was handed in, and its result.

    Nothing handed in is 0; a submission without a result is left out. None if nothing counts yet.
    """
    counted = [result or 0.0 for is_submitted, result in outcomes if result is not None or not is_submitted]
    return round(sum(counted) / len(counted), 2) if counted else None


def percentage(points: float, max_points: int) -> float:
    """Return points as a percentage of the maximum, rounded half up to two places."""
    return float((100 * Decimal(points) / max_points).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _line(criterion: Criterion, reviews: Sequence[Sequence[Score]], corrected: int | None) -> CriterionResult:
    scores = [score.score for scores in reviews for score in scores if score.criterion_id == criterion.id]
    if not scores:
        scores = [corrected or 0]
    return CriterionResult(
        criterion_id=criterion.id,
        name=criterion.name,
        max_score=criterion.max_score,
        median=float(median(scores)),
        lowest=min(scores),
        highest=max(scores),
        corrected=corrected,
    )
