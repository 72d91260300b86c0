"""A tree: the files of one hand-in, with the content of each by its hash. Pure; snapshots/store.py keeps it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import orjson

from learning_platform.snapshots.paths import ensure_no_twins, ensure_path
from learning_platform.snapshots.rules import MAX_FILE_BYTES, MAX_FILES, MAX_TREE_BYTES, FreezeFailed

Kind: TypeAlias = Literal["text", "binary", "too_large", "symlink", "submodule", "lfs"]
Mode: TypeAlias = Literal["100644", "100755", "120000", "160000"]
REGULAR: Final = "100644"
EXECUTABLE: Final = "100755"
SYMLINK: Final = "120000"
SUBMODULE: Final = "160000"
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
# git takes a file for binary by the same rule: a zero byte among the first 8,000.
LOOKED_AT_BYTES = 8000
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was handed in. `content` is None if it is too large to be kept, or a submodule."""

    path: str
    mode: Mode
    content: bytes | None
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a manifest. `hash` is the SHA-256 of the content in hex; None where the content is not kept."""

    path: str
    mode: Mode
    kind: Kind
    size: int
    lines: int | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one hand-in in the order of their paths, and their contents by hash.

    `digest`: SHA-256 of the manifest; equal trees have equal digests. `bytes`: of all contents that are kept.
    """

    entries: tuple[Entry, ...]
    blobs: Mapping[str, bytes]
    digest: bytes
    bytes: int


def tree_of(files: Iterable[File]) -> Tree:
    """Return the tree of these files. Raises FreezeFailed: too_many_files, too_large, bad_path, empty.

    The limits hold while the files are read, so a source that has no end is not read to it.
    """
    entries: list[Entry] = []
    blobs: dict[str, bytes] = {}
    kept = 0
    for file in files:
        if len(entries) == MAX_FILES:
            raise FreezeFailed("too_many_files", str(MAX_FILES))
        ensure_path(file.path)
        entry = _entry(file)
        entries.append(entry)
        if entry.hash is not None and file.content is not None:
            blobs[entry.hash] = file.content
            kept += file.size
        if kept > MAX_TREE_BYTES:
            raise FreezeFailed("too_large", str(MAX_TREE_BYTES))
    if not entries:
        raise FreezeFailed("empty")
    ensure_no_twins(entry.path for entry in entries)
    in_order = tuple(sorted(entries, key=lambda entry: entry.path))
    return Tree(in_order, blobs, hashlib.sha256(manifest_of(in_order)).digest(), kept)


def manifest_of(entries: Sequence[Entry]) -> bytes:
    """Return the manifest of a tree, as JSON."""
    return orjson.dumps([[e.path, e.mode, e.kind, e.size, e.lines, e.hash] for e in entries])


def entries_in(manifest: bytes) -> tuple[Entry, ...]:
    """Return the entries of a manifest."""
    return tuple(Entry(*line) for line in orjson.loads(manifest))


def hashes_in(manifest: bytes) -> set[str]:
    """Return the hashes that a manifest names."""
    return {hash for *_, hash in orjson.loads(manifest) if hash is not None}


def _entry(file: File) -> Entry:
    kind = _kind(file)
    content = file.content if kind not in {"too_large", "submodule"} else None
    hash = None if content is None else hashlib.sha256(content).hexdigest()
    lines = None if content is None or kind != "text" else _count_lines(content)
    return Entry(file.path, file.mode, kind, file.size, lines, hash)


def _kind(file: File) -> Kind:
    if file.mode == SUBMODULE:
        return "submodule"
    if file.content is None or file.size > MAX_FILE_BYTES:
        return "too_large"
    if file.mode == SYMLINK:
        return "symlink"
    if file.content.startswith(LFS_POINTER):
        return "lfs"
    is_text = file.content.startswith(UTF16_MARKS) or b"\0" not in file.content[:LOOKED_AT_BYTES]
    return "text" if is_text else "binary"


def _count_lines(content: bytes) -> int:
    if content.startswith(UTF16_MARKS):
        # A line ends with two bytes there.
        content = content.decode("utf-16", errors="replace").encode(errors="replace")
    return content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
