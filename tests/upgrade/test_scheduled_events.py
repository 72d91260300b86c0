"""What was pending before scheduled times became rows (0012) is pending after it, and the other way round."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, prepare_connection
from learning_platform.core.migrate import MIGRATIONS, migrate
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks.actions import cancel_track
from tests import make
from tests.conftest import EMPTY_DATABASE, address
from tests.events import close_hand_in, pending, remind, warn

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
BEFORE = "0011"
# What an earlier version left behind: a personal deadline that the common one has overtaken, and begun without it.
OVERTAKEN = """
update extensions set due_at = $2::timestamptz, review_pending = true, warning_pending = false, reminder_pending = false
where user_id = $1
"""
STARTED = "select position, review_started_at from assignments where track_id = $1 order by position"


@pytest.fixture
async def url(server: str) -> AsyncIterator[str]:
    maintenance, name = await asyncpg.connect(server), f"schedule_{uuid4().hex[:12]}"
    await maintenance.execute(f"create database {name} template {EMPTY_DATABASE}")
    try:
        await migrate(address(server, name))
        yield address(server, name)
    finally:
        await maintenance.execute(f"drop database {name} with (force)")
        await maintenance.close()


async def test_a_school_in_the_middle_of_its_tracks_has_the_same_events_pending(url: str) -> None:
    db = await _connected(url)
    tracks = await _school(db)
    before, started = [await pending(db, track_id) for track_id in tracks], await db.fetch(STARTED, tracks[0])
    assert [len(events) for events in before] == [9, 9, 0]
    await db.close()

    await _migrated(url, to=BEFORE)
    await _migrated(url, to="head")

    db = await _connected(url)
    assert [await pending(db, track_id) for track_id in tracks] == before
    assert await db.fetch(STARTED, tracks[0]) == started
    assert not await warn(db, await _first(db, tracks[0]), make.NOON + 11 * HOUR), "it was announced before"
    await db.close()


async def test_a_review_stage_that_was_still_to_begin_for_one_participant_begins(url: str) -> None:
    db = await _connected(url)
    track_id, *_ = await _school(db)
    (late,) = {user_id for _, _, user_id, _ in await pending(db, track_id) if user_id is not None}
    await db.close()
    await _migrated(url, to=BEFORE)
    db = await _connected(url)
    await db.execute(OVERTAKEN, late, make.NOON + 9 * HOUR)
    await db.close()

    await _migrated(url, to="head")

    db = await _connected(url)
    first = await _first(db, track_id)
    own = [event for event in await pending(db, track_id) if event[2] == late]
    assert own == [("review_start", first, late, make.NOON + 10 * HOUR)]
    assert await close_hand_in(db, first, make.NOON + 11 * HOUR, user_id=late)
    assert (await make.inbox(db, late))[-1] == "review_started"
    await db.close()


async def _school(db: Connection) -> list[int]:
    """Make a track in review with one participant still at work, one that has just begun, and a cancelled one."""
    admin = await make.user(db, role="admin")
    people = await make.users(db, 5)
    reviewing, begun, cancelled = [await make.running_track(db, people) for _ in range(3)]
    first = await _first(db, reviewing)
    for user_id in people[:4]:
        await make.hand_in(db, first, user_id)
    for user_id in people[3:]:
        await _grant(db, first, user_id, by=admin, until=make.NOON + 19 * HOUR)
    assert await warn(db, first, make.NOON + 8 * HOUR)
    assert await close_hand_in(db, first, make.NOON + 10 * HOUR)
    await leave_for_good(db, track_id=reviewing, user_id=people[3], now=make.NOON + 11 * HOUR)
    assert await remind(db, first, make.NOON + 18 * HOUR)
    await cancel_track(db, track_id=cancelled, actor=Actor(people[0]), now=make.NOON + 11 * HOUR)
    return [reviewing, begun, cancelled]


async def _first(db: Connection, track_id: int) -> int:
    return (await make.assignment_ids(db, track_id))[0]


async def _grant(db: Connection, assignment_id: int, user_id: int, *, by: int, until: datetime) -> None:
    username = await db.fetchval("select username from users where id = $1", user_id)
    await grant_extension(
        db,
        assignment_id=assignment_id,
        username=username,
        due_at=until,
        reason="Moving house",
        actor=Actor(by, is_admin=True),
        now=make.NOON,
    )


async def _connected(url: str) -> Connection:
    db = await asyncpg.connect(url)
    await prepare_connection(db)
    return db


async def _migrated(url: str, *, to: str) -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = url
    move = command.upgrade if to == "head" else command.downgrade
    await asyncio.to_thread(move, configuration, to)
