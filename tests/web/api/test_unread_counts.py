"""How much is unread, said to clients that ask for it, when another device of the user has read something."""

from collections.abc import AsyncIterator

import pytest

from learning_platform.web.app import create_app
from tests.conftest import test_settings
from tests.people import Person, School
from tests.web.api.live import Listener, Server, serving
from tests.web.api.test_websocket import CUT_LISTENERS, start_a_track

pytestmark = pytest.mark.anyio


@pytest.fixture
async def live_server(school: School) -> AsyncIterator[Server]:
    async with serving(school.app) as server:
        yield server


@pytest.fixture
async def elsewhere(school: School, database_url: str) -> AsyncIterator[Server]:
    """Serve the same school from a second process."""
    other = create_app(test_settings(database_url), school.clock)
    async with other.router.lifespan_context(other), serving(other) as server:
        yield server


async def ids_of(person: Person) -> list[int]:
    """Return the ids in an inbox."""
    return [each["id"] for each in await person.ok("GET", "/notifications")]


async def count(listener: Listener) -> tuple[int, int]:
    """Return the next message, which says how much is unread up to which id."""
    message = await listener.receive()
    assert message["type"] == "unread"
    return message["count"], message["up_to"]


async def test_what_is_read_on_one_device_is_counted_on_another_in_every_process(
    school: School, live_server: Server, elsewhere: Server
) -> None:
    alice, bob = await school.people(2)
    await start_a_track(school, alice, bob)
    (first, second), of_bob = await ids_of(alice), await ids_of(bob)
    async with (
        live_server.listening(alice.token, after=second, unread=True) as laptop,
        elsewhere.listening(alice.token, after=second, unread=True) as phone,
        elsewhere.listening(bob.token, after=max(of_bob), unread=True) as stranger,
    ):
        assert await count(laptop) == await count(phone) == (2, second)
        assert (await count(stranger))[0] == 2
        await alice.ok("PATCH", f"/notifications/{second}", json={"read": True})
        assert await count(laptop) == await count(phone) == (1, second)
        await alice.ok("PATCH", f"/notifications/{second}", json={"read": False})
        assert await count(laptop) == await count(phone) == (2, second)
        await phone.say({"type": "ack", "id": second})
        assert await count(laptop) == await count(phone) == (0, second)
        await school.advance(hours=8)
        assert await laptop.receive_types(1) == await phone.receive_types(1) == ["deadline_warning"]
        assert await stranger.receive_types(1) == ["deadline_warning"], "of alice's reading nothing came to bob"
    assert first < second


async def test_clients_that_do_not_ask_get_notifications_only(school: School, live_server: Server) -> None:
    alice, bob = await school.people(2)
    await start_a_track(school, alice, bob)
    _, second = await ids_of(alice)
    async with (
        live_server.listening(alice.token, after=second) as quiet,
        live_server.listening(alice.token, after=second, unread=True) as asking,
    ):
        assert await count(asking) == (2, second)
        await alice.ok("POST", "/notifications/read", 204, json={"up_to": second})
        assert await count(asking) == (0, second)
        await school.advance(hours=8)
        assert await quiet.receive_types(1) == ["deadline_warning"]


async def test_the_count_is_right_again_after_reports_were_missed(
    school: School, live_server: Server, elsewhere: Server
) -> None:
    alice, bob = await school.people(2)
    await start_a_track(school, alice, bob)
    _, second = await ids_of(alice)
    async with elsewhere.listening(alice.token, after=second, unread=True) as phone:
        assert await count(phone) == (2, second)
        async with school.services.database.transaction() as db:
            # As a process that was killed before it reported.
            await db.execute("insert into inboxes (user_id, read_up_to) values ($1, $2)", alice.id, second)
            await db.execute(CUT_LISTENERS)
        assert await count(phone) == (0, second)
