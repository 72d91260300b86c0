"""The code of a submission beside what it is compared with: the starter, the previous iteration, or nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.rules import (
    BaseNotFound,
    CodeNotFound,
    CodeNotFrozen,
    FileNotFound,
    IterationNotFound,
)
from learning_platform.reviews.shown_code import ShownFiles, ShownTexts, is_text, shown_files, stored_contents
from learning_platform.snapshots.comparison.lines import Change, line_changes
from learning_platform.snapshots.comparison.trees import FileChange, renamed_perhaps, tree_changes
from learning_platform.snapshots.freezing import snapshot
from learning_platform.snapshots.kinds import Decoded

Base: TypeAlias = Literal["starter", "previous", "none"]
NO_TEXT = Decoded("", "UTF-8", has_crlf=False)


@dataclass(frozen=True, slots=True)
class ComparedCode:
    """The files of a submission and of its base, and what became of each. `old` is None without a base."""

    base: Base
    iteration: int
    new: ShownFiles
    old: ShownFiles | None
    changes: Sequence[FileChange]

    def change_of(self, path: str) -> FileChange:
        """Return a file by its path; a removed one by the path it had. Raises FileNotFound."""
        found = [change for change in self.changes if change.path == path]
        if not found:
            raise FileNotFound
        return found[0]


@dataclass(frozen=True, slots=True)
class Contents:
    """Contents as they are stored, by shown path: read before the connection is given back, masked after that."""

    new: Mapping[str, bytes]
    old: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as they are shown, by path; one that could not be masked in time is missing."""

    new: Mapping[str, Decoded]
    old: Mapping[str, Decoded]


@dataclass(frozen=True, slots=True)
class ComparedText:
    """The text of a file, the text it is compared with, and the changes between their lines."""

    new: Decoded
    old: Decoded
    new_lines: Sequence[str]
    old_lines: Sequence[str]
    changes: Sequence[Change]


def default_base(access: CodeAccess, *, iteration: int = 1) -> Base:
    """Return what code is compared with unless something else is asked for."""
    if iteration == 2 and access.tree_id is not None:
        return "previous"
    return "none" if access.starter_tree_id is None else "starter"


async def compared_code(
    db: Connection, access: CodeAccess, *, base: Base | None, iteration: int | None
) -> ComparedCode:
    """Return the files of a submission, compared with `base`.

    Raises CodeNotFrozen, CodeNotFound, BaseNotFound, IterationNotFound.
    """
    iteration = iteration or access.latest_iteration
    tree_id = await frozen_tree(db, access, iteration=iteration)
    base = default_base(access, iteration=iteration) if base is None else base
    new = await shown_files(db, access, tree_id=tree_id)
    base_tree_id = _base_tree(access, base, iteration)
    old = None if base_tree_id is None else await shown_files(db, access, tree_id=base_tree_id)
    return ComparedCode(base, iteration, new, old, await _tree_changes(db, old, new))


async def frozen_tree(db: Connection, access: CodeAccess, *, iteration: int) -> int:
    """Return the tree of an iteration. Raises CodeNotFrozen, CodeNotFound, IterationNotFound."""
    tree_id = access.tree_of(iteration)
    if tree_id is not None:
        return tree_id
    snapshot_id = access.snapshot_of(iteration)
    if iteration != 1 and snapshot_id is None:
        raise IterationNotFound
    state = None if snapshot_id is None else await snapshot(db, snapshot_id=snapshot_id)
    raise CodeNotFrozen if state is not None and state.state == "waiting" else CodeNotFound


async def contents_for(db: Connection, code: ComparedCode, changes: Collection[FileChange]) -> Contents:
    """Return what is stored of the texts of these files, and of those that they are compared with."""
    new = [change.new.path for change in changes if change.new is not None and is_text(change.new)]
    old = [change.old.path for change in changes if change.old is not None and is_text(change.old)]
    return Contents(
        await stored_contents(db, code.new, new), {} if code.old is None else await stored_contents(db, code.old, old)
    )


async def texts_for(shown: ShownTexts, code: ComparedCode, contents: Contents) -> Texts:
    """Return texts as they are shown."""
    old = {} if code.old is None else await shown.of(code.old, contents.old)
    return Texts(await shown.of(code.new, contents.new), old)


def compared_text(
    code: ComparedCode, change: FileChange, texts: Texts, *, ignore_space: bool = False
) -> ComparedText | None:
    """Return the lines of a file and what changed, or None if a text is missing. It may take some 50 ms."""
    new = NO_TEXT if change.new is None or not is_text(change.new) else texts.new.get(change.new.path)
    old = NO_TEXT if change.old is None or not is_text(change.old) else texts.old.get(change.old.path)
    if new is None or old is None:
        return None
    new_lines, old_lines = new.lines, old.lines
    # Without a base nothing was added.
    base_lines = new_lines if code.old is None else old_lines
    changes = line_changes(base_lines, new_lines, ignore_space=ignore_space)
    return ComparedText(new, old, new_lines, old_lines, changes)


def _base_tree(access: CodeAccess, base: Base, iteration: int) -> int | None:
    if base == "previous" and iteration == 2 and access.tree_id is not None:
        return access.tree_id
    if base == "none":
        return None
    if base == "starter" and access.starter_tree_id is not None:
        return access.starter_tree_id
    raise BaseNotFound


async def _tree_changes(db: Connection, old: ShownFiles | None, new: ShownFiles) -> list[FileChange]:
    """Return what became of each file; without a base all are as they are."""
    if old is None:
        return [FileChange("unchanged", None, entry) for entry in new.entries]
    candidates = set(renamed_perhaps(old.entries, new.entries))
    contents: dict[str, bytes] = {}
    for files in (old, new):
        paths = [entry.path for entry in files.entries if entry.hash in candidates]
        found = await stored_contents(db, files, paths)
        contents |= {files.by_path[path].hash or "": content for path, content in found.items()}
    return tree_changes(old.entries, new.entries, contents)
