"""Trees and blobs in PostgreSQL: saved once for a track, however often the same files are handed in."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg
import zstandard

from learning_platform.core.database import Connection
from learning_platform.snapshots.rules import MAX_FILE_BYTES
from learning_platform.snapshots.trees import Entry, Tree, entries_in, manifest_of

FIND_TREE = "select id from trees where track_id = $1 and digest = $2"
KNOWN_BLOBS = "select hash from blobs where track_id = $1 and hash = any($2::bytea[])"
# In the order of hashes: two hand-ins with the same new files wait for each other, and do not deadlock.
INSERT_BLOBS = """
insert into blobs (track_id, hash, content)
select $1, hash, content from unnest($2::bytea[], $3::bytea[]) as new (hash, content) order by hash
on conflict do nothing
"""
INSERT_TREE = """
insert into trees (track_id, digest, manifest, files, bytes, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (track_id, digest) do nothing returning id
"""
MANIFEST = "select manifest from trees where id = $1"
CONTENTS = "select hash, content from blobs where track_id = $1 and hash = any($2::bytea[])"
# Source code compresses to a quarter at either level; this one takes a third of the time of the next.
LEVEL = 3
# 2,000 paths of 400 bytes, with hashes; a manifest was checked when it was written.
MAX_MANIFEST_BYTES = 4 * MAX_FILE_BYTES


async def save_tree(db: Connection, *, track_id: int, tree: Tree, now: datetime) -> int:
    """Save a tree and those of its blobs that the track does not have; return its id. Equal trees are one row."""
    found: int | None = await db.fetchval(FIND_TREE, track_id, tree.digest)
    if found is not None:
        return found
    await _save_blobs(db, track_id=track_id, tree=tree)
    manifest = zstandard.compress(manifest_of(tree.entries), LEVEL)
    size = (len(tree.entries), tree.bytes)
    saved: int | None = await db.fetchval(INSERT_TREE, track_id, tree.digest, manifest, *size, now)
    # Another transaction may have saved the same tree meanwhile.
    return saved if saved is not None else await db.fetchval(FIND_TREE, track_id, tree.digest)


async def entries_of(db: Connection, *, tree_id: int) -> tuple[Entry, ...]:
    """Return the entries of a tree, in the order of their paths."""
    packed = await db.fetchval(MANIFEST, tree_id)
    return entries_in(zstandard.decompress(packed, max_output_size=MAX_MANIFEST_BYTES))


async def contents_of(db: Connection, *, track_id: int, hashes: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of blobs by their hash in hex; unknown hashes are left out."""
    rows = await db.fetch(CONTENTS, track_id, [bytes.fromhex(hash) for hash in hashes])
    if sum(len(row["content"]) for row in rows) < MAX_FILE_BYTES:
        return _unpacked(rows)
    return await asyncio.to_thread(_unpacked, rows)


async def _save_blobs(db: Connection, *, track_id: int, tree: Tree) -> None:
    hashes = {bytes.fromhex(hash): content for hash, content in tree.blobs.items()}
    known = {row["hash"] for row in await db.fetch(KNOWN_BLOBS, track_id, list(hashes))}
    new = [hash for hash in hashes if hash not in known]
    # 20 MiB take a tenth of a second, during which other requests are answered.
    packed = await asyncio.to_thread(_packed, [hashes[hash] for hash in new])
    await db.execute(INSERT_BLOBS, track_id, new, packed)


def _packed(contents: Sequence[bytes]) -> list[bytes]:
    compressor = zstandard.ZstdCompressor(LEVEL)
    return [compressor.compress(content) for content in contents]


def _unpacked(rows: Iterable[asyncpg.Record]) -> dict[str, bytes]:
    decompressor = zstandard.ZstdDecompressor()
    return {row["hash"].hex(): decompressor.decompress(row["content"], MAX_FILE_BYTES) for row in rows}
