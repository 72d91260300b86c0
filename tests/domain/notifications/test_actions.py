"""Notify users, once each, and note what they have read."""

from datetime import datetime

import pytest

from learning_platform.core.database import Connection
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.queries import (
    InboxFilter,
    InboxTrack,
    Notification,
    UnreadState,
    announcements,
    inbox,
    inbox_tracks,
    latest,
    recipients,
    unread,
    unread_of_many,
    unread_state,
)
from learning_platform.notifications.reading import mark_one, mark_read, mark_track_read
from learning_platform.notifications.rules import NotificationNotFound
from tests import make

NEVER = 2**63 - 1


async def announce_event(db: Connection, event: str, *to: int, submitted: list[int] | None = None) -> None:
    announcement = Announcement(event=event, type="track_started", track_id=7, parameters={"track": "Python"})
    await announce(db, announcement, to=to, submitted=submitted, now=make.NOON)


async def read_inbox(db: Connection, user_id: int, *, after: int = 0, limit: int = 50) -> list[Notification]:
    return await inbox(db, user_id=user_id, after=after, limit=limit)


async def ids(db: Connection, user_id: int) -> list[int]:
    return [each.id for each in await read_inbox(db, user_id)]


async def unread_ids(db: Connection, user_id: int, *, after: int = 0) -> list[int]:
    return [each.id for each in await unread(db, user_id=user_id, after=after, limit=50)]


async def test_exactly_the_recipients_are_notified(db: Connection) -> None:
    alice, bob, mallory = await make.users(db, 3)
    await announce_event(db, "started:7", alice, bob)
    for user_id in (alice, bob):
        (notification,) = await read_inbox(db, user_id)
        assert (notification.type, notification.track_id, notification.user_id) == ("track_started", 7, user_id)
        assert (notification.created_at, notification.read, notification.submitted) == (make.NOON, False, None)
    assert await read_inbox(db, mallory) == []


