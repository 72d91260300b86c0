"""The values that all parts of the demo school share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Literal, TypeAlias

from learning_platform.core.database import Connection
from learning_platform.core.languages import Language
from learning_platform.demo.program_texts import Remark, Solution
from learning_platform.demo.timeline import Timeline
from learning_platform.snapshots.git.extraction import Extracted
from learning_platform.snapshots.rules import FailureCode

# `starter`: only the starter is pushed. `private`, `away`: a link to a private repository, or to a host that is away.
Way: TypeAlias = Literal["push", "archive", "link", "starter", "private", "away"]
# What is behind a link: code, or why it cannot be fetched.
Repository: TypeAlias = Extracted | FailureCode


@dataclass(frozen=True, slots=True)
class Code:
    """What was handed in as a submission. `said`: what its reviewers said, and the username of each."""

    starter: Mapping[str, bytes]
    solution: Solution
    variations: Sequence[str]
    files: Mapping[str, bytes]
    said: dict[Remark, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """The database, the time, and who is who.

    By the id of a submission: `quality`, from 0 to 1, and `code`, where there is any. `repositories` are by link.
    """

    db: Connection
    timeline: Timeline
    user_ids: Mapping[str, int]
    chance: Random
    quality: dict[int, float] = field(default_factory=dict)
    code: dict[int, Code] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """An assignment of a track that has begun, with the calendar it has then."""

    id: int
    position: int
    title: str
    opens_at: datetime
    due_at: datetime
    reviews_due_at: datetime
    iteration_hours: float

    @property
    def time_for_reviews(self) -> timedelta:
        """Return the length of the review stage."""
        return self.reviews_due_at - self.due_at

    def while_open(self, share: float) -> datetime:
        """Return the time when this share of the time for hand-in is over."""
        return self.opens_at + share * (self.due_at - self.opens_at)

    def while_reviewed(self, share: float) -> datetime:
        """Return the time when this share of the time for reviews is over."""
        return self.due_at + share * self.time_for_reviews

    def while_iterated(self, share: float) -> datetime:
        """Return the time when this share of the time for a second iteration is over."""
        return self.reviews_due_at + share * timedelta(hours=self.iteration_hours)


@dataclass(frozen=True, slots=True)
class Course:
    """A track that has begun. `programs`: their names, for the first assignments. `ways`: by participant and position.

    All others push or upload their code, or hand in a link that is fetched. `copies` name, likewise, the participant
    whose code is handed in, and their number in the track.
    """

    track_id: int
    author_id: int
    language: Language
    tasks: Sequence[Task]
    programs: Sequence[str]
    ways: Mapping[tuple[str, int], Way]
    copies: Mapping[tuple[str, int], tuple[str, int]]

    def program_of(self, task: Task) -> str | None:
        """Return the name of the programs of an assignment, or None if it has none."""
        return self.programs[task.position] if task.position < len(self.programs) else None
