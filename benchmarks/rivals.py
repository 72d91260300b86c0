"""How other systems give out reviews, written from their published descriptions.

Each is given every advantage: a circle that accepts any class, a lease that passes work on, and no limit to
what may be handed out when the rule itself has nothing left.
"""

from random import Random

from benchmarks.classroom import Classroom, Rule, lowest, members
from learning_platform.attempts.rules import REVIEWS_OWED


def circle(random: Random, people: int, submissions: int) -> Rule:
    """Draw everything at the deadline: in a random circle, each reviews the three who sit next (RS School's way)."""
    order = random.sample(range(submissions), submissions)
    seat = {submission: place for place, submission in enumerate(order)}

    def choose(classroom: Classroom, person: int, _random: Random) -> int | None:
        start = seat.get(person, person) + 1
        may_review = classroom.may_review(person)
        round_the_circle = (order[(start + step) % submissions] for step in range(submissions))
        return next((one for one in round_the_circle if may_review >> one & 1), None)

    return choose


def oldest_first(random: Random, people: int, submissions: int) -> Rule:
    """Give the earliest submission that has not enough yet (Open edX ORA2's way); numbers stand for age."""

    def choose(classroom: Classroom, person: int, random: Random) -> int | None:
        may_review = classroom.may_review(person)
        lacking = sum(mask for level, mask in classroom.levels() if level < REVIEWS_OWED) & may_review
        return lowest(lacking) if lacking else _any_of(may_review, random)

    return choose


def purely_random(random: Random, people: int, submissions: int) -> Rule:
    """Give any submission, whatever the others have."""

    def choose(classroom: Classroom, person: int, random: Random) -> int | None:
        return _any_of(classroom.may_review(person), random)

    return choose


def _any_of(mask: int, random: Random) -> int | None:
    return random.choice(members(mask)) if mask else None
