"""The code of a submission as a zip archive that is the same, byte for byte, whenever it is made."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from learning_platform.core.database import Connection
from learning_platform.reviews.shown_code import ShownFiles, ShownTexts, is_text, stored_contents
from learning_platform.snapshots.kinds import encoded, is_image
from learning_platform.snapshots.trees import SYMLINK, Entry

# The earliest date that the format knows.
DATE = (1980, 1, 1, 0, 0, 0)
UNIX, REGULAR = 3, 0o100000
EXECUTABLE = "100755"
LEVEL = 6
# Each takes a worker up to two seconds. Always the first ones, so that an archive is the same whenever it is made.
MAX_PICTURES = 50
# What cannot be read cannot be masked: compressed files, and documents that name their author.
OPAQUE = (
    b"PK",
    b"%PDF",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"\xfd7zXZ",
    b"BZh",
    b"\xd0\xcf\x11\xe0",
    b"\x28\xb5\x2f\xfd",
    b"Rar!",
)


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of an archive."""

    path: str
    content: bytes
    is_executable: bool


async def stored_files(db: Connection, files: ShownFiles) -> dict[str, bytes]:
    """Return all contents that are kept, by shown path, as they are stored: for `archived_files`."""
    return await stored_contents(db, files, [entry.path for entry in files.entries if entry.hash is not None])


async def archived_files(shown: ShownTexts, files: ShownFiles, contents: Mapping[str, bytes]) -> list[ArchivedFile]:
    """Return the files that a user may take away.

    A symbolic link becomes a file with its target, so that none leads out of the folder it is unpacked to. For a
    reviewer, pictures have no metadata, and files that may name their author and cannot be masked are left out.
    """
    entries = [entry for entry in files.entries if entry.path in contents]
    texts = await shown.of(files, {entry.path: contents[entry.path] for entry in entries if is_text(entry)})
    pictures = [each.path for each in entries if _is_picture(each, contents[each.path])][:MAX_PICTURES]
    archived = []
    for entry in entries:
        if files.mask is not None and entry.path in pictures:
            content = await shown.of_picture(contents[entry.path])
        elif not is_text(entry):
            content = await _untouched(shown, files, entry, contents[entry.path])
        elif files.mask is None:
            content = contents[entry.path]
        else:
            content = encoded(texts[entry.path]) if entry.path in texts else None
        if content is not None:
            is_executable = entry.mode == EXECUTABLE
            archived.append(ArchivedFile(entry.path, content, is_executable and entry.mode != SYMLINK))
    return archived


def zip_of(files: Sequence[ArchivedFile]) -> bytes:
    """Return an archive of these files. It may take a second."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for file in sorted(files, key=lambda file: file.path):
            about = zipfile.ZipInfo(file.path, DATE)
            about.create_system = UNIX
            about.external_attr = (REGULAR | (0o755 if file.is_executable else 0o644)) << 16
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, file.content, compresslevel=LEVEL)
    return buffer.getvalue()


def _is_picture(entry: Entry, content: bytes) -> bool:
    return not is_text(entry) and is_image(entry.path, content)


async def _untouched(shown: ShownTexts, files: ShownFiles, entry: Entry, content: bytes) -> bytes | None:
    """Return a file that is no text, or None if it may name its author and the user must not learn that."""
    if files.mask is None:
        return content
    if is_image(entry.path, content) or content.startswith(OPAQUE):
        return None
    # Every byte is a character of Latin-1: a name in the file is found like one in a text.
    masked = await shown.of_bytes(files, entry.path, content)
    return content if masked == content else None
