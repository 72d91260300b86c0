"""A class that has handed in code, and what people say about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from learning_platform.attempts.actions import hand_in
from learning_platform.snapshots.freezing import Received, insert_snapshot
from learning_platform.snapshots.trees import File, Tree, tree_of
from tests.domain.reviews.scene import Scene, come, running
from tests.people import Json, Person, School

STARTER = {"main.py": b"import sys\nprint('old')\nsys.exit()\n", "gone.py": b"never = True\n"}
FILES = {
    "main.py": b"import sys\nprint('new')\nsys.exit()\n",
    "README.md": b"# Work\n\nRead me\n",
    "logo.png": b"\x89PNG\0\0",
    "wide.txt": "first\nsecond\n".encode("utf-16"),
    "empty.txt": b"",
    "damaged.txt": b"x" * 8000 + b"\nzero \0 and half\n",
    "half.txt": b"\xff\xfe\x00\xd8\x41\x00",
}
SAVE_STARTER = "insert into starters (assignment_id, snapshot_id) values ($1, $2)"


@dataclass(frozen=True, slots=True)
class Claimed:
    """The work of a person, in the hands of a reviewer."""

    scene: Scene
    author: Person
    reviewer: Person
    work: Json

    @property
    def submission_id(self) -> int:
        """Return the submission."""
        submission_id: int = self.work["submission_id"]
        return submission_id

    @property
    def path(self) -> str:
        """Return where its threads are."""
        return f"/submissions/{self.submission_id}/threads"

    async def comment(self, status: int = 201, by: Person | None = None, **fields: Any) -> Json:
        """Comment on the work."""
        return await (by or self.reviewer).ok("POST", self.path, status, json={"text": "Why?", **fields})

    async def threads(self, reader: Person) -> Json:
        """Return what a person sees."""
        return await reader.ok("GET", self.path)

    async def send(self, by: Person | None = None) -> None:
        """Review the work."""
        response = await (by or self.reviewer).review(self.work)
        assert response.status_code == 201, response.text

    async def given_to(self, reviewer: Person) -> "Claimed":
        """Give the same work to another reviewer."""
        return replace(self, reviewer=reviewer, work=await self.scene.claim_work_of(self.author, reviewer))


async def claimed(school: School, *, people: int = 5, **track: Any) -> Claimed:
    """Return a submission that the second of a class has been given to review."""
    scene = await running(school, people, **track)
    await give_starter(scene)
    for person in scene.people:
        await hand_in_code(scene, person, {**FILES, "NAME": person.username.encode()})
    await come(scene, "due_at")
    author, reviewer, *_ = scene.people
    return Claimed(scene, author, reviewer, await scene.claim_work_of(author, reviewer))


async def hand_in_code(scene: Scene, person: Person, files: Mapping[str, bytes], *, at: int = 0) -> None:
    """Hand in files as if they came in an archive."""
    async with scene.school.services.database.transaction() as db:
        await hand_in(
            db,
            assignment_id=scene.assignment_ids[at],
            user_id=person.id,
            received=Received("archive", tree=tree(files)),
            comment=None,
            now=scene.school.clock.now,
        )


async def give_starter(scene: Scene) -> None:
    """Give the class the code it starts from."""
    async with scene.school.services.database.transaction() as db:
        snapshot_id = await insert_snapshot(
            db,
            track_id=scene.track_id,
            assignment_id=scene.assignment_id,
            user_id=scene.author.id,
            received=Received("archive", tree=tree(STARTER)),
            now=scene.school.clock.now,
        )
        await db.execute(SAVE_STARTER, scene.assignment_id, snapshot_id)


def tree(files: Mapping[str, bytes]) -> Tree:
    """Return the tree of these files."""
    return tree_of(File(path, "100644", content, len(content)) for path, content in files.items())


async def sent(school: School, **fields: Any) -> tuple[Claimed, Json]:
    """Return a work whose author and reviewer are done with their reviews, and a comment on it."""
    here = await claimed(school)
    await here.comment(**fields)
    await here.send()
    for person in here.scene.people:
        await person.review_all(here.scene.assignment_id)
    return here, (await here.threads(here.author))[0]
