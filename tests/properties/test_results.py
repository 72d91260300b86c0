"""What reviews add up to, whatever they say: within bounds, in no order, and beyond the reach of a single one."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_platform.reviews.results import STRONG_DISAGREEMENT, Criterion, Result, Score, result


@dataclass(frozen=True)
class Judged:
    """A rubric, and what reviewers gave by it."""

    criteria: list[Criterion]
    reviews: list[list[Score]]


@st.composite
def judged(draw: st.DrawFn, *, least: int = 1, most: int = 6) -> Judged:
    maxima = draw(st.lists(st.integers(1, 100), min_size=1, max_size=20))
    criteria = [Criterion(number, number, f"C{number}", "", most) for number, most in enumerate(maxima)]
    reviews = [draw(review_by(criteria)) for _ in range(draw(st.integers(least, most)))]
    return Judged(criteria, reviews)


@st.composite
def review_by(draw: st.DrawFn, criteria: Sequence[Criterion]) -> list[Score]:
    return [Score(one.id, draw(st.integers(0, one.max_score))) for one in criteria]


def outcome(criteria: Sequence[Criterion], reviews: Sequence[Sequence[Score]]) -> Result:
    found = result(criteria, reviews, {})
    assert found is not None
    return found


@given(judged(), st.data())
def test_the_order_of_reviews_and_of_scores_plays_no_part(case: Judged, data: st.DataObject) -> None:
    shuffled = [data.draw(st.permutations(scores)) for scores in data.draw(st.permutations(case.reviews))]
    assert outcome(case.criteria, shuffled) == outcome(case.criteria, case.reviews)


@given(judged())
def test_a_result_lies_within_what_was_given(case: Judged) -> None:
    found = outcome(case.criteria, case.reviews)
    assert 0 <= found.total <= 100
    assert 0 <= found.spread <= 100
    assert found.is_disputed == (found.spread >= STRONG_DISAGREEMENT)
    for line in found.criteria:
        assert 0 <= line.lowest <= line.median <= line.highest <= line.max_score


@given(judged(least=3, most=3), st.data())
def test_one_of_three_moves_no_median_beyond_what_the_other_two_gave(case: Judged, data: st.DataObject) -> None:
    one, two, _ = case.reviews
    for unfair in (
        data.draw(review_by(case.criteria)),
        [Score(each.id, 0) for each in case.criteria],
        [Score(each.id, each.max_score) for each in case.criteria],
    ):
        for line, first, second in zip(outcome(case.criteria, [one, two, unfair]).criteria, one, two, strict=True):
            assert min(first.score, second.score) <= line.median <= max(first.score, second.score)


@given(judged(), st.data())
def test_a_user_who_gives_more_takes_nothing_away(case: Judged, data: st.DataObject) -> None:
    generous = [
        [Score(each.criterion_id, data.draw(st.integers(each.score, rubric.max_score)))
         for each, rubric in zip(scores, case.criteria, strict=True)]
        for scores in case.reviews
    ]  # fmt: skip
    assert outcome(case.criteria, generous).total >= outcome(case.criteria, case.reviews).total


@given(judged(most=1), st.integers(1, 6))
def test_those_who_agree_are_taken_at_their_word(case: Judged, times: int) -> None:
    (scores,) = case.reviews
    found = outcome(case.criteria, [scores] * times)
    share = 100 * sum(score.score for score in scores) / sum(one.max_score for one in case.criteria)
    assert found.total == pytest.approx(share, abs=0.0051)
    assert (found.spread, found.is_disputed, found.reviews_count) == (0, False, times)


@given(judged(), st.data())
def test_a_correction_counts_instead_of_the_median_of_any_scores(case: Judged, data: st.DataObject) -> None:
    corrected = {one.id: data.draw(st.integers(0, one.max_score)) for one in case.criteria}
    found = result(case.criteria, case.reviews, corrected)
    assert found is not None
    share = 100 * sum(corrected.values()) / sum(one.max_score for one in case.criteria)
    assert found.total == pytest.approx(share, abs=0.0051)
    # What the reviewers said stays to be seen.
    assert [line.median for line in found.criteria] == [
        line.median for line in outcome(case.criteria, case.reviews).criteria
    ]
