"""Archives that are handed in (.zip, .tar, .tar.gz, .tgz) as trees, read by a process that can be killed."""

import asyncio
import gzip
import posixpath
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from learning_platform.core.workers import NoWorker, TaskFailed, TaskTimedOut, Workers
from learning_platform.snapshots.archive_members import Member, Pieces, tar_members, zip_members
from learning_platform.snapshots.packed_trees import read_packed, write_packed
from learning_platform.snapshots.paths import ensure_path, shown_path
from learning_platform.snapshots.rules import KIB, MAX_FILE_BYTES, MAX_WIRE_BYTES, FailureCode, FreezeFailed
from learning_platform.snapshots.trees import SYMLINK, File, Tree, tree_of

MODULES: Final = ("learning_platform.snapshots.archives",)
# The largest archive takes about a second; the worker has a lower priority than everything else.
READ_SECONDS: Final = 20.0
# Python takes a quarter of it as address space; the largest tree 20 MiB.
MEMORY_BYTES: Final = 256 * KIB * KIB
# What a .tar.gz holds is written to disk before it is read.
MAX_INFLATED_BYTES: Final = 100 * KIB * KIB
# Version control, what systems add to folders, and what tools can make again from the rest.
LEFT_OUT: Final = frozenset(
    {".git", ".hg", ".svn", "__macosx", ".ds_store", "thumbs.db", "desktop.ini", "node_modules", "__pycache__"}
    | {".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".gradle"}
)
# macOS writes attributes of `a` to `._a` beside it.
APPLE_DOUBLE: Final = "._"
GZIP: Final = b"\x1f\x8b"
ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# What the readers of archives raise for one that is damaged, or pretends to be what it is not.
UNREADABLE: Final = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError),
    *(NotImplementedError, LookupError, OverflowError),
)


async def tree_of_archive(workers: Workers, path: Path) -> Tree:
    """Return the files of an archive as a tree. Raises FreezeFailed, NoWorker. Leaves no file behind."""
    folder = await asyncio.to_thread(lambda: TemporaryDirectory(prefix="archive-"))
    try:
        target = Path(folder.name, "tree")
        failure = await workers.run(read_archive, str(path), str(target), seconds=READ_SECONDS)
        if failure is not None:
            raise FreezeFailed(*failure)
        return await asyncio.to_thread(read_packed, target)
    except TaskTimedOut:
        raise FreezeFailed("too_slow") from None
    except NoWorker:
        raise
    except TaskFailed as error:
        is_too_large = error.args == (MemoryError.__name__,)
        raise FreezeFailed("too_large" if is_too_large else "bad_archive") from error
    finally:
        await asyncio.to_thread(folder.cleanup)


def read_archive(source: str, target: str) -> tuple[FailureCode, str] | None:
    """Write the tree of the archive `source` to the file `target`, or return why it cannot be frozen.

    Runs in a worker process. What it needs meanwhile is beside `target`.
    """
    try:
        with _members_in(Path(source), beside=Path(target)) as members:
            tree = tree_of(_files_of(_without_top_folder(members)))
        write_packed(tree, Path(target))
    except FreezeFailed as failed:
        return failed.code, failed.detail
    except UNREADABLE:
        return "bad_archive", ""
    return None


@contextmanager
def _members_in(source: Path, *, beside: Path) -> Iterator[list[Member]]:
    """Open an archive; give the members of it that are kept."""
    if source.stat().st_size > MAX_WIRE_BYTES:
        raise FreezeFailed("too_large")
    with source.open("rb") as file:
        beginning = file.read(4)
    if beginning.startswith(ZIPS):
        with Pieces(source, "too_many_files") as pieces, zipfile.ZipFile(pieces) as archive:
            yield _kept(zip_members(archive))
        return
    path = _inflated(source, beside.with_suffix(".tar")) if beginning.startswith(GZIP) else source
    with Pieces(path, "bad_archive") as pieces, tarfile.open(fileobj=pieces, mode="r:") as tar:
        yield _kept(tar_members(tar))


def _inflated(source: Path, target: Path) -> Path:
    """Inflate a .gz to a file, because a tar is read with steps back. Raises FreezeFailed for one that is too large."""
    left = MAX_INFLATED_BYTES
    with gzip.open(source) as packed, target.open("wb") as inflated:
        while piece := packed.read(KIB * KIB):
            left -= len(piece)
            if left < 0:
                raise FreezeFailed("too_large")
            inflated.write(piece)
    return target


def _kept(members: Iterator[Member]) -> list[Member]:
    plain = (replace(member, path=member.path.removeprefix("./")) for member in members)
    return [member for member in plain if not any(map(_is_left_out, member.path.split("/")))]


def _is_left_out(name: str) -> bool:
    return name.casefold() in LEFT_OUT or name.startswith(APPLE_DOUBLE)


def _without_top_folder(members: Sequence[Member]) -> list[Member]:
    """Return the members without the folder that all of them are in, which most tools add."""
    tops = {member.path.partition("/")[0] for member in members}
    if len(tops) != 1 or any("/" not in member.path for member in members):
        return list(members)
    (top,) = tops
    ensure_path(top)
    return [replace(member, path=member.path.partition("/")[2]) for member in members]


def _files_of(members: Sequence[Member]) -> Iterator[File]:
    for member in members:
        content = member.read() if member.size <= MAX_FILE_BYTES else None
        if member.mode == SYMLINK:
            _ensure_stays_inside(member.path, content)
        yield File(member.path, member.mode, content, member.size)


def _ensure_stays_inside(path: str, target: bytes | None) -> None:
    """Raise FreezeFailed for a link that leads out of its tree."""
    where = (target or b"/").decode(errors="replace")
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), where))
    if where.startswith("/") or "\\" in where or reached.split("/")[0] == "..":
        raise FreezeFailed("bad_path", f"{shown_path(path)} → {shown_path(where)}")
