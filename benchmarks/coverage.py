"""Does every participant get their reviews? Simulated classes against the draw and three rivals.

    python -m benchmarks.coverage [--runs 1000] [--seed 1] [--processes 2]

Some of each class vanish: a third of them never come, a third claim something and never finish it, a third do one or
two of three. In half of the runs people come one after another, in half all is interleaved. Every rule meets the same
people in the same order. The floor is what arithmetic allows: reviews done ÷ submissions, rounded down. "Possible"
is the share of runs in which who knew everything beforehand could have reached it, and "best" the most that they could
have reached. Exits with 1, naming the cell, when a guarantee (docs/coverage.md) is not met.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from random import Random

from benchmarks import rivals
from benchmarks.classroom import Classroom, Rule, ours
from learning_platform.attempts.rules import REVIEWS_OWED
from learning_platform.reviews.allocation.matching import maximum_flow

SIZES = (4, 5, 7, 10, 20, 50, 200)
DROP_OUTS = (0.0, 0.1, 0.2, 0.3)
RULES = {
    "ours": lambda random, people, submissions: ours,
    "circle": rivals.circle,
    "oldest first": rivals.oldest_first,
    "random": rivals.purely_random,
}
HEAD = (
    f"{'people':>6} {'gone':>5}  {'rule':<13} {'all 3':>6} {'min ≥ 2':>8} {'min = floor':>12} {'possible':>9} "
    f"{'min = best':>11} {'pairs':>6} {'stuck':>6}"
)
# The share of runs, in percent, in which a guarantee has to hold.
EXACT, EVEN = 99.0, 95.0


@dataclass(frozen=True, slots=True)
class Turn:
    """A participant claims a submission and reviews it, or vanishes and loses it before turn `lapses_at`, if ever."""

    person: int
    vanishes: bool = False
    lapses_at: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a class came to: reviews of each submission, pairs who reviewed each other, people who got nothing."""

    done: Sequence[int]
    possible: int
    pairs: int
    stuck: int

    @property
    def floor(self) -> int:
        """Return what the least served would have if the reviews were spread evenly."""
        return min(sum(self.done) // len(self.done), len(self.done) - 1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table; shares in percent of the runs, pairs on average, people in all."""

    exact: float
    at_least_two: float
    even: float
    possible: float
    best: float
    pairs: float
    stuck: int


def story(people: int, drop_out: float, random: Random, *, interleaved: bool) -> list[Turn]:
    """Return who comes when, and who vanishes."""
    share = people * drop_out
    gone = random.sample(range(people), int(share) + (random.random() < share % 1))
    owed = min(REVIEWS_OWED, people - 1)
    turns = dict.fromkeys(range(people), owed)
    with_claim = set()
    for person in gone:
        way = random.choice(("never comes", "claims", "does a part"))
        turns[person] = {"never comes": 0, "claims": 1, "does a part": random.randint(1, owed - 1)}[way]
        if way == "claims":
            with_claim.add(person)
    order = [person for person in random.sample(range(people), people) for _ in range(turns[person])]
    if interleaved:
        random.shuffle(order)
    last = max((turn for turn, person in enumerate(order) if person not in with_claim), default=-1)
    return [
        Turn(person, person in with_claim, random.randint(turn + 1, last) if turn < last else None)
        for turn, person in enumerate(order)
    ]


def play(turns: Sequence[Turn], people: int, rule: Rule, random: Random) -> Outcome:
    """Let a class live through its reviews."""
    classroom = Classroom(people, people)
    lapses: dict[int, list[tuple[int, int]]] = {}
    stuck = 0
    for number, turn in enumerate(turns):
        for held in lapses.pop(number, ()):
            classroom.lapse(*held)
        submission = rule(classroom, turn.person, random)
        if submission is None:
            stuck += classroom.may_review(turn.person) != 0
            classroom.excuse(turn.person)
            continue
        classroom.claim(turn.person, submission)
        if not turn.vanishes:
            classroom.finish(turn.person, submission)
        elif turn.lapses_at is not None:
            lapses.setdefault(turn.lapses_at, []).append((turn.person, submission))
    mutual = sum(
        (submission, person) in classroom.pairs for person, submission in classroom.pairs if person < submission
    )
    return Outcome(classroom.done, best_minimum(classroom), mutual, stuck)


def best_minimum(classroom: Classroom) -> int:
    """Return the most reviews that who knew everything beforehand could have given to every submission.

    The very people who reviewed do as many reviews as they did, of whatever they may review.
    """
    done = [0] * classroom.people
    for person, _ in classroom.pairs:
        done[person] += 1
    possible = min(sum(done) // classroom.submissions, classroom.submissions - 1)
    everything = (1 << classroom.submissions) - 1
    owes = {person: count for person, count in enumerate(done) if count}
    allowed = {person: everything & ~(1 << person) for person in owes}
    while possible > min(classroom.done) and not _can_all_get(possible, classroom.submissions, owes, allowed):
        possible -= 1
    return possible


def _can_all_get(reviews: int, submissions: int, owes: Mapping[int, int], allowed: Mapping[int, int]) -> bool:
    return maximum_flow(owes, [reviews] * submissions, allowed) == reviews * submissions


def cell(name: str, people: int, drop_out: float, *, runs: int, seed: int) -> Cell:
    """Play a cell of the table with one rule."""
    outcomes = [_run(name, people, drop_out, run, seed) for run in range(runs)]

    def share(held: Iterator[bool]) -> float:
        return 100 * sum(held) / runs

    return Cell(
        exact=share(set(one.done) == {REVIEWS_OWED} for one in outcomes),
        at_least_two=share(min(one.done) >= 2 for one in outcomes),
        even=share(min(one.done) >= one.floor for one in outcomes),
        possible=share(one.possible >= one.floor for one in outcomes),
        best=share(min(one.done) >= one.possible for one in outcomes),
        pairs=sum(one.pairs for one in outcomes) / runs,
        stuck=sum(one.stuck for one in outcomes),
    )


def _cell(which: tuple[str, int, float], *, runs: int, seed: int) -> Cell:
    return cell(*which, runs=runs, seed=seed)


def _run(name: str, people: int, drop_out: float, run: int, seed: int) -> Outcome:
    random = Random(f"{seed}/{people}/{drop_out}/{run}")
    turns = story(people, drop_out, random, interleaved=run % 2 == 1)
    return play(turns, people, RULES[name](random, people, people), random)


def broken(people: int, drop_out: float, cells: Mapping[str, Cell]) -> Iterator[str]:
    """Yield each guarantee that does not hold in a cell."""
    mine = cells["ours"]
    if not drop_out:
        if mine.exact < (EXACT if people > REVIEWS_OWED + 1 else 100):
            yield f"every submission gets exactly {REVIEWS_OWED} in {mine.exact:g} % of runs"
        if mine.at_least_two < 100:
            yield f"a participant gets fewer than 2 in {100 - mine.at_least_two:g} % of runs"
    if mine.even < EVEN:
        yield f"the least served has what arithmetic allows in {mine.even:g} % of runs, not {EVEN:g} %"
    if mine.stuck:
        yield f"{mine.stuck} people were stuck"
    for name, rival in cells.items():
        # Level is good enough only where none can be better.
        if name != "ours" and mine.even <= rival.even and mine.even < 100:
            yield f"not ahead of {name}: {mine.even:g} % to {rival.even:g} %"


def main() -> int:
    """Print the table; return 1 if a guarantee does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000, help="of each cell (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many people")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="default: %(default)s")
    asked = parser.parse_args()
    print(HEAD)
    failures = []
    classes = [(people, drop_out) for people in asked.sizes for drop_out in DROP_OUTS]
    with Pool(asked.processes) as pool:
        played = pool.imap(
            partial(_cell, runs=asked.runs, seed=asked.seed), [(name, *one) for one in classes for name in RULES]
        )
        for people, drop_out in classes:
            cells = {name: next(played) for name in RULES}
            for name, one in cells.items():
                print(_line(people, drop_out, name, one), flush=True)
            failures += [f"{people} people, {drop_out:.0%} gone: {what}" for what in broken(people, drop_out, cells)]
    for failure in failures:
        print(f"NOT MET: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _line(people: int, drop_out: float, name: str, one: Cell) -> str:
    head = f"{people:>6} {drop_out:>5.0%}  {name:<13}" if name == "ours" else f"{'':>6} {'':>5}  {name:<13}"
    shares = f"{one.exact:>6.1f} {one.at_least_two:>8.1f} {one.even:>12.1f} {one.possible:>9.1f} {one.best:>11.1f}"
    return f"{head} {shares} {one.pairs:>6.2f} {one.stuck:>6}"


if __name__ == "__main__":
    sys.exit(main())
