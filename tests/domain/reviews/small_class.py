"""A small class on PostgreSQL whose reviewers act one by one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.review_stage import begin_review_stage
from learning_platform.core.database import Connection
from learning_platform.reviews.claims import claim
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Score
from learning_platform.reviews.returns import return_claim
from learning_platform.reviews.reviewing import review
from learning_platform.reviews.rules import ReviewsDone
from learning_platform.reviews.sweeps import lapse
from tests import make

DUE = make.NOON + timedelta(hours=10)
REVIEWS = """
select s.user_id, count(r.id) from submissions s left join reviews r on r.submission_id = s.id
where s.assignment_id = $1 group by s.user_id
"""
REASONS = "select reason, count(*) from claims where assignment_id = $1 group by reason"


@dataclass
class SmallClass:
    """A class in its review stage, and the claims in people's hands."""

    db: Connection
    assignment_id: int
    people: Sequence[int]
    full_marks: Sequence[Score]
    in_hand: dict[int, tuple[int, int]] = field(default_factory=dict)

    async def claim(self, person: int) -> bool:
        """Let a person ask for work; say whether there was any. What is in hand already is the same again."""
        try:
            work = await claim(self.db, assignment_id=self.assignment_id, user_id=person, volunteers=False, now=DUE)
        except ReviewsDone:
            return False
        assert self.in_hand.get(person, (work.id, work.submission_id)) == (work.id, work.submission_id)
        self.in_hand[person] = (work.id, work.submission_id)
        return True

    async def finish(self, person: int) -> None:
        """Review what is in hand."""
        _, submission_id = self.in_hand.pop(person)
        await review(
            self.db,
            submission_id=submission_id,
            actor=Actor(person),
            scores=self.full_marks,
            comment=None,
            now=DUE,
        )

    async def give_back(self, person: int) -> None:
        """Return what is in hand."""
        _, submission_id = self.in_hand.pop(person)
        await return_claim(
            self.db, submission_id=submission_id, reviewer_id=person, reason="other", comment=None, now=DUE
        )

    async def lapse(self, person: int) -> None:
        """Let the lease of what is in hand run out; it stays in hand."""
        await lapse(self.db, self.in_hand[person][0], DUE + timedelta(days=30))

    async def reasons(self) -> dict[str, int]:
        """Return how often each reason was stored with a claim."""
        return {reason: count for reason, count in await self.db.fetch(REASONS, self.assignment_id)}

    async def reviews(self) -> list[int]:
        """Return the number of reviews of each submission."""
        return [row[1] for row in await self.db.fetch(REVIEWS, self.assignment_id)]


@asynccontextmanager
async def small_class(db: Connection, number: int, *, missing: int = 0) -> AsyncIterator[SmallClass]:
    """Bring a class to its review stage, some having handed in nothing; undo everything in the end."""
    undo = db.transaction()
    await undo.start()
    try:
        people = await make.users(db, number)
        track_id = await make.running_track(db, people)
        assignment_id, *_ = await make.assignment_ids(db, track_id)
        await make.submit_for_all(db, assignment_id, people[missing:])
        await begin_review_stage(db, assignment_id=assignment_id, now=DUE)
        rubric = await criteria(db, assignment_id=assignment_id)
        yield SmallClass(db, assignment_id, people, [Score(one.id, one.max_score) for one in rubric])
    finally:
        await undo.rollback()
