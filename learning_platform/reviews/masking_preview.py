"""How much of a submission is hidden from its reviewers: for its author, before others see it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from learning_platform.core.database import Connection
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.rules import SubmissionNotFound
from learning_platform.reviews.shown_code import ShownFiles, ShownTexts, is_text, stored_contents
from learning_platform.snapshots.kinds import decoded
from learning_platform.snapshots.masking.mask import MARK

# Masking this much takes a second, about as long as a person waits for a page; files beyond it are not counted.
MAX_COUNTED_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class HiddenPlaces:
    """In how many places something is hidden, and in how many files; names of files and folders count as places.

    `is_complete`: all text was searched.
    """

    places: int
    files: int
    is_complete: bool


def as_reviewer(access: CodeAccess) -> CodeAccess:
    """Return what a reviewer would see, for the author and staff. Raises SubmissionNotFound for others."""
    if access.role == "reviewer":
        raise SubmissionNotFound
    return replace(access, role="reviewer")


async def contents_to_count(db: Connection, files: ShownFiles) -> dict[str, bytes]:
    """Return texts as they are stored, by shown path: as many as `hidden_places` is to search."""
    paths: list[str] = []
    left = MAX_COUNTED_BYTES
    for entry in files.entries:
        if is_text(entry) and entry.size <= left:
            paths.append(entry.path)
            left -= entry.size
    return await stored_contents(db, files, paths)


async def hidden_places(shown: ShownTexts, files: ShownFiles, contents: Mapping[str, bytes]) -> HiddenPlaces:
    """Count what is hidden in these texts, and in the names of all files."""
    texts = await shown.of(files, contents)
    found = {path: text.text.count(MARK) - decoded(contents[path]).text.count(MARK) for path, text in texts.items()}
    renamed = {path for path, original in files.originals.items() if path != original}
    return HiddenPlaces(
        places=sum(found.values()) + len(set(_hidden_names(files.originals.items()))),
        files=len(renamed | {path for path, places in found.items() if places}),
        is_complete=len(texts) == sum(map(is_text, files.entries)),
    )


def _hidden_names(paths: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield each file and folder with another name than it was handed in with, by its path."""
    for path, original in paths:
        shown_names, names = path.split("/"), original.split("/")
        for depth, (shown, name) in enumerate(zip(shown_names, names, strict=True), start=1):
            if shown != name:
                yield "/".join(names[:depth])
