"""What an archive lists, without unpacking it: the members of .zip and .tar files.

Nothing is ever written to a path that an archive names. Declared sizes are not believed: what is read is counted.
"""

import io
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from learning_platform.snapshots.paths import shown_path
from learning_platform.snapshots.rules import KIB, MAX_FILE_BYTES, MAX_PATH_BYTES, FailureCode, FreezeFailed
from learning_platform.snapshots.trees import EXECUTABLE, REGULAR, SYMLINK, Mode

# Entries that are left out count too: `.git` has many.
MAX_ENTRIES: Final = 20_000
# The list of a zip's entries, and a header of a tar, are read in one piece.
MAX_PIECE_BYTES: Final = 4 * KIB * KIB
# Deflate makes a thousandth of a file at best; a size beyond that is a lie.
MAX_RATIO: Final = 1100
IS_ENCRYPTED, IS_UTF8 = 0x1, 0x800
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# Two characters in a row of the code page that Windows uses in Russian; older zips do not name theirs.
CYRILLIC = re.compile(rb"[\x80-\xaf\xe0-\xf1]{2}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file or link that an archive lists. `read` returns its content, of at most MAX_FILE_BYTES."""

    path: str
    mode: Mode
    size: int
    read: Callable[[], bytes]


class Pieces(io.BufferedReader):
    """A file of which no more than a piece is read in one go, whatever its own headers say."""

    def __init__(self, path: Path, code: FailureCode) -> None:
        super().__init__(io.FileIO(path))
        self._code: FailureCode = code

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes. Raises FreezeFailed with the code for more than a piece."""
        if size is not None and size > MAX_PIECE_BYTES:
            raise FreezeFailed(self._code)
        return super().read(size)


def zip_members(archive: zipfile.ZipFile) -> Iterator[Member]:
    """Yield the members of a zip. Raises FreezeFailed for what is encrypted, no file, or a lie."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise FreezeFailed("too_many_files")
    for info in entries:
        if info.flag_bits & IS_ENCRYPTED:
            raise FreezeFailed("encrypted_archive")
        mode = info.external_attr >> 16
        name = _zip_name(info)
        if name.endswith("/") or stat.S_ISDIR(mode):
            continue
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFLNK} or not _is_believable(info):
            raise FreezeFailed("bad_archive", shown_path(name))
        kind = SYMLINK if stat.S_ISLNK(mode) else _mode(mode)
        yield Member(name, kind, info.file_size, partial(_read_zipped, archive, info))


def tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    """Yield the members of a tar. Raises FreezeFailed for what is no file: devices, pipes."""
    found: dict[str, Member] = {}
    for number, info in enumerate(archive):
        if number >= MAX_ENTRIES:
            raise FreezeFailed("too_many_files")
        if info.isdir():
            continue
        found[info.name] = member = _tar_member(archive, info, found)
        yield member


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, before: dict[str, Member]) -> Member:
    if info.issym():
        target = info.linkname.encode(errors="surrogateescape")
        return Member(info.name, SYMLINK, len(target), lambda: target)
    if info.islnk() and info.linkname in before:
        # Another name of a file that came before.
        same = before[info.linkname]
        return Member(info.name, same.mode, same.size, same.read)
    if not info.isreg() or info.size < 0:
        raise FreezeFailed("bad_archive", shown_path(info.name))
    return Member(info.name, _mode(info.mode), info.size, partial(_read_from_tar, archive, info))


def _mode(mode: int) -> Mode:
    return EXECUTABLE if mode & 0o111 else REGULAR


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name of an entry as it was meant: without a mark it is UTF-8 or in a code page."""
    name = info.orig_filename
    if info.flag_bits & IS_UTF8:
        return name
    raw = name.encode("cp437")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp866") if CYRILLIC.search(raw) else name


def _is_believable(info: zipfile.ZipInfo) -> bool:
    is_known = info.compress_type in METHODS
    is_link_target = not stat.S_ISLNK(info.external_attr >> 16) or info.file_size <= 10 * MAX_PATH_BYTES
    return is_known and is_link_target and info.file_size <= MAX_RATIO * (info.compress_size + 1)


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return _whole(file.read(MAX_FILE_BYTES + 1), info.file_size)


def _read_from_tar(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(info)
    assert file is not None
    return _whole(file.read(MAX_FILE_BYTES + 1), info.size)


def _whole(content: bytes, size: int) -> bytes:
    """Return the content of a file. Raises FreezeFailed if it is not as large as was declared."""
    if len(content) != size:
        raise FreezeFailed("bad_archive")
    return content
