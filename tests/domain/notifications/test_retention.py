"""Old emails and read notifications are removed in parts; what is unread or still to be sent stays."""

import pytest

from learning_platform.core.retention import BATCH_SIZE, Cleaner
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.mail.queue import queue_requested_email
from learning_platform.notifications.retention import retentions
from tests.conftest import test_settings
from tests.people import Person, School

pytestmark = pytest.mark.anyio


def cleaner(school: School) -> Cleaner:
    settings = test_settings("postgresql:///none", email_retention_days=30, notification_retention_days=100)
    return Cleaner(school.services.database, retentions(settings), school.clock)


async def announce_event(school: School, people: list[Person], event: str) -> None:
    announcement = Announcement(event, "track_cancelled", track_id=1, parameters={"track": event})
    async with school.services.database.transaction() as db:
        await announce(db, announcement, to=[person.id for person in people], now=school.clock.now)


async def count(school: School, table: str) -> int:
    async with school.services.database.connection() as db:
        return len(await db.fetch(f"select from {table}"))


async def test_read_notifications_go_after_their_time_and_unread_ones_stay(school: School) -> None:
    alice, bob = await school.people(2)
    for event in ("first", "second", "third"):
        await announce_event(school, [alice, bob], event)
    old = await alice.ok("GET", "/notifications")
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": old[1]["id"]})
    school.clock.advance(days=99)
    await announce_event(school, [alice], "recent")
    assert await cleaner(school).clean() == {
        "emails": 0,
        "read_notifications": 0,
        "notifications_read_singly": 0,
        "announcements": 0,
    }

    school.clock.advance(days=2)
    removed = await cleaner(school).clean()

    assert (removed["read_notifications"], removed["announcements"]) == (2, 0)
    kept = await alice.ok("GET", "/notifications")
    assert [each["read"] for each in kept] == [False, False]
    assert kept[0]["id"] == old[2]["id"]
    assert await alice.ok("GET", "/notifications", params={"after": old[0]["id"]}) == kept
    assert await alice.ok("GET", "/notifications", params={"unread": True}) == kept
    assert len(await bob.ok("GET", "/notifications", params={"unread": True})) == 3

    await bob.ok("PATCH", f"/notifications/{(await bob.ok('GET', '/notifications'))[1]['id']}", json={"read": True})
    assert (await cleaner(school).clean())["notifications_read_singly"] == 1
    everything = (await bob.ok("GET", "/notifications"))[-1]["id"]
    await bob.ok("POST", "/notifications/read", 204, json={"up_to": everything})
    removed = await cleaner(school).clean()
    assert (removed["read_notifications"], removed["announcements"]) == (2, 1)
    assert await bob.ok("GET", "/notifications") == []
    await announce_event(school, [bob], "later")
    (later,) = await bob.ok("GET", "/notifications")
    assert not later["read"]
    assert later["id"] > everything


async def test_reading_up_to_what_is_gone_never_goes_back(school: School) -> None:
    alice = await school.person()
    await announce_event(school, [alice], "old")
    (old,) = await alice.ok("GET", "/notifications")
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": old["id"]})
    school.clock.advance(days=101)
    await cleaner(school).clean()
    await alice.ok("POST", "/notifications/read", 204, json={"up_to": old["id"]})
    await announce_event(school, [alice], "new")
    assert [each["read"] for each in await alice.ok("GET", "/notifications")] == [False]


async def test_old_emails_go_unless_they_still_wait(school: School) -> None:
    alice = await school.person()
    for _ in range(5):
        async with school.services.database.transaction() as db:
            await queue_requested_email(db, user_id=alice.id, kind="reset", now=school.clock.now)
    async with school.services.database.transaction() as db:
        await db.execute("update emails set state = (array['sent', 'failed', 'skipped', 'sending', 'waiting'])[id]")
    school.clock.advance(days=31)
    assert (await cleaner(school).clean())["emails"] == 4
    assert await count(school, "emails") == 1


async def test_more_than_one_part_is_removed(school: School) -> None:
    alice = await school.person()
    async with school.services.database.transaction() as db:
        await db.execute(
            "insert into emails (user_id, kind, state, created_at, next_try_at)"
            " select $1, 'reset', 'sent', $2, $2 from generate_series(1, $3)",
            alice.id,
            school.clock.now,
            2 * BATCH_SIZE + 1,
        )
    school.clock.advance(days=31)
    assert (await cleaner(school).clean())["emails"] == 2 * BATCH_SIZE + 1
