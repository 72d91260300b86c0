"""The code that participants start from."""

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.enrollment.editing import edit_track
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.starters import (
    NoStarter,
    Starter,
    copy_track,
    delete_starter,
    set_starter,
    starter_of,
)
from learning_platform.snapshots.store import contents_of, entries_of
from learning_platform.tracks.actions import AssignmentDraft, TrackChange, cancel_track
from learning_platform.tracks.rules import AssignmentNotFound, NotTheAuthor, TrackOver
from tests import make
from tests.domain.snapshots.files import tree

pytestmark = pytest.mark.anyio
ARCHIVE = Received("archive", tree=tree(main="start here"))
LINK = Received("link", repo_url="https://git.example/school/starter")
STORED = "select (select count(*) from trees), (select count(*) from blobs), (select count(*) from snapshots)"


async def given(db: Connection, assignment_id: int, author_id: int, received: Received = ARCHIVE) -> None:
    await set_starter(db, assignment_id=assignment_id, actor=Actor(author_id), received=received, now=make.NOON)


async def stored(db: Connection) -> tuple[int, ...]:
    """Return how many trees, blobs and snapshots there are."""
    return tuple(await db.fetchrow(STORED) or ())


async def found(db: Connection, assignment_id: int) -> Starter:
    starter = await starter_of(db, assignment_id=assignment_id)
    assert starter is not None
    return starter


async def test_the_author_gives_replaces_and_removes_it(db: Connection) -> None:
    author_id = await make.user(db)
    first, second = await make.assignment_ids(db, await make.track(db, author_id=author_id))
    assert await starter_of(db, assignment_id=first) is None
    await given(db, first, author_id)
    starter = await found(db, first)
    assert (starter.snapshot.state, starter.snapshot.origin, starter.snapshot.files) == ("frozen", "archive", 1)
    await given(db, first, author_id, LINK)
    assert (await found(db, first)).snapshot.state == "waiting"
    assert await stored(db) == (0, 0, 1)
    await delete_starter(db, assignment_id=first, actor=Actor(author_id), now=make.NOON)
    assert await starter_of(db, assignment_id=first) is None
    with pytest.raises(NoStarter):
        await delete_starter(db, assignment_id=second, actor=Actor(author_id), now=make.NOON)


async def test_only_the_author_and_administrators_give_one_and_only_while_the_track_is_not_over(db: Connection) -> None:
    author_id, mallory = await make.users(db, 2)
    track_id = await make.track(db, author_id=author_id)
    first, _ = await make.assignment_ids(db, track_id)
    with pytest.raises(NotTheAuthor):
        await given(db, first, mallory)
    with pytest.raises(AssignmentNotFound):
        await given(db, 999_999, author_id)
    await set_starter(db, assignment_id=first, actor=Actor(mallory, is_admin=True), received=ARCHIVE, now=make.NOON)
    await cancel_track(db, track_id=track_id, actor=Actor(author_id), now=make.NOON)
    with pytest.raises(TrackOver):
        await given(db, first, author_id)
    with pytest.raises(TrackOver):
        await delete_starter(db, assignment_id=first, actor=Actor(author_id), now=make.NOON)


async def test_a_copy_of_a_track_has_its_starters_with_their_files(db: Connection) -> None:
    author_id = await make.user(db)
    track_id = await make.track(db, author_id=author_id, durations=(1, 1, 1))
    first, _, third = await make.assignment_ids(db, track_id)
    await given(db, first, author_id)
    await given(db, third, author_id, LINK)
    copy_id = await copy_track(db, track_id=track_id, actor=Actor(author_id), now=make.NOON)
    one, two, three = await make.assignment_ids(db, copy_id)
    copied = await found(db, one)
    assert copied.tree_id is not None
    (entry,) = await entries_of(db, tree_id=copied.tree_id)
    assert entry.hash is not None
    assert await contents_of(db, track_id=copy_id, hashes=[entry.hash]) == {entry.hash: b"start here"}
    assert await starter_of(db, assignment_id=two) is None
    assert ((await found(db, three)).snapshot.state, (await found(db, three)).repo_url) == ("waiting", LINK.repo_url)


async def test_an_edited_list_of_assignments_keeps_the_starters_of_those_that_stay(db: Connection) -> None:
    author_id = await make.user(db)
    track_id = await make.track(db, author_id=author_id, durations=(1, 1, 1))
    first, second, third = await make.assignment_ids(db, track_id)
    for assignment_id in (first, third):
        await given(db, assignment_id, author_id)
    drafts = [AssignmentDraft(title, "", 2) for title in ("Task 3", "New", "Task 1")]
    change = TrackChange(assignments=drafts)
    await edit_track(db, track_id=track_id, actor=Actor(author_id), change=change, now=make.NOON)
    assert await make.assignment_ids(db, track_id) == [third, second, first]
    assert await starter_of(db, assignment_id=first) is not None
    assert await starter_of(db, assignment_id=second) is None
    only = TrackChange(assignments=[AssignmentDraft("Other", "", 2)])
    await delete_starter(db, assignment_id=third, actor=Actor(author_id), now=make.NOON)
    await edit_track(db, track_id=track_id, actor=Actor(author_id), change=only, now=make.NOON)
    assert await stored(db) == (0, 0, 0)
