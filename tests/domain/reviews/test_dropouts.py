"""Participants who may never come again, and a choice that allows for that."""

import pytest

from learning_platform.reviews.allocation.dropouts import DROPOUT_WEIGHT, DrawState, choice_score, dropout_probability

XENIA, YURI, ZOE = 1, 2, 3


def test_at_first_every_participant_is_counted_on_alike() -> None:
    assert dropout_probability(owes=3, progress=0.0) == pytest.approx(DROPOUT_WEIGHT)
    assert dropout_probability(owes=1, progress=0.0) == pytest.approx(DROPOUT_WEIGHT)


def test_a_user_who_has_not_been_seen_while_others_get_on_is_counted_on_less_and_less() -> None:
    probabilities = [dropout_probability(owes=3, progress=progress) for progress in (0.0, 0.3, 0.6, 0.9)]

    assert probabilities == sorted(probabilities)
    assert probabilities[-1] > 0.9


def test_a_user_who_has_done_a_part_is_counted_on_more_than_who_never_came() -> None:
    assert dropout_probability(owes=1, progress=0.6) < dropout_probability(owes=3, progress=0.6)


def test_it_is_better_to_take_what_only_one_other_could_do() -> None:
    # Yuri may review the first only, Zoe either: if Zoe stays away, no reviewer is left for the second.
    state = DrawState(2, 0, [0, 0], {XENIA: 1, YURI: 1, ZOE: 1}, {XENIA: 0b11, YURI: 0b01, ZOE: 0b11})

    first, second = (choice_score(state, reviewer_id=XENIA, index=index) for index in (0, 1))

    assert second > first


def test_where_no_other_reviewer_is_to_come_it_is_the_least_served_that_counts() -> None:
    state = DrawState(2, 1, [0, 1], {XENIA: 1}, {XENIA: 0b11})

    first, second = (choice_score(state, reviewer_id=XENIA, index=index) for index in (0, 1))

    assert (first, second) == (1.0, 0.0)


def test_only_a_few_people_can_be_considered_one_by_one() -> None:
    seven, eight = (dict.fromkeys(range(number), 1) for number in (7, 8))

    assert DrawState(8, 0, [], seven, {}).is_small
    assert not DrawState(8, 0, [], eight, {}).is_small
