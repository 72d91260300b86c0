"""Write in the diary, and read it."""

from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.core.database import Connection
from learning_platform.diary.actions import delete_entry, edit_entry, write_entry
from learning_platform.diary.queries import entries
from learning_platform.diary.rules import EntryNotFound, Visibility
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant
from tests import make

HOUR = timedelta(hours=1)


async def write(
    db: Connection,
    assignment_id: int,
    user_id: int,
    text: str = "I learnt",
    visibility: Visibility = "private",
    now: datetime = make.NOON,
) -> int:
    entry = await write_entry(
        db, assignment_id=assignment_id, user_id=user_id, text=text, visibility=visibility, now=now
    )
    return entry.id


async def read(
    db: Connection, assignment_id: int, user_id: int, *, now: datetime, only_own: bool = False, sees_all: bool = False
) -> list[str]:
    here = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
    found = await entries(
        db, here, actor=Actor(user_id, is_admin=sees_all), only_own=only_own, after=0, limit=50, now=now
    )
    return [entry.text for entry in found]


async def test_an_entry_is_private_to_its_writer_unless_shared_and_shared_after_the_deadline(
    db: Connection, now: datetime
) -> None:
    author, alice, bob = await make.users(db, 3)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [author, alice, bob]))
    await write(db, first, alice, "secret")
    await write(db, first, alice, "shared", "track", now + HOUR)
    await write(db, first, bob, "mine", now=now + 2 * HOUR)
    assert await read(db, first, alice, now=now + HOUR) == ["secret", "shared"]
    assert await read(db, first, bob, now=now + 9 * HOUR) == ["mine"]
    assert await read(db, first, bob, now=now + 10 * HOUR) == ["shared", "mine"]
    assert await read(db, first, bob, now=now + 10 * HOUR, only_own=True) == ["mine"]
    assert await read(db, first, author, now=now + 10 * HOUR) == ["shared"]


async def test_only_participants_write_and_only_where_the_assignment_is_open(db: Connection, now: datetime) -> None:
    alice, bob, mallory = await make.users(db, 3)
    first, second = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    with pytest.raises(NotAParticipant):
        await write(db, first, mallory)
    with pytest.raises(AssignmentLocked):
        await write(db, second, alice)
    with pytest.raises(AssignmentNotFound):
        await write(db, 10**12, alice)
    with pytest.raises(NotAParticipant):
        await read(db, first, mallory, now=now)
    assert await read(db, first, mallory, now=now, sees_all=True) == []


async def test_an_entry_changes_in_the_hands_of_its_writer_alone(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    first, _ = await make.assignment_ids(db, await make.running_track(db, [alice, bob]))
    entry_id = await write(db, first, alice, "draft", "track")
    edited = await edit_entry(db, entry_id=entry_id, user_id=alice, text="done", visibility=None, now=now + HOUR)
    assert (edited.text, edited.visibility, edited.updated_at) == ("done", "track", now + HOUR)
    edited = await edit_entry(db, entry_id=entry_id, user_id=alice, text=None, visibility="private", now=now + HOUR)
    assert (edited.text, edited.visibility) == ("done", "private")
    with pytest.raises(EntryNotFound):
        await edit_entry(db, entry_id=entry_id, user_id=bob, text="mine", visibility=None, now=now)
    with pytest.raises(EntryNotFound):
        await delete_entry(db, entry_id=entry_id, user_id=bob)
    assert await read(db, first, alice, now=now) == ["done"]
    await delete_entry(db, entry_id=entry_id, user_id=alice)
    with pytest.raises(EntryNotFound):
        await delete_entry(db, entry_id=entry_id, user_id=alice)
    assert await read(db, first, alice, now=now) == []
