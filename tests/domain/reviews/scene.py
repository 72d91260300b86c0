"""A class that has handed in, and what may happen to it from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.people import Json, Person, School


@dataclass(frozen=True, slots=True)
class Scene:
    """A running track: its author, who takes part, and its assignments."""

    school: School
    author: Person
    people: Sequence[Person]
    track_id: int
    assignment_ids: Sequence[int]

    @property
    def assignment_id(self) -> int:
        """Return the first assignment."""
        return self.assignment_ids[0]

    async def overseen(self, person: Person, *, at: int = 0) -> Json:
        """Return the submission of a person as the track's author sees it."""
        submissions = await self.author.ok("GET", f"/tracks/{self.track_id}/submissions")
        return next(
            one
            for one in submissions
            if (one["participant_id"], one["assignment_id"]) == (person.id, self.assignment_ids[at])
        )

    async def outcome(self, person: Person, *, reader: Person | None = None) -> Json:
        """Return the row of a person in the results, as the reader (the author, unless said otherwise) sees it."""
        rows = await (reader or self.author).ok("GET", f"/tracks/{self.track_id}/results")
        return next(row for row in rows if row["id"] == person.id)

    async def claim_work_of(self, person: Person, by: Person) -> Json:
        """Let a reviewer claim until they hold the submission of this very person, returning the others."""
        wanted = (await self.overseen(person))["id"]
        while True:
            work = await by.ok("GET", f"/assignments/{self.assignment_id}/review/submission")
            if work["submission_id"] == wanted:
                return work
            await by.ok("POST", return_path(work), 204, json={"reason": "other"})

    async def review_count(self, person: Person) -> int:
        """Return how many reviews the draw believes a person's work to have or to have been promised."""
        async with self.school.services.database.connection() as db:
            count: int = await db.fetchval(
                "select review_count from submissions where assignment_id = $1 and user_id = $2",
                self.assignment_id,
                person.id,
            )
        return count


async def running(school: School, people: int = 5, **track: Any) -> Scene:
    """Start a track whose author does not take part: ten hours of work, ten of review, two assignments."""
    author, participants = await school.person(), await school.people(people)
    started = await school.running_track(author, participants, **track)
    return Scene(school, author, participants, started["id"], await school.assignment_ids(author, started))


async def reviewing(school: School, people: int = 5, *, handing_in: int | None = None, **track: Any) -> Scene:
    """Bring a class to its first review stage; all hand in, or the first so many."""
    scene = await running(school, people, **track)
    await hand_in(scene, scene.people[:handing_in])
    return scene


async def hand_in(scene: Scene, people: Sequence[Person], *, at: int = 0) -> None:
    """Let these people hand in, and the deadline come."""
    for person in people:
        response = await person.submit(scene.assignment_ids[at], f"https://git.example/{person.username}/{at}")
        assert response.status_code == 201, response.text
    await come(scene, "due_at", at=at)


async def come(scene: Scene, event: str, *, at: int = 0) -> None:
    """Let a time of the calendar come, and its events be handled."""
    assignments = await scene.author.ok("GET", f"/tracks/{scene.track_id}/assignments")
    scene.school.clock.now = datetime.fromisoformat(assignments[at][event])
    await scene.school.sweep()


def return_path(work: Json) -> str:
    """Return where this work is handed back."""
    return f"/submissions/{work['submission_id']}/review/return"


def full_marks(criteria: Sequence[Json]) -> Json:
    """Return a review that finds nothing wanting."""
    return {"scores": [{"criterion_id": one["id"], "score": one["max_score"]} for one in criteria]}
