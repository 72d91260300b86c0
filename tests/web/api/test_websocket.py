"""The WebSocket: everything unread first, then each thing as it happens, to every open connection of its user."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from learning_platform.notifications.queries import UNREAD_OF_MANY
from learning_platform.web.app import create_app
from learning_platform.web.live.delivery import MAX_SOCKETS_PER_USER
from learning_platform.web.live.routes import MAX_MESSAGE_LENGTH, MAX_MESSAGES
from tests.conftest import test_settings
from tests.people import HandClock, Person, School
from tests.waiting import until
from tests.web.api.live import Server, serving
from tests.web.pages.counting import counted_statements

MESSAGE = {"id", "type", "track_id", "assignment_id", "title", "text", "due_at", "submitted", "created_at", "url"}
ANNOUNCE_WITHOUT_NOTIFYING = """
with made as (
    insert into announcements (event, type, parameters, created_at)
    values (format('a test %s', $1::bigint), 'track_finished', '{"track": "x"}', $2)
    returning id
)
insert into notifications (user_id, announcement_id) select $1, id from made
"""
CUT_LISTENERS = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and query ilike 'listen%'
"""


@pytest.fixture
async def live_server(school: School) -> AsyncIterator[Server]:
    async with serving(school.app) as server:
        yield server


async def start_a_track(school: School, alice: Person, bob: Person) -> int:
    return int((await school.running_track(alice, [alice, bob]))["id"])


