"""What reviews add up to. Pure: scores in, medians, totals, disagreement and severity out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """What a submission got for one criterion: the median of its scores, or what an appeal corrected it to."""

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
    """Return the result of a submission's reviews, or None while nobody has reviewed and nothing was corrected.

    Medians, so that one unfair score decides nothing and the order of the reviews plays no part. `corrected` are the
    scores, by criterion, that an appeal put in their place.
    """
    if not criteria or not (reviews or len(corrected) == len(criteria)):
        return None
    lines = [_line(criterion, reviews, corrected.get(criterion.id)) for criterion in criteria]
    most = sum(line.max_score for line in lines)
    counted = sum(line.median if line.corrected is None else line.corrected for line in lines)
    totals = [100 * sum(score.score for score in scores) / most for scores in reviews]
    spread = max(totals) - min(totals) if totals else 0.0
    return Result(
        reviews_count=len(reviews),
        criteria=lines,
        total=round(100 * counted / most, 2),
        spread=round(spread, 2),
        is_disputed=spread >= STRONG_DISAGREEMENT,
    )


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
