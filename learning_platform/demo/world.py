"""The values that all parts of the demo school share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from learning_platform.core.database import Connection
from learning_platform.core.languages import Language
from learning_platform.demo.timeline import Timeline


@dataclass(frozen=True, slots=True)
class World:
    """The database, the time, and who is who. `quality` is that of submissions by id, from 0 to 1."""

    db: Connection
    timeline: Timeline
    user_ids: Mapping[str, int]
    chance: Random
    quality: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """An assignment of a track that has begun, with the calendar it has then."""

    id: int
    position: int
    title: str
    opens_at: datetime
    due_at: datetime
    reviews_due_at: datetime

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


@dataclass(frozen=True, slots=True)
class Course:
    """A track that has begun."""

    track_id: int
    author_id: int
    language: Language
    tasks: Sequence[Task]