async def test_an_event_is_notified_once_however_often_it_is_announced(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    await announce_event(db, "started:7", alice)
    await announce_event(db, "started:7", alice, bob)
    await announce_event(db, "started:8", alice)
    assert len(await ids(db, alice)) == 2
    assert await ids(db, bob) == []


async def test_an_event_without_recipients_is_not_an_event_yet(db: Connection) -> None:
    alice = await make.user(db)
    await announce_event(db, "started:7")
    await announce_event(db, "started:7", alice)
    assert len(await ids(db, alice)) == 1


async def test_a_message_says_whether_the_reader_has_submitted(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    await announce_event(db, "warning:1", alice, bob, submitted=[bob])
    await announce_event(db, "warning:2", alice, bob, submitted=[])
    assert [each.submitted for each in await read_inbox(db, alice)] == [False, False]
    assert [each.submitted for each in await read_inbox(db, bob)] == [True, False]


async def test_words_are_said_in_the_language_their_reader_has_now(db: Connection) -> None:
    alice = await make.user(db, locale="en")
    await announce_event(db, "started:7", alice)
    (in_english,) = await read_inbox(db, alice)
    await db.execute("update users set locale = 'ru' where id = $1", alice)
    (in_russian,) = await read_inbox(db, alice)
    assert in_english.title == "“Python” has started"
    assert in_russian.title != in_english.title
    assert "“Python”" in in_english.text


async def test_an_inbox_is_read_in_pages_oldest_first(db: Connection) -> None:
    alice = await make.user(db)
    for number in range(5):
        await announce_event(db, f"event:{number}", alice)
    every = await ids(db, alice)
    assert every == sorted(every)
    assert [each.id for each in await read_inbox(db, alice, limit=2)] == every[:2]
    assert [each.id for each in await read_inbox(db, alice, after=every[1], limit=2)] == every[2:4]


async def test_what_many_have_not_read_is_what_each_of_them_has_not_read(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    for number in range(3):
        await announce_event(db, f"event:{number}", alice, bob)
    await mark_read(db, user_id=alice, up_to=(await unread_ids(db, alice))[0])
    after = {alice: 0, bob: (await unread_ids(db, bob))[0]}
    for limit in (1, 50):
        found = await unread_of_many(db, after=after, limit=limit)
        for user_id in after:
            alone = await unread(db, user_id=user_id, after=after[user_id], limit=limit)
            assert [each for each in found if each.user_id == user_id] == alone != []


async def test_what_has_been_read_stays_in_the_inbox_and_is_unread_no_more(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    for number in range(3):
        await announce_event(db, f"event:{number}", alice, bob)
    first, second, third = await ids(db, alice)
    await mark_read(db, user_id=alice, up_to=second)
    assert await unread_ids(db, alice) == [third]
    assert (await unread_state(db, user_id=alice)).count == 1
    assert [each.read for each in await read_inbox(db, alice)] == [True, True, False]
    assert await unread_ids(db, alice, after=first) == [third]
    assert await unread_ids(db, alice, after=third) == []
    assert (await unread_state(db, user_id=bob)).count == 3


async def test_the_last_read_id_never_goes_back_nor_ahead_of_the_inbox(db: Connection) -> None:
    alice = await make.user(db)
    await announce_event(db, "event:1", alice)
    await announce_event(db, "event:2", alice)
    first, _ = await ids(db, alice)
    await mark_read(db, user_id=alice, up_to=NEVER)
    await mark_read(db, user_id=alice, up_to=first)
    assert await unread_ids(db, alice) == []
    await announce_event(db, "event:3", alice)
    assert len(await unread_ids(db, alice)) == 1, "what comes later has not been read"


async def test_one_message_is_read_and_unread_without_the_others(db: Connection) -> None:
    alice, bob = await make.users(db, 2)
    for number in range(4):
        await announce_event(db, f"event:{number}", alice, bob)
    first, second, third, fourth = await ids(db, alice)
    await mark_one(db, user_id=alice, notification_id=third, is_read=True)
    assert await unread_ids(db, alice) == [first, second, fourth]
    await mark_read(db, user_id=alice, up_to=NEVER)
    changed = await mark_one(db, user_id=alice, notification_id=second, is_read=False)
    assert (changed.read, await unread_ids(db, alice)) == (False, [second])
    assert await unread_state(db, user_id=alice) == UnreadState(1, second)
    assert [each.read for each in await read_inbox(db, alice)] == [True, False, True, True]
    assert [each.id for each in await unread_of_many(db, after={alice: 0}, limit=9)] == [second]
    await announce_event(db, "event:4", alice)
    await mark_read(db, user_id=alice, up_to=second)
    assert len(await unread_ids(db, alice)) == 1, "what was read one by one stays read"
    assert len(await unread_ids(db, bob)) == 4
    for user_id, unknown in ((bob, first), (alice, NEVER)):
        with pytest.raises(NotificationNotFound):
            await mark_one(db, user_id=user_id, notification_id=unknown, is_read=True)


async def test_what_is_read_one_by_one_is_up_to_there_when_nothing_is_left_out(db: Connection) -> None:
    alice = await make.user(db)
    for number in range(3):
        await announce_event(db, f"event:{number}", alice)
    for each in reversed(await ids(db, alice)):
        await mark_one(db, user_id=alice, notification_id=each, is_read=True)
    newest = (await ids(db, alice))[-1]
    assert await db.fetchval("select read_up_to from inboxes where user_id = $1", alice) == newest


async def test_the_messages_of_one_track_are_read_up_to_what_was_shown(db: Connection) -> None:
    alice = await make.user(db)
    await announce_event(db, "event:0", alice)
    other = Announcement(event="other", type="track_started", track_id=8, parameters={"track": "Go"})
    await announce(db, other, to=[alice], now=make.NOON)
    await announce_event(db, "event:1", alice)
    first, of_other, last = await ids(db, alice)
    await mark_track_read(db, user_id=alice, track_id=7, up_to=of_other)
    assert await unread_ids(db, alice) == [of_other, last]
    assert await inbox_tracks(db, user_id=alice) == [InboxTrack(7, "Python", 1), InboxTrack(8, "Go", 1)]
    await mark_track_read(db, user_id=alice, track_id=7, up_to=NEVER)
    assert await unread_ids(db, alice) == [of_other]
    found = await latest(db, user_id=alice, before=NEVER, limit=9, wanted=InboxFilter(track_id=7))
    assert [each.id for each in found] == [last, first]


async def test_an_announcement_is_found_for_those_who_are_listening(db: Connection, now: datetime) -> None:
    alice, bob = await make.users(db, 2)
    await announce_event(db, "event:1", alice, bob)
    (notification,) = await read_inbox(db, alice)
    announcement_ids = [notification.announcement_id]
    (recipient,) = await recipients(db, announcement_ids=announcement_ids, user_ids=[alice])
    made = await announcements(db, announcement_ids=announcement_ids)
    assert recipient.to_notification(made[recipient.announcement_id]) == notification
