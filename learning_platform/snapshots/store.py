"""Trees and blobs in PostgreSQL: saved once for a track, however often the same files are handed in."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg
import zstandard

from learning_platform.core.database import Connection
from learning_platform.snapshots.rules import MAX_FILE_BYTES
from learning_platform.snapshots.trees import Entry, Tree, entries_in, hashes_in, manifest_of

# Hand-ins hold it together; a deletion of files holds it alone, so that none goes that a hand-in has just found
# (docs/locking.md).
SHARE_STORE = """
select pg_advisory_xact_lock_shared(hashtext('learning_platform.store'), ($1::bigint % 2147483647)::int)
"""
CLOSE_STORE = "select pg_advisory_xact_lock(hashtext('learning_platform.store'), ($1::bigint % 2147483647)::int)"
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
TRACKS_WITH_UNUSED = """
select distinct track_id from trees t
where track_id = any($1::bigint[]) and not exists (select from snapshots n where n.tree_id = t.id) order by track_id
"""
DELETE_UNUSED_TREES = """
delete from trees t where track_id = $1 and not exists (select from snapshots n where n.tree_id = t.id)
returning manifest
"""
MANIFESTS = "select id, manifest from trees where track_id = $1 and id > $2 order by id limit $3"
DELETE_BLOBS = "delete from blobs where track_id = $1 and hash = any($2::bytea[])"
COPY_TREE = """
insert into trees (track_id, digest, manifest, files, bytes, created_at)
select $2, digest, manifest, files, bytes, $3 from trees where id = $1
on conflict (track_id, digest) do nothing returning id
"""
COPY_BLOBS = """
insert into blobs (track_id, hash, content)
select $2, b.hash, b.content from trees t join blobs b on b.track_id = t.track_id
where t.id = $1 and b.hash = any($3::bytea[]) order by b.hash
on conflict do nothing
"""
FIND_COPY = "select c.id from trees t join trees c on c.track_id = $2 and c.digest = t.digest where t.id = $1"
CONTENTS = "select hash, content from blobs where track_id = $1 and hash = any($2::bytea[])"
# Source code compresses to a quarter at either level; this one takes a third of the time of the next.
LEVEL = 3
# 2,000 paths of 400 bytes, with hashes; a manifest was checked when it was written.
MAX_MANIFEST_BYTES = 4 * MAX_FILE_BYTES
MANIFESTS_PER_READ = 200


async def save_tree(db: Connection, *, track_id: int, tree: Tree, now: datetime) -> int:
    """Save a tree and those of its blobs that the track does not have; return its id. Equal trees are one row."""
    await db.execute(SHARE_STORE, track_id)
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
    return entries_in(_manifest(await db.fetchval(MANIFEST, tree_id)))


async def contents_of(db: Connection, *, track_id: int, hashes: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of blobs by their hash in hex; unknown hashes are left out."""
    rows = await db.fetch(CONTENTS, track_id, [bytes.fromhex(hash) for hash in hashes])
    if sum(len(row["content"]) for row in rows) < MAX_FILE_BYTES:
        return _unpacked(rows)
    return await asyncio.to_thread(_unpacked, rows)


async def delete_unused(db: Connection, *, track_ids: Sequence[int]) -> None:
    """Delete the trees of these tracks that no snapshot has, and the blobs that no other tree of their track has.

    Locks the files of these tracks against hand-ins until the transaction ends.
    """
    for row in await db.fetch(TRACKS_WITH_UNUSED, track_ids):
        track_id = row["track_id"]
        await db.execute(CLOSE_STORE, track_id)
        unused = await db.fetch(DELETE_UNUSED_TREES, track_id)
        hashes = await asyncio.to_thread(_hashes_in, [each["manifest"] for each in unused])
        unused_hashes = await _without_used(db, track_id=track_id, hashes=hashes)
        await db.execute(DELETE_BLOBS, track_id, [bytes.fromhex(hash) for hash in unused_hashes])


async def copy_tree(db: Connection, *, tree_id: int, track_id: int, now: datetime) -> int:
    """Copy a tree with its blobs to another track; return the id of the copy."""
    await db.execute(SHARE_STORE, track_id)
    hashes = [bytes.fromhex(entry.hash) for entry in await entries_of(db, tree_id=tree_id) if entry.hash is not None]
    await db.execute(COPY_BLOBS, tree_id, track_id, hashes)
    copied: int | None = await db.fetchval(COPY_TREE, tree_id, track_id, now)
    return copied if copied is not None else await db.fetchval(FIND_COPY, tree_id, track_id)


async def _without_used(db: Connection, *, track_id: int, hashes: set[str]) -> set[str]:
    """Return those of the hashes that no tree of a track has; few manifests are in memory at a time."""
    last_id = 0
    while hashes and (rows := await db.fetch(MANIFESTS, track_id, last_id, MANIFESTS_PER_READ)):
        hashes = hashes - await asyncio.to_thread(_hashes_in, [row["manifest"] for row in rows])
        last_id = rows[-1]["id"]
    return hashes


async def _save_blobs(db: Connection, *, track_id: int, tree: Tree) -> None:
    hashes = {bytes.fromhex(hash): content for hash, content in tree.blobs.items()}
    known = {row["hash"] for row in await db.fetch(KNOWN_BLOBS, track_id, list(hashes))}
    new = [hash for hash in hashes if hash not in known]
    # 20 MiB take a tenth of a second, during which other requests are answered.
    packed = await asyncio.to_thread(_packed, [hashes[hash] for hash in new])
    await db.execute(INSERT_BLOBS, track_id, new, packed)


def _manifest(packed: bytes) -> bytes:
    return zstandard.decompress(packed, max_output_size=MAX_MANIFEST_BYTES)


def _hashes_in(manifests: Iterable[bytes]) -> set[str]:
    return {hash for packed in manifests for hash in hashes_in(_manifest(packed))}


def _packed(contents: Sequence[bytes]) -> list[bytes]:
    compressor = zstandard.ZstdCompressor(LEVEL)
    return [compressor.compress(content) for content in contents]


def _unpacked(rows: Iterable[asyncpg.Record]) -> dict[str, bytes]:
    decompressor = zstandard.ZstdDecompressor()
    return {row["hash"].hex(): decompressor.decompress(row["content"], MAX_FILE_BYTES) for row in rows}
