"""The guarantees of the draw over the pure code: any class, any order, any drop-outs."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.classroom import Classroom
from benchmarks.coverage import DROP_OUTS, RULES, Cell, Outcome, best_minimum, broken, cell, play, story
from learning_platform.attempts.rules import REVIEWS_OWED

chances = st.builds(Random, st.integers(0, 10**6))
sizes = st.integers(min_value=4, max_value=12)
PERFECT = Cell(exact=100, at_least_two=100, even=100, possible=100, best=100, pairs=0, stuck=0)


@given(people=sizes, interleaved=st.booleans(), random=chances)
@settings(max_examples=60, deadline=None)
def test_every_participant_does_theirs_and_every_submission_gets_exactly_three(
    people: int, interleaved: bool, random: Random
) -> None:
    outcome = _play("ours", people, 0.0, random, interleaved=interleaved)

    assert outcome.done == [REVIEWS_OWED] * people


@given(people=sizes, drop_out=st.sampled_from((0.1, 0.2, 0.3, 0.6)), interleaved=st.booleans(), random=chances)
@settings(max_examples=100, deadline=None)
def test_no_reviewer_is_stuck_when_others_vanish(
    people: int, drop_out: float, interleaved: bool, random: Random
) -> None:
    assert _play("ours", people, drop_out, random, interleaved=interleaved).stuck == 0


@given(people=st.integers(4, 10), interleaved=st.booleans(), random=chances)
@settings(max_examples=100, deadline=None)
def test_one_who_vanishes_in_any_way_leaves_no_submission_below_what_arithmetic_allows(
    people: int, interleaved: bool, random: Random
) -> None:
    outcome = _play("ours", people, 1 / people, random, interleaved=interleaved)

    assert min(outcome.done) == outcome.floor


@given(people=sizes, share_gone=st.floats(0, 1), random=chances)
@settings(max_examples=100, deadline=None)
def test_however_many_let_their_leases_run_out_the_others_spread_what_they_do_as_evenly_as_can_be(
    people: int, share_gone: float, random: Random
) -> None:
    classroom = Classroom(people, people)
    order = random.sample(range(people), people)
    gone, others = order[: int(share_gone * (people - 1))], order[int(share_gone * (people - 1)) :]
    for person in gone:
        submission = _claim(classroom, person, random)
        classroom.lapse(person, submission)
    for person in random.sample(others * REVIEWS_OWED, len(others) * REVIEWS_OWED):
        classroom.finish(person, _claim(classroom, person, random))

    assert min(classroom.done) == best_minimum(classroom)


@given(people=st.integers(8, 60), random=chances)
@settings(max_examples=100, deadline=None)
def test_reciprocal_reviews_are_avoided_while_there_is_a_choice(people: int, random: Random) -> None:
    classroom = Classroom(people, people)
    for person in random.sample(range(people), people):
        classroom.finish(person, _claim(classroom, person, random))
    for person in random.sample(range(people), people // 3):
        submission = _claim(classroom, person, random)
        assert (submission, person) not in classroom.pairs
        classroom.finish(person, submission)


@pytest.mark.parametrize(("people", "share"), [(7, 1 / 3), (10, 1 / 5), (20, 1 / 7)])
def test_reciprocal_pairs_are_a_fraction_of_what_chance_makes(people: int, share: float) -> None:
    mine, chance = (cell(rule, people, 0.0, runs=40, seed=3).pairs for rule in ("ours", "random"))

    assert mine < share * chance


@given(people=st.integers(4, 9), missing=st.integers(0, 3), random=chances)
@settings(max_examples=60, deadline=None)
def test_every_willing_reviewer_can_do_what_they_owe_through_returns_and_lapses(
    people: int, missing: int, random: Random
) -> None:
    classroom = Classroom(people, people - missing)
    held: dict[int, int] = {}
    while willing := [person for person in range(people) if classroom.owes[person] or person in held]:
        person = random.choice(willing)
        if person in held:
            submission = held.pop(person)
            if person in classroom.away:
                classroom.come_back(person, submission)
            classroom.finish(person, submission)
            continue
        drawn = classroom.draw(person, random)
        if drawn is None:
            assert not classroom.may_review(person)
            break
        classroom.claim(person, drawn[0])
        chance = random.random()
        if chance < 0.1:
            classroom.give_back(person, drawn[0])
        else:
            held[person] = drawn[0]
            if chance < 0.3:
                classroom.lapse(person, drawn[0])
    _ensure_consistent(classroom)


@given(people=sizes, random=chances)
@settings(max_examples=40, deadline=None)
def test_the_plan_is_the_reason_while_it_is_small(people: int, random: Random) -> None:
    classroom = Classroom(people, people)
    drawn = classroom.draw(random.randrange(people), random)

    assert drawn is not None
    assert drawn[1] == "planned"


def test_in_a_large_class_the_first_are_drawn_by_chance_and_the_last_by_plan() -> None:
    random, people = Random(7), 40
    classroom = Classroom(people, people)
    reasons = []
    for person in random.sample(range(people), people) * 3:
        drawn = classroom.draw(person, random)
        assert drawn is not None
        classroom.claim(person, drawn[0])
        classroom.finish(person, drawn[0])
        reasons.append(drawn[1])

    assert reasons == ["least_served"] * 60 + ["planned"] * 60
    assert classroom.done == [3] * people


@pytest.mark.parametrize("drop_out", DROP_OUTS)
@pytest.mark.parametrize("people", [4, 5, 7, 20])
def test_the_table_holds_in_a_small_one(people: int, drop_out: float) -> None:
    cells = {name: cell(name, people, drop_out, runs=60, seed=2) for name in RULES}

    assert list(broken(people, drop_out, cells)) == []


@pytest.mark.parametrize(
    ("mine", "complaint"),
    [
        (Cell(98.9, 100, 100, 100, 100, 0, 0), "exactly 3 in 98.9 %"),
        (Cell(100, 99, 100, 100, 100, 0, 0), "fewer than 2 in 1 %"),
        (Cell(100, 100, 94.9, 100, 100, 0, 0), "in 94.9 % of runs, not 95 %"),
        (Cell(100, 100, 100, 100, 100, 0, 1), "1 people were stuck"),
        (Cell(100, 100, 97, 100, 100, 0, 0), "not ahead of circle: 97 % to 98 %"),
        (Cell(100, 100, 98, 100, 100, 0, 0), "not ahead of circle: 98 % to 98 %"),
    ],
)
def test_the_table_names_what_does_not_hold(mine: Cell, complaint: str) -> None:
    cells = {"ours": mine, "circle": Cell(100, 100, 98 if mine.even in (97, 98) else 0, 100, 100, 0, 0)}

    (found,) = broken(5, 0.0, cells)

    assert complaint in found


def test_the_table_finds_nothing_against_a_perfect_rule() -> None:
    assert list(broken(5, 0.0, {"ours": PERFECT, "circle": PERFECT})) == []


def _play(rule: str, people: int, drop_out: float, random: Random, *, interleaved: bool) -> Outcome:
    turns = story(people, drop_out, random, interleaved=interleaved)
    return play(turns, people, RULES[rule](random, people, people), random)


def _claim(classroom: Classroom, person: int, random: Random) -> int:
    """Draw for a person who can be given something, and promise it."""
    drawn = classroom.draw(person, random)
    assert drawn is not None
    classroom.claim(person, drawn[0])
    return drawn[0]


def _ensure_consistent(classroom: Classroom) -> None:
    """Raise unless what is served is what was reviewed and what is still promised."""
    assert all(served >= done for served, done in zip(classroom.served, classroom.done, strict=True))
    assert sum(classroom.done) == len(classroom.pairs)
    assert not any(person == submission for person, submission in classroom.pairs)
