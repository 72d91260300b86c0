"""What participants of the demo school hand in, and how; the starters that their authors give them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import fetch_ids
from learning_platform.demo.program_texts import corrected, program
from learning_platform.demo.voices import VOICES
from learning_platform.demo.world import Code, Course, Repository, Task, Way, World
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.git.extraction import Extracted
from learning_platform.snapshots.starters import set_starter
from learning_platform.snapshots.trees import File, Tree, tree_of
from learning_platform.snapshots.warnings import warnings_of

ASSIGNMENTS = "select id from assignments where track_id = $1 order by position"
USUAL_WAYS: Sequence[Way] = ("push", "push", "push", "archive", "archive", "link")
README, AUTHOR = "README.md", b"{author}"


async def give_starters(world: World, *, track_id: int, author_id: int, programs: Sequence[str], now: datetime) -> None:
    """Give the first assignments of a track the starters of these programs."""
    assignment_ids = await fetch_ids(world.db, ASSIGNMENTS, track_id)
    for assignment_id, name in zip(assignment_ids, programs, strict=False):
        received = Received("archive", tree=_tree(program(name).starter.files))
        await set_starter(world.db, assignment_id=assignment_id, actor=Actor(author_id), received=received, now=now)


def code_of(course: Course, task: Task, *, username: str, number: int) -> Code | None:
    """Return what a participant hands in for an assignment; `number` is that of the participant in the track."""
    name = course.program_of(task)
    if name is None:
        return None
    programs = program(name)
    if way_of(course, task, username) == "starter":
        return Code(programs.starter.files, programs.starter, (), programs.starter.files)
    username, number = course.copies.get((username, task.position), (username, number))
    rounds, at = divmod(number + task.position, len(programs.solutions))
    solution = programs.solutions[at]
    variations = [each for bit, each in enumerate(solution.variations) if rounds >> bit & 1]
    files = programs.files_of(solution, variations)
    notes = VOICES[course.language].notes
    files[README] += f"\n{notes[(number + task.position) % len(notes)]}\n".encode()
    named = {path: content.replace(AUTHOR, username.encode()) for path, content in files.items()}
    return Code(programs.starter.files, solution, variations, named)


def way_of(course: Course, task: Task, username: str) -> Way:
    """Return how a participant hands in for an assignment."""
    usual: Way = Random(f"way of {username} {task.position}").choice(USUAL_WAYS)  # noqa: S311 - no secret
    return course.ways.get((username, task.position), usual)


def received_of(code: Code, way: Way, *, repo_url: str, now: datetime) -> Received:
    """Return what arrives when code is handed in this way."""
    if way in {"link", "private", "away"}:
        return Received("link", repo_url=repo_url)
    pushed = _pushed(code, now=now)
    warnings = warnings_of(pushed.tree, starter=_tree(code.starter).entries)
    if way == "archive":
        return Received("archive", tree=pushed.tree, warnings=warnings)
    committed = (pushed.commit, pushed.committed_at)
    return Received("push", None, pushed.tree, *committed, warnings=warnings)


def repository_of(code: Code, way: Way, *, now: datetime) -> Repository:
    """Return what is behind the link that is handed in this way."""
    if way == "private":
        return "private_or_missing"
    return "host_unreachable" if way == "away" else _pushed(code, now=now)


def second_iteration_of(code: Code) -> Code | None:
    """Return the code with its mistakes corrected, or None if there is nothing that its author would correct."""
    files = corrected(code.solution, code.files)
    return None if files == code.files else replace(code, files=files)


def _pushed(code: Code, *, now: datetime) -> Extracted:
    tree = _tree(code.files)
    commit = f"{Random(tree.digest).getrandbits(160):040x}"  # noqa: S311 - no secret
    return Extracted(tree, commit, now - timedelta(minutes=2 + len(code.files)), [])


def _tree(files: Mapping[str, bytes]) -> Tree:
    return tree_of(
        File(path, "100755" if path.endswith(".sh") else "100644", content, len(content))
        for path, content in files.items()
    )