async def test_what_is_unread_comes_first_and_then_what_happens(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    track_id = await start_a_track(school, alice, bob)
    async with live_server.listening(alice.token) as listener:
        started, opened = await listener.receive(), await listener.receive()
        assert [started["type"], opened["type"]] == ["track_started", "assignment_opened"]
        assert started["id"] < opened["id"]
        await school.advance(hours=8)
        warning = await listener.receive()
        assert set(warning) == MESSAGE
        assert (warning["type"], warning["track_id"], warning["submitted"]) == ("deadline_warning", track_id, False)
        assert (warning["due_at"], warning["created_at"]) == ("2030-01-01T22:00:00Z", "2030-01-01T20:00:00Z")
        *_, latest = await alice.ok("GET", "/notifications")
        del latest["read"]
        assert latest == warning


async def test_a_client_resumes_after_what_it_has_seen(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    await start_a_track(school, alice, bob)
    first, second = await alice.ok("GET", "/notifications")
    async with live_server.listening(alice.token, after=first["id"]) as listener:
        assert (await listener.receive())["id"] == second["id"]
    async with live_server.listening(alice.token, after=second["id"]) as listener:
        await school.advance(hours=8)
        assert (await listener.receive())["type"] == "deadline_warning"


async def test_what_was_acknowledged_is_read_and_does_not_come_again(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    await start_a_track(school, alice, bob)
    async with live_server.listening(alice.token) as listener:
        first, second = await listener.receive(), await listener.receive()
        await listener.say({"type": "ack", "id": first["id"]})
        await school.advance(hours=8)
        warning = await listener.receive()
    assert [each["read"] for each in await alice.ok("GET", "/notifications")] == [True, False, False]
    async with live_server.listening(alice.token) as listener:
        assert [(await listener.receive())["id"] for _ in range(2)] == [second["id"], warning["id"]]


async def test_every_open_connection_of_a_user_is_notified_and_no_other(school: School, live_server: Server) -> None:
    alice, bob, mallory = await school.people(3)
    async with (
        live_server.listening(alice.token) as phone,
        live_server.listening(alice.token) as laptop,
        live_server.listening(mallory.token) as stranger,
    ):
        await start_a_track(school, alice, bob)
        assert await phone.receive_types(2) == await laptop.receive_types(2) == ["track_started", "assignment_opened"]
        await start_a_track(school, mallory, await school.person())
        assert await stranger.receive_types(2) == ["track_started", "assignment_opened"]


async def test_connections_to_another_process_are_notified_too(
    school: School, live_server: Server, database_url: str
) -> None:
    alice, bob = await school.people(2)
    other = create_app(test_settings(database_url), school.clock)
    async with (
        other.router.lifespan_context(other),
        serving(other) as elsewhere,
        elsewhere.listening(alice.token) as there,
        live_server.listening(alice.token) as here,
    ):
        await start_a_track(school, alice, bob)
        assert await there.receive_types(2) == await here.receive_types(2)


@pytest.mark.parametrize("token", ["x", "a.b.c", "%20", "eyJhbGciOiJub25lIn0.e30.", "x" * 5000])
async def test_a_bad_token_closes_with_4401(live_server: Server, token: str) -> None:
    async with live_server.listening(token) as listener:
        assert await listener.closed_with() == 4401


async def test_an_expired_token_closes_with_4401(school: School, live_server: Server) -> None:
    alice = await school.person()
    token = alice.token
    school.clock.advance(minutes=30)
    async with live_server.listening(token) as listener:
        assert await listener.closed_with() == 4401


async def test_a_token_that_runs_out_while_connected_closes_with_4401(database_url: str, clock: HandClock) -> None:
    app = create_app(test_settings(database_url, access_token_minutes=1 / 60), clock)
    async with app.router.lifespan_context(app), serving(app) as short_lived:
        alice = await School(app, clock).person()
        async with short_lived.listening(alice.token) as listener:
            assert await listener.closed_with() == 4401


async def test_signing_out_closes_the_connections_of_that_session(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    async with live_server.listening(alice.token) as mine, live_server.listening(bob.token) as others:
        await alice.ok("POST", "/logout", 204)
        assert await mine.closed_with() == 4401
        await start_a_track(school, bob, await school.person())
        assert await others.receive_types(1) == ["track_started"]
    async with live_server.listening(alice.token) as late:
        assert await late.closed_with() == 4401


async def test_a_user_who_is_blocked_is_disconnected(school: School, live_server: Server) -> None:
    alice = await school.person()
    async with live_server.listening(alice.token) as listener:
        async with school.services.database.transaction() as db:
            await db.execute("update users set blocked_at = $2 where id = $1", alice.id, school.clock.now)
        school.services.revocations.refresh()
        assert await listener.closed_with() == 4401


async def test_anything_else_a_client_says_is_ignored(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    junk: list[str | bytes] = [
        "",
        "hello",
        "{",
        "[]",
        "null",
        '{"type": "ack"}',
        '{"type": "ack", "id": "1"}',
        '{"type": "ack", "id": -1}',
        '{"type": "ack", "id": 1.5}',
        '{"type": "ack", "id": 99999999999999999999999}',
        '{"type": ["ack"], "id": 1}',
        '{"type": "\\ud800"}',
        "[" * 2000,
        b"\xff\xfe",
        b"",
    ]
    async with live_server.listening(alice.token) as listener:
        for message in junk:
            await listener.connection.send(message)
        await start_a_track(school, alice, bob)
        assert await listener.receive_types(2) == ["track_started", "assignment_opened"]
    assert [each["read"] for each in await alice.ok("GET", "/notifications")] == [False, False]


async def test_a_flood_of_messages_closes_the_connection(school: School, live_server: Server) -> None:
    alice = await school.person()
    async with live_server.listening(alice.token) as listener:
        for _ in range(MAX_MESSAGES):
            await listener.connection.send("x")
        await listener.connection.send("one too many")
        assert await listener.closed_with() == 1008


async def test_a_message_that_is_too_long_closes_the_connection(school: School, live_server: Server) -> None:
    alice = await school.person()
    async with live_server.listening(alice.token) as listener:
        await listener.connection.send("x" * (MAX_MESSAGE_LENGTH + 1))
        assert await listener.closed_with() == 1008


async def test_a_user_has_so_many_connections_and_the_oldest_goes_first(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    async with live_server.listening(alice.token) as oldest:
        others = [live_server.listening(alice.token) for _ in range(MAX_SOCKETS_PER_USER)]
        listeners = [await each.__aenter__() for each in others]
        assert await oldest.closed_with() == 1008
        await start_a_track(school, alice, bob)
        for listener in listeners:
            assert await listener.receive_types(1) == ["track_started"]
        for each in others:
            await each.__aexit__(None, None, None)
    await until(lambda: len(school.services.sockets) == 0)


async def test_what_was_announced_without_a_notification_is_delivered_later(
    school: School, live_server: Server
) -> None:
    alice, bob = await school.people(2)
    async with live_server.listening(alice.token) as listener:
        await until(school.services.notifier.is_connected.is_set)
        async with school.services.database.transaction() as db:
            await db.execute(CUT_LISTENERS)
        await start_a_track(school, alice, bob)
        assert await listener.receive_types(2) == ["track_started", "assignment_opened"]


async def test_what_many_people_missed_is_asked_for_in_one_query(school: School, live_server: Server) -> None:
    people = await school.people(4)
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(live_server.listening(person.token)) for person in people]
        await until(school.services.notifier.is_connected.is_set)
        async with school.services.database.transaction() as db:
            for person in people:
                await db.execute(ANNOUNCE_WITHOUT_NOTIFYING, person.id, school.clock.now)
        with counted_statements(also_in_background=True) as statements:
            school.services.sockets.catch_up()
            for listener in listeners:
                assert await listener.receive_types(1) == ["track_finished"]
        # What follows on the connection of the listener may ask once more.
        assert 1 <= statements.count(UNREAD_OF_MANY) <= 2 < len(people)


async def test_what_was_missed_is_delivered_together_with_a_new_notification(
    school: School, live_server: Server
) -> None:
    alice, bob = await school.people(2)
    async with live_server.listening(alice.token) as listener:
        await start_a_track(school, alice, bob)
        assert await listener.receive_types(2) == ["track_started", "assignment_opened"]
        async with school.services.database.transaction() as db:
            await db.execute(ANNOUNCE_WITHOUT_NOTIFYING, alice.id, school.clock.now)
        school.services.sockets.catch_up()
        school.services.sockets.announced("1")
        assert await listener.receive_types(1) == ["track_finished"]
