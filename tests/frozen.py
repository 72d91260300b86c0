"""Code that was handed in and frozen, for tests of what is shown of it."""

from collections.abc import Mapping
from datetime import datetime

from learning_platform.attempts.actions import hand_in
from learning_platform.core.database import Connection
from learning_platform.snapshots.freezing import Received, insert_snapshot
from learning_platform.snapshots.trees import File, Tree, tree_of
from tests.people import Person, School

PROGRAM = {"README.md": "# Greeting\n", "greet.py": 'def greet():\n    return "hello"\n'}
INSERT_STARTER = "insert into starters (assignment_id, snapshot_id) values ($1, $2)"
TRACK_OF = "select a.track_id, t.author_id from assignments a join tracks t on t.id = a.track_id where a.id = $1"


def tree(files: Mapping[str, str | bytes]) -> Tree:
    """Return the tree of these contents by path."""
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return tree_of(File(path, "100644", content, len(content)) for path, content in contents.items())


async def hand_in_code(
    school: School, person: Person, assignment_id: int, files: Mapping[str, str | bytes] = PROGRAM
) -> int:
    """Hand in files as an archive; return the id of the submission."""
    return await hand_in_tree(school, person, assignment_id, tree(files))


async def hand_in_tree(school: School, person: Person, assignment_id: int, handed_in_tree: Tree) -> int:
    """Hand in a tree as an archive; return the id of the submission."""
    async with school.services.database.transaction() as db:
        handed_in = await hand_in(
            db,
            assignment_id=assignment_id,
            user_id=person.id,
            received=Received("archive", tree=handed_in_tree),
            comment=None,
            now=school.clock.now,
        )
    return handed_in.submission.id


async def give_starter(
    db: Connection, assignment_id: int, files: Mapping[str, str | bytes] = PROGRAM, *, now: datetime
) -> None:
    """Give the participants of an assignment files to start from."""
    await give_starter_tree(db, assignment_id, tree(files), now=now)


async def give_starter_tree(db: Connection, assignment_id: int, starter: Tree, *, now: datetime) -> None:
    """Give the participants of an assignment a tree to start from."""
    owner = await db.fetchrow(TRACK_OF, assignment_id)
    assert owner is not None
    received = Received("archive", tree=starter)
    snapshot_id = await insert_snapshot(
        db, track_id=owner[0], assignment_id=assignment_id, user_id=owner[1], received=received, now=now
    )
    await db.execute(INSERT_STARTER, assignment_id, snapshot_id)
