"""Several processes on one database; processes that are stopped, and processes that are killed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from httpx import AsyncClient

from tests.conftest import EMPTY_DATABASE, cloned_database
from tests.journeys.calendars import hasten
from tests.journeys.visitors import Listener, Visitor, listening, sign_in, visitor
from tests.people import track_json
from tests.processes import Server, free_port, scheduling, served, served_plainly

pytestmark = pytest.mark.anyio
MAX_STOP_SECONDS = 5.0
SERVICE_RESTART = 1012
# What is left of the calendar of a track whose participants have handed in once and then do nothing, after the warning.
REST_OF_THE_TRACK = ["review_started", "reviews_overdue", "deadline_warning", "review_started", "track_finished"]
CROWD = 2000
REGISTER_CROWD = """
insert into users (email, username, password_hash, locale, created_at)
select n || '@example.com', 'crowd_' || n, 'none', 'en', now() from generate_series(1, $1::int) n
"""
ENROLL_CROWD = """
insert into participants (track_id, user_id, enrolled_at)
select $1, id, now() from users where username like 'crowd%' limit $2
"""
COUNT_CROWD = """
update tracks set participants_count = participants_count + $2, required_participants = required_participants + $2
where id = $1
"""
LET_CROWD_HAND_IN = """
insert into submissions (attempt_id, assignment_id, user_id, repo_url, submitted_at)
select id, assignment_id, user_id, 'https://git.example/a/b', now() from attempts where track_id = $1
"""
HOLD_BACK_ANNOUNCEMENTS = "select pg_advisory_lock(hashtext('learning_platform.announcements'))"
LET_ANNOUNCEMENTS_GO = "select pg_advisory_unlock(hashtext('learning_platform.announcements'))"
HELD_BACK = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
BACKENDS = """
select count(*) from pg_stat_activity where datname = current_database() and application_name = 'learning_platform'
"""
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
OWING = "select count(*) from attempts where reviews_required is not null"
NOTIFIED = """
select count(*), count(distinct n.user_id) from notifications n join announcements a on a.id = n.announcement_id
where a.type = 'review_started'
"""


async def test_four_processes_starting_together_on_an_empty_database_all_serve(server: str, tmp_path: Path) -> None:
    async with cloned_database(server, EMPTY_DATABASE) as empty, AsyncExitStack() as stack:
        servers = await asyncio.gather(
            *(stack.enter_async_context(served(cwd=tmp_path, database_url=empty)) for _ in range(4))
        )
        alice = await stack.enter_async_context(visitor(servers[0], "alice"))

        for each in servers:
            async with AsyncClient(base_url=each.url) as client:
                assert (await client.get("/health")).json()["status"] == "ok"
                assert await sign_in(client, alice.username)


async def test_a_stop_with_open_sockets_takes_seconds_and_says_goodbye(database_url: str, tmp_path: Path) -> None:
    async with served(cwd=tmp_path, database_url=database_url) as web, AsyncExitStack() as stack:
        people = [await stack.enter_async_context(visitor(web)) for _ in range(2)]
        listeners = [await stack.enter_async_context(listening(web, person.token)) for person in people * 3]

        assert await web.process.stop() < MAX_STOP_SECONDS

        assert {await listener.closed() for listener in listeners} == {SERVICE_RESTART}


@pytest.mark.parametrize("run", [served, served_plainly])
async def test_a_stop_with_requests_that_never_end_takes_seconds_however_it_was_started(
    run: Callable[..., AbstractAsyncContextManager[Server]], database_url: str, tmp_path: Path
) -> None:
    db = await asyncpg.connect(database_url)
    async with run(cwd=tmp_path, database_url=database_url) as web, AsyncExitStack() as stack:
        alice = await stack.enter_async_context(visitor(web))
        await stack.enter_async_context(listening(web, alice.token))
        track = await alice.ok("POST", "/tracks", json=track_json())
        # One waits in the database, one sends half a body, one half a header.
        transaction = db.transaction()
        await transaction.start()
        await db.execute("select from tracks where id = $1 for update", track["id"])
        waiting = asyncio.create_task(alice.post(f"/tracks/{track['id']}/enroll"))
        for start in (b"POST /tracks HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{", b"GET / HTTP/1.1\r\nHo"):
            _, writer = await asyncio.open_connection("127.0.0.1", web.port)
            stack.callback(writer.close)
            writer.write(start)
            await writer.drain()
        await _until(db, WAITING, 1)

        assert await web.process.stop() < MAX_STOP_SECONDS

        await asyncio.gather(waiting, return_exceptions=True)
        assert "WebSocket" not in web.process.output
        assert "connection open" not in web.process.output
    await transaction.rollback()
    await db.close()


async def test_a_scheduler_publishes_its_own_metrics(database_url: str, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    async with scheduling(cwd=tmp_path, database_url=database_url, scheduler_metrics=address) as process:
        async with AsyncClient() as client, asyncio.timeout(30):
            metrics = ""
            while "listener_connected 1.0" not in metrics:
                metrics = (await client.get(f"http://{address}/metrics")).text
        assert "overdue_seconds 0.0" in metrics
        assert 'background_task_running{task="scheduler"} 1.0' in metrics
        assert await process.stop() < MAX_STOP_SECONDS


async def test_what_came_due_while_a_killed_process_was_down_is_announced_in_order_and_once(
    database_url: str, tmp_path: Path
) -> None:
    async with served(cwd=tmp_path, database_url=database_url) as web, AsyncExitStack() as stack:
        people = [await stack.enter_async_context(visitor(web)) for _ in range(2)]
        listener = await stack.enter_async_context(listening(web, people[0].token))
        await _start_track(people)
        await hasten(database_url, hours=9)
        warning = await listener.until("deadline_warning")
        await web.process.kill()

    await hasten(database_url, hours=1000)
    async with served(cwd=tmp_path, database_url=database_url) as web:
        async with listening(web, people[0].token, after=warning["id"]) as resumed:
            await resumed.until("track_finished")
            assert resumed.types == REST_OF_THE_TRACK
        async with Visitor(web, people[0].username, people[0].token) as again:
            types = [notification["type"] for notification in await again.inbox()]
            assert types == [*listener.types, *REST_OF_THE_TRACK]


async def test_a_process_killed_in_the_middle_of_a_big_deadline_leaves_nothing_half_done(
    database_url: str, tmp_path: Path
) -> None:
    db = await asyncpg.connect(database_url)
    async with served(cwd=tmp_path, database_url=database_url) as web, AsyncExitStack() as stack:
        people = [await stack.enter_async_context(visitor(web)) for _ in range(2)]
        await _start_crowded_track(people, db)
        await db.execute(HOLD_BACK_ANNOUNCEMENTS)
        await db.execute("delete from scheduled_events where kind = 'deadline_warning'")
        await hasten(database_url, hours=10)
        await _until(db, HELD_BACK, 1)
        await web.process.kill()
    await db.execute(LET_ANNOUNCEMENTS_GO)
    await _until(db, BACKENDS, 0)

    assert await db.fetchval(OWING) == 0

    async with (
        served(cwd=tmp_path, database_url=database_url) as web,
        listening(web, people[0].token) as listener,
    ):
        await listener.until("review_started")
        assert await db.fetchval(OWING) == CROWD + 2
        assert tuple(await db.fetchrow(NOTIFIED) or ()) == (CROWD + 2, CROWD + 2)
    await db.close()


async def test_schedulers_apart_from_the_web_share_the_work_and_one_may_be_killed(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        served(cwd=tmp_path, database_url=database_url, scheduler="off") as web,
        scheduling(cwd=tmp_path, database_url=database_url) as first,
        scheduling(cwd=tmp_path, database_url=database_url) as second,
        _class_of_two(web) as (people, listeners),
    ):
        await _start_track(people)
        await hasten(database_url, hours=9)
        for listener in listeners:
            await listener.until("deadline_warning")
        await first.kill()
        await hasten(database_url, hours=1000)

        for listener in listeners:
            await listener.until("track_finished")
            assert listener.types[3:] == REST_OF_THE_TRACK
        assert await second.stop() < MAX_STOP_SECONDS


@asynccontextmanager
async def _class_of_two(web: Server) -> AsyncIterator[tuple[list[Visitor], list[Listener]]]:
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(visitor(web)) for _ in range(2)]
        yield people, [await stack.enter_async_context(listening(web, person.token)) for person in people]


async def _start_track(people: list[Visitor]) -> None:
    """Start a track of these people; all submit immediately."""
    track_id = await _fill_track(people)
    assignments = await people[0].ok("GET", f"/tracks/{track_id}/assignments")
    for person in people:
        await person.submit(assignments[0]["id"])


async def _start_crowded_track(people: list[Visitor], db: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Start a track of these people and a crowd who never sign in; all submit immediately."""
    await db.execute(REGISTER_CROWD, CROWD)
    track_id = await _fill_track(people, db)
    await db.execute(LET_CROWD_HAND_IN, track_id)


async def _fill_track(people: list[Visitor], db: "asyncpg.Connection[asyncpg.Record] | None" = None) -> int:
    track = await people[0].ok("POST", "/tracks", json=track_json(required_participants=len(people)))
    track_id: int = track["id"]
    if db is not None:
        await db.execute(ENROLL_CROWD, track_id, CROWD)
        await db.execute(COUNT_CROWD, track_id, CROWD)
    for person in people:
        await person.ok("POST", f"/tracks/{track_id}/enroll")
    return track_id


async def _until(db: "asyncpg.Connection[asyncpg.Record]", count: str, number: int) -> None:
    """Return once a count is what is waited for."""
    async with asyncio.timeout(30):
        while await db.fetchval(count) != number:  # noqa: ASYNC110 - it is the database that changes
            await asyncio.sleep(0.01)
