"""One tree is taken out of a throwaway repository: the files of a commit, and the names that its history gives away.

Nothing is trusted: a list is cut off where it is too long, sizes are added up before content is read, and objects that
a partial clone has left out are never asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import cast

from learning_platform.snapshots.git.process import GitFailed, output_of_git, running_git
from learning_platform.snapshots.paths import shown_path
from learning_platform.snapshots.rules import MAX_FILE_BYTES, MAX_FILES, MAX_TREE_BYTES, MAX_WIRE_BYTES, FreezeFailed
from learning_platform.snapshots.trees import SUBMODULE, File, Mode, Tree, tree_of

# The first record is of the commit itself; those of its history follow.
COMMITS = "--format=%H%x00%ct%x00%an%x00%ae%x00%cn%x00%ce"
FIELDS = 6
MAX_COMMITS = 5_000
MAX_NAMES, MAX_NAME_LENGTH = 200, 200
# Folders are counted too: a tree of nothing but folders has no files to be counted.
MAX_LISTED = 2 * MAX_FILES
MAX_LIST_BYTES = 4 * MAX_FILE_BYTES
# `<hash> <size>` of every object there is; 32 MiB of the smallest objects are about 500,000.
MAX_OBJECTS_BYTES = 2 * MAX_WIRE_BYTES
FOLDER_TYPE = b"tree"
HEADER_BYTES = 100


@dataclass(frozen=True, slots=True)
class Extracted:
    """The files of a commit. `author_names`: names and addresses of its history, which are masked for reviewers."""

    tree: Tree
    commit: str
    committed_at: datetime | None
    author_names: list[str]


@dataclass(frozen=True, slots=True)
class _Commit:
    hash: str
    committed_at: datetime | None
    names: list[str]


@dataclass(frozen=True, slots=True)
class _Listed:
    path: str
    mode: str
    object: str


async def frozen_commit(repository: Path, revision: str) -> Extracted:
    """Return the files of a commit of a bare repository. Raises FreezeFailed; nothing is left running."""
    try:
        commit = await _commit(repository, revision)
        listed = await _listed(repository, commit.hash)
        blobs = {one.object for one in listed if one.mode != SUBMODULE}
        sizes = await _sizes(repository, blobs)
        kept = [one for one in listed if sizes.get(one.object, MAX_FILE_BYTES + 1) <= MAX_FILE_BYTES]
        if sum(sizes[one.object] for one in kept) > MAX_TREE_BYTES:
            raise FreezeFailed("too_large", str(MAX_TREE_BYTES))
        contents = await _contents(repository, {one.object: sizes[one.object] for one in kept})
    except GitFailed as error:
        raise FreezeFailed("bad_repository") from error
    # Hashing 20 MiB takes a tenth of a second, during which other requests are answered.
    tree = await asyncio.to_thread(tree_of, _files(listed, sizes, contents))
    return Extracted(tree, commit.hash, commit.committed_at, commit.names)


async def _commit(repository: Path, revision: str) -> _Commit:
    arguments = (
        "log",
        "-z",
        f"--max-count={MAX_COMMITS}",
        COMMITS,
        "--no-show-signature",
        "--end-of-options",
        revision,
    )
    output = await output_of_git(repository, *arguments, max_bytes=MAX_LIST_BYTES)
    fields = output.decode(errors="replace").split("\0")
    names: dict[str, None] = {}
    for start in range(0, len(fields) - FIELDS + 1, FIELDS):
        names |= dict.fromkeys(fields[start + 2 : start + FIELDS])
    usable = [name for name in names if 0 < len(name) <= MAX_NAME_LENGTH]
    return _Commit(fields[0], _time(fields[1]), usable[:MAX_NAMES])


def _time(seconds: str) -> datetime | None:
    """Return the time that a commit says it is from: any number at all."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


async def _listed(repository: Path, commit: str) -> list[_Listed]:
    """Return the files of a commit. Raises FreezeFailed (too_many_files) as soon as there are too many."""
    listed: list[_Listed] = []
    count = 0
    async with running_git(repository, "ls-tree", "-r", "-t", "-z", "--full-tree", commit) as run:
        async for record in run.records(b"\0", max_bytes=MAX_LIST_BYTES):
            about, _, path = record.partition(b"\t")
            mode, kind, hash = about.split(b" ")
            count += 1
            if kind != FOLDER_TYPE:
                listed.append(_Listed(path.decode(errors="surrogateescape"), _mode(mode), hash.decode()))
            if len(listed) > MAX_FILES or count > MAX_LISTED:
                raise FreezeFailed("too_many_files", str(MAX_FILES))
    return listed


def _mode(mode: bytes) -> str:
    """Return the mode as git writes it today: old repositories have `100664`."""
    return "100644" if mode == b"100664" else mode.decode()


async def _sizes(repository: Path, blobs: Collection[str]) -> dict[str, int]:
    """Return the sizes of those blobs that are there.

    All objects are listed, because git 2.39 ends at the first one that it is asked for and that a partial clone lacks.
    """
    arguments = ("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objectsize)")
    sizes: dict[str, int] = {}
    async with running_git(repository, *arguments) as run:
        async for record in run.records(b"\n", max_bytes=MAX_OBJECTS_BYTES):
            hash, _, size = record.decode().partition(" ")
            if hash in blobs:
                sizes[hash] = int(size)
    return sizes


async def _contents(repository: Path, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """Return the contents of blobs whose sizes are known."""
    if not sizes:
        return {}
    with TemporaryFile() as asked:
        asked.write("".join(f"{hash}\n" for hash in sizes).encode())
        asked.seek(0)
        max_bytes = sum(sizes.values()) + HEADER_BYTES * len(sizes)
        async with running_git(repository, "cat-file", "--batch", "--buffer", stdin=asked) as run:
            return await _divided(run.chunks(max_bytes=max_bytes), sizes)


async def _divided(chunks: AsyncIterator[bytes], sizes: Mapping[str, int]) -> dict[str, bytes]:
    """Divide an answer of `cat-file --batch`: for each blob, in the order of the request, a line and its content."""
    buffer = bytearray()
    contents: dict[str, bytes] = {}
    for hash, size in sizes.items():
        header = f"{hash} blob {size}\n".encode()
        while len(buffer) < len(header) + size + 1:
            buffer += await anext(chunks, b"") or _ended()
        if not buffer.startswith(header):
            raise FreezeFailed("bad_repository")
        contents[hash] = bytes(buffer[len(header) : len(header) + size])
        del buffer[: len(header) + size + 1]
    return contents


def _ended() -> bytes:
    raise FreezeFailed("bad_repository")


def _files(listed: list[_Listed], sizes: Mapping[str, int], contents: Mapping[str, bytes]) -> Iterator[File]:
    for one in listed:
        if one.mode not in {"100644", "100755", "120000", SUBMODULE}:
            raise FreezeFailed("bad_path", shown_path(one.path))
        # A partial clone does not know the size of what it left out.
        yield File(one.path, cast("Mode", one.mode), contents.get(one.object), sizes.get(one.object, 0))
