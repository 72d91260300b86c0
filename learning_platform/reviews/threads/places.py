"""Where a comment stands: the file and lines that it names, looked up in the frozen code."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.shown_code import ShownFiles, is_text, shown_files, stored_contents
from learning_platform.reviews.threads.rules import (
    NoSuchFile,
    NoSuchLine,
    Place,
    Side,
    ensure_lines_exist,
    ensure_place,
    excerpt_of,
)
from learning_platform.snapshots.kinds import decoded


@dataclass(frozen=True, slots=True)
class Located:
    """A place that exists. `blob` is the hash of the file's content, if that is kept."""

    path: str | None = None
    side: Side | None = None
    blob: bytes | None = None
    first_line: int | None = None
    last_line: int | None = None
    excerpt: str | None = None


async def locate(db: Connection, access: CodeAccess, place: Place) -> Located:
    """Return a place of a submission's code, named by the path that the user sees.

    Raises FileMissing, NoSuchFile, NoSuchLine.
    """
    ensure_place(place)
    if place.path is None:
        return Located()
    files = await _files(db, access, place.side)
    if files is None or place.path not in files.originals:
        raise NoSuchFile(loc=("body", "path"))
    entry, path = files.by_path[place.path], files.originals[place.path]
    blob = None if entry.hash is None else bytes.fromhex(entry.hash)
    if place.lines is None:
        return Located(path, place.side, blob)
    if not is_text(entry):
        raise NoSuchLine(loc=("body", "first_line"))
    # Masked texts have the same lines, so they are counted in the stored one.
    lines = decoded((await stored_contents(db, files, [place.path]))[place.path]).lines
    ensure_lines_exist(place, lines=len(lines))
    return Located(path, place.side, blob, *place.lines, excerpt_of(place, lines=lines))


async def paths_for(db: Connection, access: CodeAccess, stored: Collection[tuple[str, Side]]) -> Mapping[str, str]:
    """Return the paths that a user sees of stored paths; what cannot be shown is left out."""
    if access.role != "reviewer":
        return {path: path for path, _ in stored}
    shown: dict[str, str] = {}
    for side in sorted({side for _, side in stored}):
        files = await _files(db, access, side)
        shown |= {} if files is None else {original: path for path, original in files.originals.items()}
    return shown


async def _files(db: Connection, access: CodeAccess, side: Side) -> ShownFiles | None:
    tree_id = access.tree_id if side == "new" else access.starter_tree_id
    return None if tree_id is None else await shown_files(db, access, tree_id=tree_id)
