"""A tree in one file, in which a worker process hands it over: the manifest, then the contents in its order."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from learning_platform.snapshots.trees import Entry, Tree, entries_in, manifest_of

LENGTH_BYTES: Final = 8


def write_packed(tree: Tree, path: Path) -> None:
    """Write a tree to a file."""
    manifest = manifest_of(tree.entries)
    with path.open("wb") as target:
        target.write(len(manifest).to_bytes(LENGTH_BYTES))
        target.write(manifest)
        for hash, _ in _contents_of(tree.entries):
            target.write(tree.blobs[hash])


def read_packed(path: Path) -> Tree:
    """Read a tree from a file."""
    with path.open("rb") as source:
        manifest = source.read(int.from_bytes(source.read(LENGTH_BYTES)))
        entries = entries_in(manifest)
        blobs = {hash: _exactly(source, size) for hash, size in _contents_of(entries)}
    kept = sum(entry.size for entry in entries if entry.hash is not None)
    return Tree(entries, blobs, hashlib.sha256(manifest).digest(), kept)


def _contents_of(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """Return the hash and the size of each content that is kept, each once."""
    return list({entry.hash: entry.size for entry in entries if entry.hash is not None}.items())


def _exactly(source: BinaryIO, size: int) -> bytes:
    content = source.read(size)
    if len(content) != size:
        raise EOFError
    return content
