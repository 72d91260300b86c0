"""Trees and blobs in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, prepare_connection
from learning_platform.personal_data.deletion import delete_account_data
from learning_platform.snapshots.freezing import Received, insert_snapshot, snapshot
from learning_platform.snapshots.store import contents_of, copy_tree, delete_unused, entries_of, save_tree
from learning_platform.snapshots.trees import File, Mode, Tree, tree_of
from learning_platform.tracks.actions import delete_track
from tests import make
from tests.domain.snapshots.files import file, tree

pytestmark = pytest.mark.anyio
STORED = """
select (select count(*) from trees), (select count(*) from blobs), (select count(*) from snapshots)
"""
names = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)
contents = st.binary(max_size=400) | st.text(max_size=100).map(str.encode)
MODES: tuple[Mode, ...] = ("100644", "100755", "120000")
modes = st.sampled_from(MODES)
# Folders end with a sign that no name has, so that no path is a file and a folder.
folders = st.lists(names.map(lambda name: f"{name}+"), max_size=3)
files = st.dictionaries(
    st.tuples(folders, names).map(lambda path: "/".join([*path[0], path[1]])),
    st.tuples(contents, modes),
    min_size=1,
    max_size=12,
).map(lambda found: [File(path, mode, content, len(content)) for path, (content, mode) in found.items()])


@pytest.fixture
async def track_id(db: Connection) -> int:
    """Create a track."""
    return await make.track(db, author_id=await make.user(db))


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[list[Connection]]:
    """Open three connections that commit."""
    async with AsyncExitStack() as stack:
        opened: list[Connection] = []
        for _ in range(3):
            connection = await asyncpg.connect(database_url)
            stack.push_async_callback(connection.close)
            await prepare_connection(connection)
            opened.append(connection)
        yield opened


async def stored(db: Connection) -> tuple[int, ...]:
    """Return how many trees, blobs and snapshots there are."""
    return tuple(await db.fetchrow(STORED) or ())


async def saved(db: Connection, track_id: int, saved_tree: Tree) -> int:
    return await save_tree(db, track_id=track_id, tree=saved_tree, now=make.NOON)


async def handed_in(db: Connection, track_id: int, user_id: int, saved_tree: Tree) -> int:
    """Write a snapshot; return its id."""
    assignment_id = (await make.assignment_ids(db, track_id))[0]
    received = Received("archive", tree=saved_tree)
    return await insert_snapshot(
        db, track_id=track_id, assignment_id=assignment_id, user_id=user_id, received=received, now=make.NOON
    )


@given(handed_in=files)
@settings(max_examples=60)
async def test_files_that_were_saved_are_loaded_as_they_were(
    handed_in: list[File], db: Connection, track_id: int
) -> None:
    try:
        whole = tree_of(handed_in)
    except Exception:  # Two names may be one where case is ignored; test_paths.py has those.
        return
    tree_id = await saved(db, track_id, whole)
    entries = await entries_of(db, tree_id=tree_id)
    assert entries == whole.entries
    assert {entry.path: entry.mode for entry in entries} == {each.path: each.mode for each in handed_in}
    loaded = await contents_of(db, track_id=track_id, hashes=[entry.hash for entry in entries if entry.hash])
    found = {entry.path: loaded[entry.hash or ""] for entry in entries}
    assert found == {each.path: each.content for each in handed_in}


async def test_a_thousand_equal_hand_ins_are_one_tree(db: Connection, track_id: int) -> None:
    same = tree(main="print(1)", other="print(2)")
    user_id = await make.user(db)
    assert len({await saved(db, track_id, same) for _ in range(999)}) == 1
    await handed_in(db, track_id, user_id, same)
    assert await stored(db) == (1, 2, 1)


async def test_what_hand_ins_have_in_common_is_stored_once(db: Connection, track_id: int) -> None:
    await saved(db, track_id, tree(main="1", common="same"))
    await saved(db, track_id, tree(main="2", common="same"))
    assert (await stored(db))[:2] == (2, 3)


async def test_another_track_has_its_own_files(db: Connection, track_id: int) -> None:
    other = await make.track(db, author_id=await make.user(db))
    first, second = await saved(db, track_id, tree(main="1")), await saved(db, other, tree(main="1"))
    assert first != second
    (entry,) = await entries_of(db, tree_id=second)
    assert entry.hash is not None
    assert await contents_of(db, track_id=other, hashes=[entry.hash]) == {entry.hash: b"1"}
    third = await make.track(db, author_id=await make.user(db))
    assert await contents_of(db, track_id=third, hashes=[entry.hash]) == {}


async def test_a_tree_is_copied_to_another_track_with_its_files(db: Connection, track_id: int) -> None:
    other = await make.track(db, author_id=await make.user(db))
    original = await saved(db, track_id, tree(main="1", more="2"))
    copied = await copy_tree(db, tree_id=original, track_id=other, now=make.NOON)
    assert copied == await copy_tree(db, tree_id=original, track_id=other, now=make.NOON)
    entries = await entries_of(db, tree_id=copied)
    assert entries == await entries_of(db, tree_id=original)
    found = await contents_of(db, track_id=other, hashes=[entry.hash for entry in entries if entry.hash])
    assert set(found.values()) == {b"1", b"2"}


async def test_large_files_are_loaded_whole(db: Connection, track_id: int) -> None:
    noise = bytes(range(256)) * 4096
    large = tree_of(file(f"{n}", bytes([n]) + noise[1:]) for n in range(5))
    entries = await entries_of(db, tree_id=await saved(db, track_id, large))
    found = await contents_of(db, track_id=track_id, hashes=[entry.hash for entry in entries if entry.hash])
    assert found == large.blobs


async def test_two_transactions_that_save_the_same_new_files_do_not_deadlock(connections: list[Connection]) -> None:
    first, second, third = connections
    track_id = await make.track(third, author_id=await make.user(third))
    contents = [f"file {n}" for n in range(200)]
    ways = (contents, contents[::-1])
    trees = [tree_of(file(f"{way}/{each}", each) for each in order) for way, order in enumerate(ways)]

    async def save(db: Connection, whole: Tree) -> int:
        async with db.transaction():
            return await saved(db, track_id, whole)

    for _ in range(5):
        ids = await asyncio.gather(save(first, trees[0]), save(second, trees[1]), save(third, trees[0]))
        assert ids[0] == ids[2] != ids[1]
        assert (await stored(first))[:2] == (2, 200)
        await first.execute("delete from trees")
        await first.execute("delete from blobs")


async def test_files_that_nothing_needs_are_deleted_and_others_stay(db: Connection, track_id: int) -> None:
    user_id = await make.user(db)
    gone = await handed_in(db, track_id, user_id, tree(main="1", common="same"))
    await handed_in(db, track_id, user_id, tree(main="2", common="same"))
    await delete_unused(db, track_ids=[track_id])
    assert await stored(db) == (2, 3, 2)
    await db.execute("delete from snapshots where id = $1", gone)
    await delete_unused(db, track_ids=[track_id])
    assert await stored(db) == (1, 2, 1)


async def test_a_file_that_is_being_handed_in_is_not_deleted(connections: list[Connection]) -> None:
    """The deletion waits for a hand-in that has found a file, and then finds that it is needed."""
    saving, deleting, db = connections
    user_id = await make.user(db)
    track_id = await make.track(db, author_id=user_id)
    common = tree(main="1", common="same")
    gone = await handed_in(db, track_id, user_id, common)
    await db.execute("delete from snapshots where id = $1", gone)
    other = tree(main="2", common="same")
    async with deleting.transaction():
        async with saving.transaction():
            kept = await handed_in(saving, track_id, user_id, other)
            again = await handed_in(saving, track_id, user_id, common)
            deletion = asyncio.create_task(delete_unused(deleting, track_ids=[track_id]))
            await asyncio.sleep(0.1)
            assert not deletion.done()
        await deletion
    assert await stored(db) == (2, 3, 2)
    for snapshot_id in (kept, again):
        found = await snapshot(db, snapshot_id=snapshot_id)
        assert found is not None
        assert found.files == 2


async def test_a_deleted_track_leaves_nothing(db: Connection) -> None:
    author_id = await make.user(db)
    track_id = await make.track(db, author_id=author_id)
    await handed_in(db, track_id, author_id, tree(main="1"))
    await delete_track(db, track_id=track_id, actor=Actor(author_id), now=make.NOON)
    assert await stored(db) == (0, 0, 0)


async def test_a_deleted_account_leaves_only_what_others_have_handed_in_too(db: Connection) -> None:
    author_id, leaving, staying = await make.users(db, 3)
    track_id = await make.running_track(db, [leaving, staying], author_id=author_id)
    await handed_in(db, track_id, leaving, tree(main="secret", common="same"))
    await handed_in(db, track_id, leaving, tree(main="equal"))
    await handed_in(db, track_id, staying, tree(main="mine", common="same"))
    await handed_in(db, track_id, staying, tree(main="equal"))
    assert await stored(db) == (3, 4, 4)
    await delete_account_data(db, user_id=leaving, password_hash="none", now=make.NOON)  # No hash.
    assert await stored(db) == (2, 3, 2)
    assert not await db.fetchval("select count(*) from snapshots where user_id = $1", leaving)
