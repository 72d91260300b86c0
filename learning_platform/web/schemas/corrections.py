"""Scores that staff correct."""

from typing import Annotated

from pydantic import Field

from learning_platform.reviews.results import Score as GivenScore
from learning_platform.web.schemas.common import NO_NUL, Input, ObjectId, Statement
from learning_platform.web.schemas.reviews import MAX_SCORES
from learning_platform.web.schemas.texts import PROSE


class CorrectedScore(Input):
    """A score that replaces the median."""

    criterion_id: ObjectId
    score: Annotated[int, Field(ge=0, le=100)]


class CorrectedScores(Input):
    """Scores that replace the medians; criteria without a score keep theirs."""

    scores: Annotated[list[CorrectedScore], Field(max_length=MAX_SCORES, default_factory=list)]

    def as_scores(self) -> list[GivenScore]:
        """Return what the action takes."""
        return [GivenScore(score.criterion_id, score.score) for score in self.scores]


class Settlement(CorrectedScores):
    """The answer to an appeal."""

    text: Statement


class NewCorrection(CorrectedScores):
    """Scores that count from now on; without any, the medians count again. The author of the submission sees why."""

    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL), PROSE]
