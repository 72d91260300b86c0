"""The code of a submission as a user may see it. Pages, JSON, archives and clones take every path and text from here.

For a reviewer paths and texts are masked. A hash is that of the text as it was handed in, from which a name that is
hidden could be guessed and confirmed: it serves to find and to compare, and is never given out. The exact size of a
text would help in the same way.
"""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from learning_platform.core.byte_cache import ByteCache
from learning_platform.core.database import Connection
from learning_platform.core.workers import TaskFailed, Workers
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.mask_terms import mask_for
from learning_platform.snapshots.kinds import Decoded, decoded
from learning_platform.snapshots.rules import KIB
from learning_platform.snapshots.store import contents_of, entries_of
from learning_platform.snapshots.trees import Entry

TEXT_KINDS = frozenset({"text", "symlink", "lfs"})
CACHE_BYTES = 32 * 1024 * 1024
# Texts of one task of a worker: one that takes too long costs the others of its task a second try only, and the texts
# of an ordinary page are divided among all workers.
MAX_TASK_CHARACTERS = 50_000


class Mask(Protocol):
    """What is hidden from a reviewer of one submission. `key` distinguishes it from every other mask."""

    key: str

    def path(self, path: str) -> str:
        """Return what is shown of a path; no two paths of the submission become one."""
        ...

    async def texts(self, workers: Workers, texts: Sequence[tuple[str, str]]) -> list[str]:
        """Return texts, given as (path, text), as they are shown, each with as many lines. Raises TaskFailed."""
        ...


@dataclass(frozen=True, slots=True)
class ShownFiles:
    """The files of a tree. The paths of `entries` are those that are shown; `originals` has the stored ones by them.

    `mask` is None for the author and for staff, who see everything.
    """

    track_id: int
    entries: tuple[Entry, ...]
    originals: Mapping[str, str]
    mask: Mask | None

    @property
    def by_path(self) -> dict[str, Entry]:
        """Return the entries by shown path."""
        return {entry.path: entry for entry in self.entries}


async def shown_files(db: Connection, access: CodeAccess, *, tree_id: int) -> ShownFiles:
    """Return the files of a tree of the track, its starter or a submission, as the user may see them."""
    entries = await entries_of(db, tree_id=tree_id)
    if access.role != "reviewer":
        return ShownFiles(access.track_id, entries, {entry.path: entry.path for entry in entries}, None)
    mask = await mask_for(db, access, await _paths_of_all(db, access, {tree_id: entries}))
    originals = {mask.path(entry.path): entry.path for entry in entries}
    assert len(originals) == len(entries)
    shown = sorted((_masked(entry, mask.path(entry.path)) for entry in entries), key=lambda entry: entry.path)
    return ShownFiles(access.track_id, tuple(shown), originals, mask)


async def stored_contents(db: Connection, files: ShownFiles, paths: Collection[str]) -> dict[str, bytes]:
    """Return the contents of files by shown path, as they are stored, not masked: for `ShownTexts` and comparisons."""
    entries = files.by_path
    hashes = {path: hash for path in paths if (hash := entries[path].hash) is not None}
    contents = await contents_of(db, track_id=files.track_id, hashes=set(hashes.values()))
    return {path: contents[hash] for path, hash in hashes.items() if hash in contents}


def is_text(entry: Entry) -> bool:
    """Say whether a file is shown as lines."""
    return entry.kind in TEXT_KINDS and entry.hash is not None


class ShownTexts:
    """Texts of files as they are shown. Masking reads code with lexers, so worker processes do it; results are kept."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._kept: ByteCache[tuple[str, str, str]] = ByteCache(CACHE_BYTES)

    async def of(self, files: ShownFiles, contents: Mapping[str, bytes]) -> dict[str, Decoded]:
        """Return the texts of files, given as stored by shown path.

        A text that could not be masked in time is left out: it is shown when the page is loaded again, or never.
        """
        read = {path: decoded(content) for path, content in contents.items()}
        mask = files.mask
        if mask is None:
            return read
        hashes = {entry.path: entry.hash or "" for entry in files.entries}
        keys = {path: (mask.key, path, hashes[path]) for path in read}
        now = asyncio.get_running_loop().time()
        kept = {path: self._kept.get(key, now=now) for path, key in keys.items()}
        missing = [(path, read[path].text) for path, text in kept.items() if text is None]
        # No more tasks wait than there are workers, so that a large archive leaves them to others now and then.
        tasks = asyncio.Semaphore(2 * self._workers.size)

        async def mask_batch(batch: Sequence[tuple[str, str]]) -> None:
            async with tasks:
                found = await self._masked(mask, files, batch)
            for path, text in found.items():
                kept[path] = text
                self._kept.put(keys[path], text)

        await asyncio.gather(*map(mask_batch, _batches(missing)))
        return {path: replace(read[path], text=text) for path, text in kept.items() if text is not None}

    async def of_bytes(self, files: ShownFiles, path: str, content: bytes) -> bytes | None:
        """Return a file that is no text with what is hidden in it, or None if that could not be found out."""
        assert files.mask is not None
        found = await self._masked(files.mask, files, [(path, content.decode("latin-1"))])
        return found[path].encode("latin-1", errors="replace") if path in found else None

    async def of_picture(self, content: bytes) -> bytes | None:
        """Return a picture without what its file says beside it, or None if it cannot be read in time."""
        # Pillow takes a while to load, and processes that show no picture do without.
        from learning_platform.snapshots.pictures import SECONDS, stripped

        try:
            picture, _ = await self._workers.run(stripped, b64encode(content).decode(), seconds=SECONDS)
        except TaskFailed:
            return None
        return b64decode(picture)

    async def _masked(self, mask: Mask, files: ShownFiles, batch: Sequence[tuple[str, str]]) -> dict[str, str]:
        asked = [(files.originals[path], text) for path, text in batch]
        try:
            texts = await mask.texts(self._workers, asked)
        except TaskFailed:
            if len(batch) == 1:
                return {}
            found: dict[str, str] = {}
            for one in batch:
                found |= await self._masked(mask, files, [one])
            return found
        return {path: text for (path, _), text in zip(batch, texts, strict=True)}


async def _paths_of_all(db: Connection, access: CodeAccess, known: dict[int, tuple[Entry, ...]]) -> list[str]:
    """Return the paths of all trees of a submission, the oldest first, so that a path is shown alike in each."""
    trees = [id for id in (access.starter_tree_id, access.tree_id, access.second_tree_id) if id is not None]
    for tree_id in trees:
        if tree_id not in known:
            known[tree_id] = await entries_of(db, tree_id=tree_id)
    return list(dict.fromkeys(entry.path for id in [*trees, *known] for entry in known[id]))


def _masked(entry: Entry, path: str) -> Entry:
    size = -(-entry.size // KIB) * KIB if entry.kind in TEXT_KINDS else entry.size
    return replace(entry, path=path, size=size)


def _batches(texts: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    batches: list[list[tuple[str, str]]] = []
    characters = 0
    for path, text in texts:
        if not batches or characters + len(text) > MAX_TASK_CHARACTERS:
            batches.append([])
            characters = 0
        batches[-1].append((path, text))
        characters += len(text)
    return batches
